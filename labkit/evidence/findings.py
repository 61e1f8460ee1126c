"""GuardDuty's findings about the lab's servers, and about keys of their role.

Sources: GuardDuty API reference, "Finding" (shapes) and "ListFindings" (criteria); GuardDuty user guide, "Finding
details": a finding about a key can also name a server, but doesn't always (for example, if the server has stopped).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labkit.evidence.addresses import canonical
from labkit.evidence.calls import call, pages, utc
from labkit.model import Finding

_PAGE = 50  # GuardDuty API reference: ListFindings and GetFindings take at most 50


def parse(finding: Mapping[str, Any]) -> Finding:
    """Parse a finding as ``GetFindings`` returns it (``Id``) or as EventBridge delivers it (``id``)."""
    service = _get(finding, "service") or {}
    resource = _get(finding, "resource") or {}
    instance = _get(resource, "instanceDetails") or {}
    key = _get(resource, "accessKeyDetails") or {}
    extra = _additional(_get(service, "additionalInfo") or {})
    return Finding(
        finding_id=_get(finding, "id"),
        type=_get(finding, "type"),
        instance_id=_get(instance, "instanceId") or _server_of(key),
        remote_address=_remote_address(_get(service, "action") or {}),
        list_name=extra.get("threatListName") or _list_in_evidence(service),
        first_seen=utc(_get(service, "eventFirstSeen")),
        last_seen=utc(_get(service, "eventLastSeen")),
        sample=bool(extra.get("sample", False)),
        access_key_id=_get(key, "accessKeyId"),
    )


def _server_of(key: Mapping[str, Any]) -> str | None:
    """Return the server that got a role's key: the session's name, after the colon in the principal ID.

    Source: IAM user guide, "IAM JSON policy elements: Variables" (``aws:userid`` of a role on EC2).
    """
    session = str(_get(key, "principalId") or "").rpartition(":")[2]
    return session if session.startswith("i-") else None


def _get(document: Mapping[str, Any], key: str) -> Any:
    """Return the value of a key in the event's spelling, or in the API's, which begins with a capital letter."""
    if key in document:
        return document[key]
    return document.get(key[0].upper() + key[1:])


def _additional(info: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read ``additionalInfo``, which is an object in events and JSON text under ``Value`` in the API."""
    value = _get(info, "value")
    if isinstance(value, str) and value:
        found = json.loads(value)
        return found if isinstance(found, dict) else {}
    return info


def _remote_address(action: Mapping[str, Any]) -> str | None:
    kind = _get(action, "networkConnectionAction") or _get(action, "awsApiCallAction") or {}
    details = _get(kind, "remoteIpDetails") or {}
    address = _get(details, "ipAddressV4") or _get(details, "ipAddressV6")
    return canonical(str(address)) if address else None


def _list_in_evidence(service: Mapping[str, Any]) -> str | None:
    for detail in _get(_get(service, "evidence") or {}, "threatIntelligenceDetails") or ():
        if name := _get(detail, "threatListName"):
            return str(name)
    return None


def fetch(
    guardduty: Any, detector_id: str, instance_ids: Sequence[str], role: str
) -> tuple[Finding, ...]:
    """Return all findings about these instances and their role's keys, by the time they were first seen.

    Only findings about these instances count, so the history of a recycled account doesn't matter.
    """
    if not instance_ids:
        return ()
    criteria = {
        "resource.instanceDetails.instanceId": list(instance_ids),
        "resource.accessKeyDetails.userName": [role],
    }
    found: dict[str, Finding] = {}
    for (
        attribute,
        values,
    ) in criteria.items():  # One call with both would return only findings that match both.
        for ids in _pages_of_ids(guardduty, detector_id, {attribute: {"Equals": values}}):
            for document in _documents(guardduty, detector_id, ids):
                finding = parse(document)
                if finding.instance_id in instance_ids:
                    found[finding.finding_id] = finding
    return tuple(sorted(found.values(), key=lambda finding: finding.first_seen))


def _pages_of_ids(
    guardduty: Any, detector_id: str, criterion: Mapping[str, Any]
) -> Iterator[list[str]]:
    parameters = {
        "DetectorId": detector_id,
        "FindingCriteria": {"Criterion": criterion},
        "MaxResults": _PAGE,
    }
    for page in pages("guardduty:ListFindings", detector_id, guardduty.list_findings, parameters):
        if page["FindingIds"]:
            yield page["FindingIds"]


def _documents(guardduty: Any, detector_id: str, ids: list[str]) -> Sequence[Mapping[str, Any]]:
    answer = call(
        "guardduty:GetFindings",
        detector_id,
        guardduty.get_findings,
        DetectorId=detector_id,
        FindingIds=ids,
    )
    documents: Sequence[Mapping[str, Any]] = answer["Findings"]
    return documents
