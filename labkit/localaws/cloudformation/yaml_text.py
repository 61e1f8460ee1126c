"""Template text to plain values: JSON, or YAML with the short forms of the intrinsic functions.

Source: CloudFormation user guide, "Template format" (YAML 1.1 without timestamps, sets, ordered maps
and hash merges) and "Intrinsic function reference" (short forms).
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


class _Loader(yaml.CSafeLoader):
    """YAML as CloudFormation reads it: dates stay text, ``!Sub`` and its like become long forms."""


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
    """The values in a template's text; raises ``AwsError`` ``ValidationError`` where it is malformed."""
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            where = f"(line {error.lineno}, column {error.colno})"
            raise AwsError(
                "ValidationError", f"Template format error: JSON not well-formed. {where}"
            ) from error
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - the loader is a safe one
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise AwsError(
            "ValidationError", f"Template format error: YAML not well-formed.{where}"
        ) from error
    except (ValueError, TypeError, RecursionError) as error:  # such as an unhashable key
        raise AwsError("ValidationError", "Template format error: YAML not well-formed.") from error
