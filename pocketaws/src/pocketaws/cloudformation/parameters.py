"""Validates template parameters and resolves their values.

Source: CloudFormation user guide, "CloudFormation template Parameters syntax" and "Specify existing
resources at runtime with CloudFormation-supplied parameter types".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .template import Template, format_error, invalid

_SSM_VALUE = re.compile(r"AWS::SSM::Parameter::Value<(.+)>")
_LIST = re.compile(r"List<(.+)>")
# Types whose values are IDs of resources in the account.
_AWS_TYPES = {
    "AWS::EC2::AvailabilityZone::Name", "AWS::EC2::Image::Id", "AWS::EC2::Instance::Id",
    "AWS::EC2::KeyPair::KeyName", "AWS::EC2::SecurityGroup::GroupName",
    "AWS::EC2::SecurityGroup::Id", "AWS::EC2::Subnet::Id", "AWS::EC2::Volume::Id",
    "AWS::EC2::VPC::Id", "AWS::Route53::HostedZone::Id",
}  # fmt: skip
_ID_PREFIXES = {
    "AWS::EC2::Image::Id": "ami-",
    "AWS::EC2::Instance::Id": "i-",
    "AWS::EC2::SecurityGroup::Id": "sg-",
    "AWS::EC2::Subnet::Id": "subnet-",
    "AWS::EC2::Volume::Id": "vol-",
    "AWS::EC2::VPC::Id": "vpc-",
}
_PLAIN = {"String", "Number", "CommaDelimitedList", "List<Number>"}
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)")
_MAX_VALUE_BYTES = 4096
_NUMBERS = ("MinLength", "MaxLength", "MinValue", "MaxValue")
_ATTRIBUTES = {
    "Type", "Default", "NoEcho", "Description", "AllowedValues", "AllowedPattern",
    "ConstraintDescription", *_NUMBERS,
}  # fmt: skip
_SCALARS = (str, int, float, bool)


@dataclass(frozen=True)
class Parameter:
    """A stack's parameter: the text that was passed, and the resolved value."""

    key: str
    text: str
    value: Any
    """The value of ``Ref``: text or a list of text."""
    no_echo: bool = False
    resolved: str | None = None
    """For the types ``AWS::SSM::Parameter::Value<…>``: the SSM parameter's value."""


def resolve(
    template: Template,
    given: list[dict[str, Any]],
    previous: Mapping[str, Parameter],
    ssm_value: Callable[[str], str],
) -> dict[str, Parameter]:
    """Resolve all of a template's parameters, by key.

    ``given`` is the request's list. ``previous`` has the stack's parameters for
    ``UsePreviousValue``. ``ssm_value`` returns the value of an SSM parameter. Raises ``AwsError``
    ``ValidationError``.
    """
    texts = _texts(template, given, previous)
    missing = [name for name in template.parameters if name not in texts]
    if missing:
        raise invalid(f"Parameters: [{', '.join(missing)}] must have values")
    return {
        name: _resolve_one(name, declared, texts[name], ssm_value)
        for name, declared in template.parameters.items()
    }


def _texts(
    template: Template, given: list[dict[str, Any]], previous: Mapping[str, Parameter]
) -> dict[str, str]:
    texts: dict[str, str] = {}
    unknown = []
    for each in given:
        key = each.get("ParameterKey", "")
        if key not in template.parameters:
            unknown.append(key)
        elif key in texts:
            raise invalid(f"Parameter {key} is specified more than once")
        else:
            texts[key] = _given_text(key, each, previous)
    if unknown:
        raise invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    for name, declared in template.parameters.items():
        if name not in texts and "Default" in declared:
            texts[name] = _scalar_text(declared["Default"])
    return texts


def _given_text(key: str, each: dict[str, Any], previous: Mapping[str, Parameter]) -> str:
    wrong = f"Invalid input for parameter key {key}. "
    if each.get("UsePreviousValue"):
        if "ParameterValue" in each:
            raise invalid(
                f"{wrong}Cannot specify usePreviousValue as true and non empty value for a parameter"
            )
        if key not in previous:
            raise invalid(
                f"{wrong}Cannot specify usePreviousValue as true for a parameter key not in the "
                "previous template"
            )
        return previous[key].text
    if "ParameterValue" not in each:
        raise invalid(f"{wrong}Either specify a string value or usePreviousValue as true")
    return str(each["ParameterValue"])


def _scalar_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_scalar_text(each) for each in value)
    return str(value)


