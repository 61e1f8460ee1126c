"""The API operations on findings.

Source: GuardDuty API reference, "ListFindings", "GetFindings", "ArchiveFindings",
"GetFindingsStatistics".
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..gateway.http import HttpAnswer
from ..gateway.protocol import parse_answer
from ..paging import page
from ..registry import operation
from .criteria import meets, sort_findings
from .store import bad_request, find_detector

if TYPE_CHECKING:
    from ..gateway.call import Call


@operation("guardduty", "ListFindings")
def list_findings(call: Call) -> dict[str, Any]:
    """Return the IDs of the findings that meet the criteria, at most 50 per page."""
    found = sort_findings(_matching(call), call.params.get("SortCriteria"))
    size = call.params.get("MaxResults", _MAX_PAGE)
    if not 1 <= size <= _MAX_PAGE:
        raise bad_request("the parameter maxResults has an invalid value.")
    error = bad_request("the parameter nextToken has an invalid value.")
    ids = [body["id"] for body in found]
    return {"NextToken": "", **page("FindingIds", ids, call.params.get("NextToken"), size, error)}


def _matching(call: Call) -> list[dict[str, Any]]:
    criteria = call.params.get("FindingCriteria")
    findings = find_detector(call).findings.values()
    return [finding.body for finding in findings if meets(finding.body, criteria)]


@operation("guardduty", "GetFindings")
def get_findings(call: Call) -> dict[str, Any]:
    """Return the findings with the given IDs, at most 50; skips unknown IDs."""
    findings = find_detector(call).findings
    ids = call.params["FindingIds"]
    if len(ids) > _MAX_PAGE:
        raise bad_request("the parameter findingIds has an invalid value.")
    bodies = [findings[each].body for each in ids if each in findings]
    if "SortCriteria" in call.params:
        bodies = sort_findings(bodies, call.params["SortCriteria"])
    # The body is in wire format. Parsing it as a client does gives the shape to return.
    wire = json.dumps({"findings": [_without_nulls(body) for body in bodies]}).encode()
    return parse_answer("guardduty", "GetFindings", HttpAnswer(200, {}, wire))


def _without_nulls(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_nulls(value) for key, value in node.items() if value is not None}
    if isinstance(node, list):
        return [_without_nulls(each) for each in node]
    return node


@operation("guardduty", "ArchiveFindings")
def archive_findings(call: Call) -> None:
    findings = find_detector(call).findings
    unknown = [each for each in call.params["FindingIds"] if each not in findings]
    if unknown:
        raise bad_request("the input findingIds are not owned by the current account.")
    for each in call.params["FindingIds"]:
        findings[each].body["service"]["archived"] = True


_MAX_PAGE = 50
_GROUPS: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "ACCOUNT": ("GroupedByAccount", lambda body: {"AccountId": body["accountId"]}),
    "DATE": ("GroupedByDate", lambda body: {"Date": _day(body), "Severity": body["severity"]}),
    "FINDING_TYPE": ("GroupedByFindingType", lambda body: {"FindingType": body["type"]}),
    "RESOURCE": (
        "GroupedByResource",
        lambda body: {
            "AccountId": body["accountId"],
            "ResourceType": body["resource"]["resourceType"],
            "ResourceId": _resource_id(body["resource"]),
        },
    ),
    "SEVERITY": ("GroupedBySeverity", lambda body: {"Severity": body["severity"]}),
}


def _resource_id(resource: dict[str, Any]) -> str:
    if resource["resourceType"] == "AccessKey":
        return str(resource["accessKeyDetails"]["accessKeyId"])
    return str(resource["instanceDetails"]["instanceId"])


def _day(body: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(body["updatedAt"][:10]).replace(tzinfo=UTC)


@operation("guardduty", "GetFindingsStatistics")
def get_findings_statistics(call: Call) -> dict[str, Any]:
    """Count findings by severity, or by ``GroupBy``."""
    params = call.params
    bodies = _matching(call)
    if "GroupBy" not in params:
        counts = Counter(str(float(body["severity"])) for body in bodies)
        return {"FindingStatistics": {"CountBySeverity": dict(counts)}}
    if "FindingStatisticTypes" in params:
        raise bad_request("both findingStatisticTypes and groupBy are specified.")
    member, names = _GROUPS[params["GroupBy"]]
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for body in bodies:
        groups[repr(names(body))].append(body)
    rows = [
        {
            **names(group[0]),
            "LastGeneratedAt": datetime.fromisoformat(max(each["updatedAt"] for each in group)),
            "TotalFindings": len(group),
        }
        for group in groups.values()
    ]
    descending = params.get("OrderBy", "DESC") == "DESC"
    rows.sort(key=lambda row: row["TotalFindings"], reverse=descending)
    return {"FindingStatistics": {member: rows[: int(params.get("MaxResults", 25))]}}
