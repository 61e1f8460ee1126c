"""What an attendee did, as far as CloudTrail recorded it.

Log searches, event history lookups, and Athena queries are management events of the attendee role's sessions
(CloudWatch Logs, CloudTrail, and Athena user guides, "Logging API calls"). Reading objects from the trail's bucket
isn't a management event, and looking at a page that's already loaded leaves no record. Some records omit a query's
text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from labkit.evidence import trail
from labkit.evidence.window import Window
from labkit.model import Activity, ApiEvent

OWN_AGENT = "labkit"
"""Marks the calls that labkit makes for an attendee (``app/labkit`` in their user agent)."""
# Within this time, an equal search is the next page of the same search, or a quick retry.
_SAME_SEARCH = timedelta(seconds=60)
_LONGEST = 2000
_Parameters = Mapping[str, Any]


def fetch(
    s3: Any, bucket: str, account: str, region: str, role_arn: str, window: Window
) -> tuple[Activity, ...]:
    """Return what a role's sessions did in a window, according to the trail's files."""
    return of_role(trail.fetch(s3, bucket, account, region, [window]), role_arn)


def of_role(events: Iterable[ApiEvent], role_arn: str) -> tuple[Activity, ...]:
    """Return a role's activity in a trail's events, by time; the pages of one search count as one."""
    found: list[Activity] = []
    own = (event for event in events if _issuer(event.record) == role_arn)
    for act in filter(None, map(parse, sorted(own, key=lambda event: event.time))):
        before = found[-1] if found else None
        if before is not None and _continues(act, before):
            found[-1] = replace(before, times=before.times + 1)
        else:
            found.append(act)
    return tuple(found)


def parse(event: ApiEvent) -> Activity | None:
    """Return an event as activity; None for calls that console pages and programs make on their own."""
    reader = _READERS.get((event.source.partition(".")[0], event.name))
    if reader is None:
        return None
    parameters = event.record.get("requestParameters")
    found = reader(parameters if isinstance(parameters, Mapping) else {})
    if found is None:
        return None
    kind, detail = found
    if _is_own(event.record) and kind not in ("answer", "hint"):
        return None
    return Activity(event.time, kind, _plain(detail), error_code=event.error_code)


def _issuer(record: Mapping[str, Any]) -> str:
    """Return the ARN of a session's role (CloudTrail user guide, "CloudTrail userIdentity element")."""
    context = (record.get("userIdentity") or {}).get("sessionContext") or {}
    return str((context.get("sessionIssuer") or {}).get("arn", ""))


def _is_own(record: Mapping[str, Any]) -> bool:
    return f"app/{OWN_AGENT}" in str(record.get("userAgent", "")).split()


def _continues(act: Activity, before: Activity) -> bool:
    same = (act.kind, act.detail, act.error_code) == (before.kind, before.detail, before.error_code)
    return same and act.at - before.at <= _SAME_SEARCH and act.kind not in ("answer", "hint")


def _log_search(asked: _Parameters) -> tuple[str, str]:
    pattern = asked.get("filterPattern")
    return "log search", _joined(_group(asked), f"for {pattern}" if pattern else "everything")


def _log_read(asked: _Parameters) -> tuple[str, str]:
    return "log read", _joined(_group(asked), str(asked.get("logStreamName", "")))


def _log_query(asked: _Parameters) -> tuple[str, str]:
    return "log query", _joined(_group(asked), _query(asked))


def _look_up(asked: _Parameters) -> tuple[str, str]:
    by = asked.get("lookupAttributes") or ()
    pairs = (f"{one.get('attributeKey')} {one.get('attributeValue')}" for one in by)
    return "event lookup", "by " + ", ".join(pairs) if by else "without a filter"


def _athena(asked: _Parameters) -> tuple[str, str]:
    return "Athena query", _query(asked)


def _findings(_asked: _Parameters) -> tuple[str, str]:
    return "findings", "read"


def _parameter(asked: _Parameters) -> tuple[str, str] | None:
    parts = str(asked.get("name", "")).split("/")
    kind = {"answers": "answer", "hints": "hint"}.get(parts[-2] if len(parts) > 1 else "")
    return (kind, parts[-1]) if kind else None


_READERS: dict[tuple[str, str], Callable[[_Parameters], tuple[str, str] | None]] = {
    ("logs", "FilterLogEvents"): _log_search,
    ("logs", "GetLogEvents"): _log_read,
    ("logs", "StartQuery"): _log_query,
    ("cloudtrail", "LookupEvents"): _look_up,
    ("athena", "StartQueryExecution"): _athena,
    ("guardduty", "GetFindings"): _findings,
    ("ssm", "PutParameter"): _parameter,
}


def _group(asked: _Parameters) -> str:
    one = asked.get("logGroupName") or asked.get("logGroupIdentifier")
    several = asked.get("logGroupNames") or asked.get("logGroupIdentifiers") or ()
    return str(one) if one else ", ".join(map(str, several))


def _query(asked: _Parameters) -> str:
    text = str(asked.get("queryString") or "")
    return (
        text if text.strip("* ") and "OMITTED" not in text else "CloudTrail didn't record the text"
    )


def _joined(*parts: str) -> str:
    return ": ".join(part for part in parts if part)


def _plain(text: str) -> str:
    """Return the text on one line, without control characters."""
    line = "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} …"


def activity_rows(acts: Sequence[Activity]) -> Iterator[tuple[str, str, str]]:
    """Yield table rows: the time of day (UTC), the kind of activity, and its details."""
    for act in acts:
        more = f" ({act.times} calls)" if act.times > 1 else ""
        failed = f" (refused: {act.error_code})" if act.error_code else ""
        yield f"{act.at:%H:%M:%S}", act.kind, f"{act.detail}{more}{failed}"