def check_declarations(template: Template) -> None:
    """Raise ``AwsError`` for invalid parameter declarations."""
    for name, declared in template.parameters.items():
        _check_forms(name, declared)
        type_ = declared["Type"]
        inner = _SSM_VALUE.fullmatch(type_)
        bare = inner[1] if inner else type_
        of_list = _LIST.fullmatch(bare)
        if (
            bare not in _PLAIN | _AWS_TYPES | {"AWS::SSM::Parameter::Name"}
            and not (of_list and of_list[1] in _AWS_TYPES | {"String", "Number"})
        ) or (bare == "List<String>" and not inner):
            raise format_error(f"Unrecognized parameter type: {type_}")
        if "Default" in declared and not inner:
            _check(name, declared, type_, _scalar_text(declared["Default"]))


def _check_forms(name: str, declared: Mapping[str, Any]) -> None:
    """Raise ``AwsError`` if a declaration's attributes have the wrong type."""
    for key, value in declared.items():
        if key not in _ATTRIBUTES:
            raise invalid(f"Invalid template parameter property '{key}'")
        if key == "Type":
            right = isinstance(value, str)
        elif key == "AllowedValues":
            right = isinstance(value, list) and all(isinstance(each, _SCALARS) for each in value)
        elif key in _NUMBERS:
            right = isinstance(value, _SCALARS) and _NUMBER.fullmatch(str(value)) is not None
        else:
            right = isinstance(value, _SCALARS)
        if not right:
            raise format_error(f"[/Parameters/{name}/{key}] {key} is malformed.")
    _pattern(name, declared)


def _pattern(name: str, declared: Mapping[str, Any]) -> re.Pattern[str] | None:
    pattern = declared.get("AllowedPattern")
    if pattern is None:
        return None
    try:
        return re.compile(str(pattern))
    except re.error as error:
        raise format_error(
            f"[/Parameters/{name}/AllowedPattern] {pattern} is not a valid pattern."
        ) from error


def _resolve_one(
    name: str, declared: Mapping[str, Any], text: str, ssm_value: Callable[[str], str]
) -> Parameter:
    no_echo = _scalar_text(declared.get("NoEcho", False)).lower() == "true"
    type_ = str(declared["Type"])
    if len(text.encode()) > _MAX_VALUE_BYTES:
        raise invalid(f"Parameter '{name}' must not be larger than {_MAX_VALUE_BYTES} bytes")
    inner = _SSM_VALUE.fullmatch(type_)
    if inner is None:
        return Parameter(name, text, _check(name, declared, type_, text), no_echo)
    _check(name, declared, "String", text)
    held = ssm_value(text)
    return Parameter(name, text, _check(name, {}, inner[1], held), no_echo, held)


def _check(name: str, declared: Mapping[str, Any], type_: str, text: str) -> Any:
    """Convert text to the parameter's value; raises ``AwsError`` if it violates a constraint."""
    is_list = type_ == "CommaDelimitedList" or _LIST.fullmatch(type_) is not None
    items = [item.strip() for item in text.split(",")] if is_list else [text]
    if is_list and text == "":
        items = []
    inner = _LIST.fullmatch(type_)
    of = inner[1] if inner else type_
    description = declared.get("ConstraintDescription")
    for item in items:
        problem = _problem(name, declared, of, item)
        if problem is not None:
            if description is not None:
                raise invalid(f"Parameter {name} failed to satisfy constraint: {description}")
            raise invalid(problem)
    return items if is_list else text


def _problem(name: str, declared: Mapping[str, Any], of: str, item: str) -> str | None:
    allowed = declared.get("AllowedValues")
    if allowed is not None and item not in [_scalar_text(each) for each in allowed]:
        return f"Parameter '{name}' must be one of AllowedValues"
    if of == "Number":
        return _number_problem(name, declared, item)
    prefix = _ID_PREFIXES.get(of)
    if prefix is not None and not item.startswith(prefix):
        return (
            f"Parameter validation failed: parameter value {item} for parameter name {name} does not "
            "exist"
        )
    return _text_problem(name, declared, item)


def _text_problem(name: str, declared: Mapping[str, Any], item: str) -> str | None:
    pattern = _pattern(name, declared)
    if pattern is not None and pattern.fullmatch(item) is None:
        return f"Parameter '{name}' must match pattern {pattern.pattern}"
    if len(item) < float(declared.get("MinLength", 0)):
        return f"Parameter '{name}' must contain at least {declared['MinLength']} characters"
    if len(item) > float(declared.get("MaxLength", len(item))):
        return f"Parameter '{name}' must contain at most {declared['MaxLength']} characters"
    return None


def _number_problem(name: str, declared: Mapping[str, Any], item: str) -> str | None:
    if _NUMBER.fullmatch(item) is None:
        return f"Parameter '{name}' must be a number."
    if float(item) < float(declared.get("MinValue", item)):
        return f"Parameter '{name}' must be a number not less than {declared['MinValue']}"
    if float(item) > float(declared.get("MaxValue", item)):
        return f"Parameter '{name}' must be a number not greater than {declared['MaxValue']}"
    return None
