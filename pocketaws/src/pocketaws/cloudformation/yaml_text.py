"""Parses template text: JSON, or YAML with the intrinsic functions' short forms.

Source: CloudFormation user guide, "Template format" (YAML 1.1 without timestamps, sets, ordered
maps and hash merges) and "Intrinsic function reference" (short forms).
"""

from __future__ import annotations

import json
from typing import Any

import yaml

from ..errors import AwsError

_SHORT_FORMS = {
    "Ref": "Ref",
    "Condition": "Condition",
    **{
        name: f"Fn::{name}"
        for name in (
            "And", "Base64", "Cidr", "Equals", "FindInMap", "GetAtt", "GetAZs", "If", "ImportValue",
            "Join", "Not", "Or", "Select", "Split", "Sub", "Transform", "Length", "ToJsonString",
        )
    },
}  # fmt: skip


_NO_ALIASES = "YAML aliases are not allowed in CloudFormation templates"
# Anything deeper isn't a template, and would exhaust the stack of recursive functions.
_MAX_DEPTH = 100
_TOO_DEEP = "Template format error: unsupported structure."


class _Loader(yaml.CSafeLoader):
    """YAML as CloudFormation reads it.

    Dates and all keys stay text, short forms such as ``!Sub`` become long forms, and aliases are an
    error.
    """

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: FBT001, FBT002
        if node in self.constructed_objects:  # only an alias leads to the same node twice
            raise yaml.constructor.ConstructorError(None, None, _NO_ALIASES, node.start_mark)
        return super().construct_object(node, deep)

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002
    ) -> dict[Any, Any]:
        return {
            key.value if isinstance(key, yaml.ScalarNode) else self._no_key(key): (
                self.construct_object(value, deep)
            )
            for key, value in node.value
        }

    def _no_key(self, node: yaml.Node) -> str:
        problem = "a key that is not text"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _short_form(loader: yaml.CSafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = _SHORT_FORMS.get(suffix)
    if name is None:
        problem = f"could not determine a constructor for the tag !{suffix}"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = list(value.partition(".")[::2])
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)  # noqa: S101 - YAML has three kinds of nodes
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


_Loader.add_multi_constructor("!", _short_form)


def load(text: str) -> Any:
    """Parse a template's text; raises ``AwsError`` ``ValidationError`` if it's malformed."""
    value = _load_json(text) if text.lstrip().startswith("{") else _load_yaml(text)
    _check_depth(value)
    return value


def _load_json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f" (line {error.lineno}, column {error.colno})"
        raise _malformed("JSON", where) from error
    except RecursionError as error:
        raise _malformed("JSON", "") from error


def _load_yaml(text: str) -> Any:
    try:
        _refuse_deep(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - the loader is a safe one
    except yaml.YAMLError as error:
        if getattr(error, "problem", None) == _NO_ALIASES:
            raise AwsError("ValidationError", f"Template format error: {_NO_ALIASES}") from error
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise _malformed("YAML", where) from error
    except (ValueError, RecursionError) as error:  # such as an invalid date or number
        raise _malformed("YAML", "") from error


def _refuse_deep(text: str) -> None:
    """Check the nesting with events first: libyaml's own recursion would overflow the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            raise AwsError("ValidationError", _TOO_DEEP)


def _malformed(language: str, where: str) -> AwsError:
    return AwsError("ValidationError", f"Template format error: {language} not well-formed.{where}")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [
            item
            for each in level
            if isinstance(each, dict | list)
            for item in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise AwsError("ValidationError", _TOO_DEEP)
