"""What attendees paste: records, parts of records, and rows of the commands in their guides.

A pasted record can be JSON from event history, JSON within JSON (``lookup-events``), a CSV cell with doubled quotation
marks, or a structure as Athena prints it (``{accesskeyid=ASIA…}``). ``read_pasted`` takes the documents out of a text;
what is left are words. Nothing is dropped: a type that doesn't understand a word must refuse the answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.grading.normalize import normalize_text

AROUND = " \t\r\n'\"`<>(){}[],;"
"""Characters that can stand around a value."""
_MOST_DOCUMENTS = 100
_MOST_FAILURES = 5
_DEEPEST = 30
_FENCE = re.compile(r"^\s*```[\w-]*\s*$", re.MULTILINE)
_STRUCTURE_PART = re.compile(r"(?P<name>\w+)=(?P<value>[^,{}=]*)|(?P<brace>[{}])")
_TIME = (
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d\S*)?|\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?|"
    r"\d{10}(?:\.\d+)?|\d{13}"
)
_SERVICES = (
    "athena", "autoscaling", "aws", "cloudformation", "cloudtrail", "cloudwatch", "config", "dynamodb", "ec2",
    "ec2-instance-connect", "ecr", "ecs", "eks", "elb", "elbv2", "events", "glue", "guardduty", "iam", "kms", "lambda",
    "logs", "organizations", "rds", "route53", "s3", "s3api", "scheduler", "secretsmanager", "sns", "sqs", "ssm", "sts",
)  # fmt: skip
SERVICES = frozenset(_SERVICES)
"""Names of services in the AWS CLI and in IAM actions."""
_HEADERS = (
    "access_key", "accesskeyid", "arn", "assumedrole", "awsregion", "caller", "data", "eventcategory", "management", "errorcode", "errormessage", "eventid", "eventname", "eventsource", "eventtime",
    "principalid", "readonly", "recipientaccountid", "requestparameters", "resources", "sourceipaddress", "useragent",
    "useridentity", "username",
)  # fmt: skip
_CONTEXT = re.compile(
    rf"{_TIME}|\d{{12}}|\d{{1,3}}[.)]?|true|false|null|none|and|&|"
    r"arn:aws[\w-]*:[\w-]+:[\w-]*:\d*:\S+|[\w-]+(?:\.[\w-]+)*\.amazonaws\.com(?:\.cn)?|"
    r"(?:Client\.)?(?:AccessDenied\w*|Unauthorized\w+|AuthorizationError\w*|NotAuthorized\w*|Forbidden)|"
    r"A(?:KIA|SIA|ROA|IDA)[A-Z0-9]{12,}(?::\S+)?|(?:i|eni|sg|vpc|subnet|vpce|ami)-[0-9a-f]{8,17}|"
    rf"[a-z]{{2}}(?:-[a-z]+)+-\d|{'|'.join(_SERVICES)}|{'|'.join(_HEADERS)}|\W+",
    re.IGNORECASE,
)
# A row of lookup-events in the attendee's guide: time, name, whether it only reads, user.
_HISTORY_ROW = re.compile(
    rf"^\s*(?:{_TIME})[\s|,]+(?P<name>[A-Za-z]\w*)[\s|,]+(?:true|false)[\s|,]+(?P<user>\S+)\s*$",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Pasted:
    """The documents in a text, flattened to fields, and the words outside them."""

    documents: tuple[Mapping[str, str], ...]
    """One mapping for each document. Names are in lowercase; ``key`` and ``bucketname`` are request parameters."""
    words: tuple[str, ...]
    rows: tuple[tuple[str, str], ...] = ()
    """Rows of event history: event name and user. Their words aren't in ``words``."""

    def values(self, *names: str) -> list[str]:
        """The distinct values of these fields in all documents."""
        found = (one[name] for one in self.documents for name in names if one.get(name))
        return list(dict.fromkeys(found))

    @property
    def unexplained(self) -> tuple[str, ...]:
        """The words that aren't usual next to a value in a row, such as times, ARNs, or service names."""
        return tuple(word for word in self.words if not is_context(word))


def is_context(word: str) -> bool:
    """Whether a word is one of those that stand next to a value in rows and records."""
    return _CONTEXT.fullmatch(word) is not None


def plain_values(values: Sequence[str]) -> tuple[str, ...]:
    """Replace JSON arrays by what they contain, log events by their messages, and remove the fences around code."""
    found: list[str] = []
    for value in values:
        text = _FENCE.sub("", value).strip() if "```" in value else value
        text = _unfenced(text)
        if text or not value.strip():
            found.extend(_texts(text))
    return tuple(found)


def _unfenced(text: str) -> str:
    if text.startswith("```") and text.endswith("```") and len(text) > len("``````"):
        return text.strip("`").strip()
    return text


def _texts(text: str) -> Iterable[str]:
    if not text.lstrip().startswith("["):
        return (text,)
    try:
        found = list(_strings(json.loads(text), 0))
    except (ValueError, RecursionError):
        return (text,)
    return found if found and all(one is not None for one in found) else (text,)  # type: ignore[return-value]


