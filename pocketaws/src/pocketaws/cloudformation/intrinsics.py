"""Evaluates the intrinsic functions in templates.

Source: CloudFormation user guide, "Intrinsic function reference", "Pseudo parameters reference",
"Using dynamic references".
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from .template import invalid

# ``${!…}`` is literal whatever it contains: scripts often have ``${!NAME:-$(command)}``.
_PLACEHOLDER = re.compile(r"\$\{(!(?=[^{}]*\})|(?=[^${}]*\}))([^{}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:([^:}]+):([^}]*)\}\}")
NO_VALUE = object()
"""Stands for ``AWS::NoValue`` until the property that holds it is dropped."""


class Scope(Protocol):
    """The meaning of names while a template is evaluated."""

    mappings: Mapping[str, Any]
    conditions: Mapping[str, bool]

    def ref(self, name: str) -> Any:
        """Return the value of a parameter, a resource's ``Ref``, or a pseudo parameter."""
        ...

    def attribute(self, resource: str, name: str) -> Any: ...

    def import_value(self, name: str) -> str: ...

    def zones(self, region: str) -> list[str]: ...

    def dynamic(self, service: str, key: str) -> str:
        """Return the value of ``{{resolve:service:key}}``."""
        ...


def evaluate(node: Any, scope: Scope) -> Any:
    """Evaluate every intrinsic function in a template value.

    Raises ``AwsError`` ``ValidationError`` with AWS's message for an invalid use.
    """
    if isinstance(node, dict):
        function = _function_of(node)
        if function is not None:
            return function(next(iter(node.values())), scope)
        found = {key: evaluate(value, scope) for key, value in node.items()}
        return {key: value for key, value in found.items() if value is not NO_VALUE}
    if isinstance(node, list):
        items = [evaluate(item, scope) for item in node]
        return [item for item in items if item is not NO_VALUE]
    if isinstance(node, str) and "{{resolve:" in node:
        return _DYNAMIC.sub(lambda found: scope.dynamic(found[1], found[2]), node)
    return node


def evaluate_condition(node: Any, scope: Scope) -> bool:
    """Evaluate a condition function."""
    if isinstance(node, dict) and len(node) == 1:
        ((name, argument),) = node.items()
        if name == "Condition":
            return _named_condition(argument, scope)
        if name == "Fn::Equals":
            left, right = _arguments(name, argument, 2)
            return _text(evaluate(left, scope)) == _text(evaluate(right, scope))
        if name == "Fn::Not":
            return not evaluate_condition(_arguments(name, argument, 1)[0], scope)
        if name in {"Fn::And", "Fn::Or"}:
            if not isinstance(argument, list) or not 2 <= len(argument) <= 10:
                raise invalid(
                    f"Template error: every {name} object requires a list of at least 2 and at most "
                    "10 boolean parameters."
                )
            found = [evaluate_condition(each, scope) for each in argument]
            return all(found) if name == "Fn::And" else any(found)
    raise invalid("Template error: conditions must be boolean functions")


def references(node: Any) -> set[str]:
    """Return the names of all parameters, resources, and pseudo parameters in a value."""
    found: set[str] = set()
    _collect(node, found)
    return found


def attribute_references(node: Any) -> set[tuple[str, str]]:
    """Return every ``(resource, attribute)`` pair in a value's ``Fn::GetAtt``."""
    found: set[tuple[str, str]] = set()
    _collect_attributes(node, found)
    return found


def used_conditions(node: Any) -> set[str]:
    """Return the names of the conditions that a value uses in ``Fn::If`` and ``Condition``."""
    found: set[str] = set()
    if isinstance(node, dict):
        if len(node) == 1:
            ((name, argument),) = node.items()
            if name == "Condition" and isinstance(argument, str):
                return {argument}
            if name == "Fn::If" and isinstance(argument, list) and argument:
                found.add(str(argument[0]))
        for value in node.values():
            found |= used_conditions(value)
    elif isinstance(node, list):
        for item in node:
            found |= used_conditions(item)
    return found


