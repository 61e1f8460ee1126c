"""``aws sts get-caller-identity``, and how answers are printed.

Source: AWS CLI user guide, "Setting the output format in the AWS CLI", "Filtering output in the AWS CLI".
"""

from __future__ import annotations

import json
from typing import Any

import jmespath  # type: ignore[import-untyped]
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]

from .cli import USAGE_STATUS, Cli, CliError
from .words import USAGE, positionals


def get_caller_identity(cli: Cli, words: list[str]) -> int:
    """Print who one is."""
    positionals(words, 0, USAGE)
    query = _compiled(cli.query)
    answer: Any = cli.call("sts", "GetCallerIdentity")
    if query is not None:
        answer = query.search(answer)
    if cli.output == "text":
        cli.run.out("".join(f"{line}\n" for line in _lines(answer)))
    elif answer not in ({}, None) or cli.query is not None:
        cli.run.out(json.dumps(answer, indent=4, ensure_ascii=False) + "\n")
    return 0


def _compiled(query: str | None) -> Any:
    if query is None:
        return None
    try:
        return jmespath.compile(query)
    except JMESPathError as error:
        raise CliError(f"Bad value for --query {query}: {error}", USAGE_STATUS) from error


def _lines(value: Any) -> list[str]:
    """A value as lines of fields with tabs between them; of an object, in the order of its names."""
    if isinstance(value, dict):
        return ["\t".join(_field(value[name]) for name in sorted(value))]
    if isinstance(value, list):
        if any(isinstance(each, (dict, list)) for each in value):
            return [line for each in value for line in _lines(each)]
        return ["\t".join(_field(each) for each in value)]
    return [_field(value)]


def _field(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