def _strings(node: Any, depth: int) -> Iterator[str | None]:
    """Yield the texts in nested arrays; None for anything that isn't a text or a log event."""
    if isinstance(node, list) and depth < _DEEPEST:
        for part in node:
            yield from _strings(part, depth + 1)
    elif isinstance(node, str):
        yield node
    elif isinstance(node, dict) and isinstance(node.get("message"), str):
        yield node["message"]
    else:
        yield None


# A program's name and version, as in a record's userAgent; the rest of it can have spaces.
_USER_AGENT = re.compile(r"\[?[A-Za-z][\w.!-]*/\d\S*(?:\s.*)?")
_CELLS = re.compile(r"\s+\|\s+|\t")
_FIELDS = re.compile(r'\s*"\w+"\s*:')


def _without_user_agents(text: str) -> str:
    """Drop the cells of rows that name a program."""
    lines = []
    for line in text.split("\n"):
        cells = _CELLS.split(line)
        kept = cells if len(cells) == 1 else [c for c in cells if not _USER_AGENT.fullmatch(c)]
        lines.append(line if kept == cells else " | ".join(kept))
    return "\n".join(lines)


def read_pasted(values: Sequence[str]) -> Pasted:
    """Take the documents and rows out of what was typed."""
    text = _without_user_agents(normalize_text("\n".join(plain_values(values))))
    if _FIELDS.match(text):  # some lines out of a record
        text = f"{{{text.rstrip().rstrip(',}')}}}"
    rows = tuple((row["name"], row["user"]) for row in _HISTORY_ROW.finditer(text))
    documents: list[Mapping[str, str]] = []
    rest: list[str] = []
    for part in _documents(_HISTORY_ROW.sub(" ", text)):
        if isinstance(part, str):
            rest.append(part)
        else:
            documents.extend(part)
    split = re.split(r"[\s,;|]+", " ".join(rest))
    words = (word.strip(AROUND) for word in split)
    return Pasted(tuple(documents), tuple(filter(None, words)), rows)


def _documents(text: str) -> Iterator[str | list[Mapping[str, str]]]:
    """Yield the parts of a text: documents as their fields, and what is between them as text."""
    at = start = documents = failures = 0
    while (at := text.find("{", at)) >= 0 and documents < _MOST_DOCUMENTS:
        found = _json(text, at) or _structure(text, at)
        if found is None:
            at += 1
            failures += 1
            if failures == _MOST_FAILURES:
                break
            continue
        documents += 1
        yield text[start:at]
        fields, at = found
        yield fields
        start = at
    yield text[start:]


def _json(text: str, at: int) -> tuple[list[Mapping[str, str]], int] | None:
    decoder = json.JSONDecoder(strict=False)
    try:
        found, end = decoder.raw_decode(text, at)
    except RecursionError:
        return None
    except ValueError:
        return _escaped(text, at)
    return list(_records(found)), end


def _escaped(text: str, at: int) -> tuple[list[Mapping[str, str]], int] | None:
    """Read JSON in a CSV cell, where each quotation mark is doubled, or in JSON, where each has a backslash."""
    mark = text[at + 1 : at + 3]
    if mark not in ('""', '\\"'):
        return None
    end = at
    for _ in range(_DEEPEST):
        end = text.find("}", end) + 1
        if not end:
            return None
        try:
            found = json.loads(text[at:end].replace(mark, '"'))
        except (ValueError, RecursionError):
            continue
        return list(_records(found)), end
    return None


def _records(node: Any) -> Iterator[Mapping[str, str]]:
    """Yield the fields of each record in a document: those of the record, its caller, and its parameters."""
    if isinstance(node, list):
        for part in node[:_MOST_DOCUMENTS]:
            yield from _records(part)
        return
    if not isinstance(node, Mapping):
        return
    inner = node.get("CloudTrailEvent")
    if isinstance(inner, str):
        try:
            yield from _records(json.loads(inner))
        except (ValueError, RecursionError):
            return
        return
    if isinstance(listed := node.get("Records", node.get("Events")), list):
        yield from _records(listed)
        return
    yield dict(_fields(node))


def _fields(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the texts of a record, of its request parameters, and of its caller."""
    for part in (record.get("requestParameters"), record.get("userIdentity"), record):
        if isinstance(part, Mapping):
            for name, value in part.items():
                if isinstance(value, str):
                    yield name.casefold(), value


def _structure(text: str, at: int) -> tuple[list[Mapping[str, str]], int] | None:
    """Read a structure as Athena prints it, with the fields of its outermost level."""
    if not re.compile(r"\{\w+=").match(text, at):
        return None
    fields: dict[str, str] = {}
    depth = 0
    for part in _STRUCTURE_PART.finditer(text, at):
        if part["brace"]:
            depth += 1 if part["brace"] == "{" else -1
            if depth == 0:
                return [fields], part.end()
        elif depth == 1:
            fields.setdefault(part["name"].casefold(), part["value"].strip())
    return None


def read_field(text: str, *names: str) -> str | None:
    """The value of a single field copied from a record, such as ``"key": "a/b"``; the text must be nothing else."""
    found = re.fullmatch(
        rf'[\s{{"\']*(?:{"|".join(names)})["\']*\s*[:=]\s*(?P<value>[^\s:=].*?)[\s}},]*',
        text,
        re.IGNORECASE | re.DOTALL,
    )
    return found["value"].strip("\"' ") if found else None