def _collect(node: Any, found: set[str]) -> None:
    if isinstance(node, list):
        for item in node:
            _collect(item, found)
    elif isinstance(node, dict):
        if len(node) == 1:
            ((name, argument),) = node.items()
            if name == "Ref" and isinstance(argument, str):
                found.add(argument)
                return
            if name == "Fn::GetAtt":
                found.add(_attribute_of(argument)[0])
                return
            if name == "Fn::Sub":
                found.update(text.partition(".")[0] for text in _placeholders(argument))
        for value in node.values():
            _collect(value, found)


def _collect_attributes(node: Any, found: set[tuple[str, str]]) -> None:
    if isinstance(node, list):
        for item in node:
            _collect_attributes(item, found)
    elif isinstance(node, dict):
        if len(node) == 1:
            ((name, argument),) = node.items()
            if name == "Fn::GetAtt":
                found.add(_attribute_of(argument))
                return
            if name == "Fn::Sub":
                for text in _placeholders(argument):
                    resource, dot, attribute = text.partition(".")
                    if dot:
                        found.add((resource, attribute))
        for value in node.values():
            _collect_attributes(value, found)


def _placeholders(argument: Any) -> list[str]:
    """Return the names in a ``Fn::Sub`` that its own map doesn't define."""
    text, own = _sub_parts(argument)
    names = [found[2].strip() for found in _PLACEHOLDER.finditer(text) if not found[1]]
    return [name for name in names if name not in own]


def _attribute_of(argument: Any) -> tuple[str, str]:
    if isinstance(argument, str):
        argument = list(argument.partition(".")[::2])
    if (
        not isinstance(argument, list)
        or len(argument) < 2
        or not all(isinstance(each, str) for each in argument)
        or not argument[1]
    ):
        raise invalid(
            "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource "
            "name and the resource attribute"
        )
    return argument[0], ".".join(argument[1:])


_SUB_FORM = (
    "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify "
    "a string as first argument, and an optional second argument to specify a mapping of values to "
    "replace in the string"
)


def _function_of(node: dict[str, Any]) -> Callable[[Any, Scope], Any] | None:
    names = [name for name in node if isinstance(name, str) and _looks_intrinsic(name)]
    if not names:
        return None
    if len(node) > 1:
        raise invalid(f"Template error: {names[0]} cannot be combined with other keys")
    function = _FUNCTIONS.get(names[0])
    if function is None:
        raise invalid(f"Template error: {names[0]} is not supported here")
    return function


def _looks_intrinsic(name: str) -> bool:
    return name == "Ref" or name.startswith("Fn::")


def _arguments(name: str, argument: Any, count: int) -> list[Any]:
    if not isinstance(argument, list) or len(argument) != count:
        raise invalid(f"Template error: {name} must have {count} arguments in a list.")
    return argument


