"""Parses a query into a syntax tree.

Source: Athena user guide, "SQL reference for Athena"; the messages are Athena's.
"""

from __future__ import annotations

import logging
import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from .failure import MalformedQueryError, UnsupportedStatementError

# Athena statements that sqlglot leaves unparsed. Any other unparsed command is malformed.
_COMMANDS = {
    "ALTER", "CALL", "DEALLOCATE", "EXECUTE", "EXPLAIN", "MSCK", "OPTIMIZE", "PREPARE", "SHOW",
    "UNLOAD", "VACUUM",
}  # fmt: skip
_KNOWN = (
    exp.Alter,
    exp.Create,
    exp.Delete,
    exp.Describe,
    exp.Drop,
    exp.Insert,
    exp.Merge,
    exp.Update,
)
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|(`[^`]*`?)""", re.DOTALL)
_WORD = re.compile(r"\s*([A-Za-z]+|\S)")

# sqlglot logs a warning for what it doesn't support; the caller gets an error instead.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


def parse(text: str) -> exp.Query:
    """Parse a query. The tree carries the original text (``meta["text"]``) for positions.

    Raises ``MalformedQueryError`` if the text isn't an Athena statement, and
    ``UnsupportedStatementError`` if it's a statement other than a query.
    """
    try:
        statements = [each for each in sqlglot.parse(text, read="athena") if each is not None]
    except SqlglotError as error:
        raise MalformedQueryError(_backquoted(text) or _message(error)) from error
    except RecursionError as error:
        raise MalformedQueryError("line 1:1: the statement is nested too deeply") from error
    if not statements:
        raise MalformedQueryError("Query is empty.")
    if len(statements) > 1:
        raise MalformedQueryError(f"Only one sql statement is allowed. Got: {text}")
    statement = statements[0]
    query = _rows(statement) if isinstance(statement, exp.Values) else statement
    if isinstance(query, exp.Query):
        query.meta["text"] = text
        return query
    word = first_word(text)
    known = isinstance(statement, _KNOWN) or (
        isinstance(statement, exp.Command) and word in _COMMANDS
    )
    if known:
        raise UnsupportedStatementError(word)
    raise MalformedQueryError(f"line 1:1: mismatched input '{word}'")


def _rows(values: exp.Values) -> exp.Query:
    """Turn ``VALUES`` into a query that selects from it."""
    row = values.expressions[0]
    width = len(row.expressions) if isinstance(row, exp.Tuple) else 1
    names = [exp.to_identifier(f"_col{place}") for place in range(width)]
    values.set("alias", exp.TableAlias(this=exp.to_identifier("rows"), columns=names))
    return exp.select("*").from_(values)


def first_word(text: str) -> str:
    """Return a statement's first word in uppercase, ignoring comments before it."""
    bare = re.sub(r"--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
    match = _WORD.match(bare)
    return match[1].upper() if match else ""


def bind(tree: exp.Query, values: list[str]) -> exp.Query:
    """Replace the question marks with the execution parameters, which are literals.

    Raises ``MalformedQueryError`` if the counts differ or a parameter isn't a literal.
    """
    places = [node for node in tree.find_all(exp.Placeholder) if node.this is None]
    if len(places) != len(values):
        message = f"line 1:1: Incorrect number of parameters: expected {len(places)} but found {len(values)}"  # fmt: skip
        raise MalformedQueryError(message)
    for place, value in zip(places, values, strict=True):
        try:
            literal = sqlglot.parse_one(value, read="athena")
        except SqlglotError as error:
            raise MalformedQueryError(f"line 1:1: {value} is not a literal") from error
        if not _is_literal(literal):
            raise MalformedQueryError(f"line 1:1: {value} is not a literal")
        for node in literal.walk():
            node.meta.clear()  # its positions aren't positions in the query
        place.replace(literal)
    return tree


def _is_literal(node: exp.Expr) -> bool:
    if isinstance(node, (exp.Neg, exp.Cast)):
        return _is_literal(node.this)
    return isinstance(node, (exp.Literal, exp.Boolean, exp.Null))


def _backquoted(text: str) -> str | None:
    """Return an error message if a name is in backquotes, which only Hive statements allow."""
    for match in _QUOTED.finditer(text):
        if match[1]:
            before = text[: match.start()]
            place = f"line {before.count(chr(10)) + 1}:{match.start() - before.rfind(chr(10))}"
            return f"{place}: backquoted identifiers are not supported; use double quotes to quote identifiers"  # fmt: skip
    return None


def _message(error: SqlglotError) -> str:
    details = getattr(error, "errors", None) or [{}]
    first = details[0]
    place = f"line {first.get('line') or 1}:{first.get('col') or 1}"
    near = str(first.get("highlight") or "")
    return f"{place}: mismatched input '{near}'" if near else f"{place}: the statement is malformed"