def _text(value: Any) -> Any:
    """Convert a scalar to text, as CloudFormation does to compare and join values."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return value


def _string(name: str, value: Any) -> str:
    text = _text(value)
    if not isinstance(text, str):
        raise invalid(f"Template error: every {name} object must have a string where it takes one.")
    return text


def _named_condition(name: Any, scope: Scope) -> bool:
    if name not in scope.conditions:
        raise invalid(f"Template format error: Unresolved condition dependency {name}")
    return scope.conditions[name]


def _ref(argument: Any, scope: Scope) -> Any:
    if not isinstance(argument, str):
        raise invalid("Template format error: All Ref References must be of type string")
    return NO_VALUE if argument == "AWS::NoValue" else scope.ref(argument)


def _get_att(argument: Any, scope: Scope) -> Any:
    if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):
        argument = [argument[0], evaluate(argument[1], scope)]  # the name can be a Ref
    return scope.attribute(*_attribute_of(argument))


def _if(argument: Any, scope: Scope) -> Any:
    if not isinstance(argument, list) or len(argument) != 3:
        raise invalid("Template error: Fn::If requires a list argument with three elements")
    name, yes, no = argument
    return evaluate(yes if _named_condition(name, scope) else no, scope)


def _sub_parts(argument: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(argument, str):
        return argument, {}
    match argument:
        case [str() as text, dict() as variables]:
            return text, variables
    raise invalid(_SUB_FORM)


def _sub(argument: Any, scope: Scope) -> str:
    text, variables = _sub_parts(argument)
    own = {name: evaluate(value, scope) for name, value in variables.items()}

    def value_of(found: re.Match[str]) -> str:
        literal, name = found[1], found[2].strip()
        if literal:
            return "${" + found[2] + "}"
        if name in own:
            value = own[name]
        elif "." in name:
            value = scope.attribute(*_attribute_of(name))
        else:
            value = scope.ref(name)
        if isinstance(value, list):
            value = ",".join(str(_text(each)) for each in value)
        return _string("Fn::Sub", value)

    return _DYNAMIC.sub(
        lambda found: scope.dynamic(found[1], found[2]), _PLACEHOLDER.sub(value_of, text)
    )


def _join(argument: Any, scope: Scope) -> str:
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):
        raise invalid(
            "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and "
            "(2) a list of strings to be joined or a function that returns a list of strings (such as "
            "Fn::GetAZs) to be joined."
        )
    items = _list("Fn::Join", evaluate(argument[1], scope))
    joined = argument[0].join(_string("Fn::Join", item) for item in items)
    return _DYNAMIC.sub(lambda found: scope.dynamic(found[1], found[2]), joined)


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise invalid(f"Template error: every {name} object requires a list where it takes one.")
    return value


def _select(argument: Any, scope: Scope) -> Any:
    index, items = _arguments("Fn::Select", argument, 2)
    found = _list("Fn::Select", evaluate(items, scope))
    number = _text(evaluate(index, scope))
    if not isinstance(number, str) or not number.isdecimal() or int(number) >= len(found):
        raise invalid(
            f"Template error: Fn::Select cannot select nonexistent value at index {number}"
        )
    return found[int(number)]


def _split(argument: Any, scope: Scope) -> list[str]:
    delimiter, text = _arguments("Fn::Split", argument, 2)
    if not isinstance(delimiter, str) or not delimiter:
        raise invalid(
            "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and "
            "(2) a string to be split or a function that returns a string to be split."
        )
    return _string("Fn::Split", evaluate(text, scope)).split(delimiter)


def _find_in_map(argument: Any, scope: Scope) -> Any:
    if not isinstance(argument, list) or len(argument) != 3:
        raise invalid(
            "Template error: every Fn::FindInMap object requires three parameters, the map name, map key "
            "and the attribute for return value"
        )
    name, first, second = (_text(evaluate(each, scope)) for each in argument)
    rows = scope.mappings.get(name)
    if not isinstance(rows, dict):
        raise invalid(
            f"Template error: Mapping named '{name}' is not present in the 'Mappings' section of template."
        )
    row = rows.get(first)
    if not isinstance(row, dict) or second not in row:
        raise invalid(f"Template error: Unable to get mapping for {name}::{first}::{second}")
    return row[second]


def _base64(argument: Any, scope: Scope) -> str:
    text = _string("Fn::Base64", evaluate(argument, scope))
    return base64.b64encode(text.encode()).decode()


def _cidr(argument: Any, scope: Scope) -> list[str]:
    if not isinstance(argument, list) or len(argument) not in {2, 3}:
        raise invalid("Template error: every Fn::Cidr object requires two or three parameters")
    block, count, *bits = (_text(evaluate(each, scope)) for each in argument)
    try:
        network = ipaddress.ip_network(block)
        wanted = int(count)
        host_bits = int(bits[0]) if bits else (8 if network.version == 4 else 64)
        subnets = network.subnets(new_prefix=network.max_prefixlen - host_bits)
        found = [str(subnet) for subnet, _ in zip(subnets, range(wanted), strict=False)]
    except ValueError as error:
        raise invalid(f"Template error: Fn::Cidr: {error}") from error
    if not 1 <= wanted <= 256 or len(found) < wanted:
        raise invalid(f"Template error: Fn::Cidr cannot make {wanted} blocks out of {block}")
    return found


def _get_azs(argument: Any, scope: Scope) -> list[str]:
    region = _string("Fn::GetAZs", evaluate(argument, scope))
    return scope.zones(region or scope.ref("AWS::Region"))


def _import_value(argument: Any, scope: Scope) -> str:
    return scope.import_value(_string("Fn::ImportValue", evaluate(argument, scope)))


_FUNCTIONS: dict[str, Callable[[Any, Scope], Any]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::FindInMap": _find_in_map,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::GetAZs": _get_azs,
    "Fn::ImportValue": _import_value,
}
