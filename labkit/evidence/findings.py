"""GuardDuty's findings about the lab's servers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labkit.evidence.calls import ask, utc
from labkit.model import Finding

_PAGE = 50  # GuardDuty API reference: ListFindings and GetFindings take at most 50


def parse(finding: Mapping[str, Any]) -> Finding:
    """A finding as ``GetFindings`` gives it (``Id``) or as EventBridge carries it (``id``)."""
    service = _get(finding, "service") or {}
    instance = _get(_get(finding, "resource") or {}, "instanceDetails") or {}
    extra = _additional(_get(service, "additionalInfo") or {})
    return Finding(
        finding_id=_get(finding, "id"),
        type=_get(finding, "type"),
        instance_id=_get(instance, "instanceId"),
        remote_address=_remote_address(_get(service, "action") or {}),
        list_name=extra.get("threatListName") or _list_in_evidence(service),
        first_seen=utc(_get(service, "eventFirstSeen")),
        last_seen=utc(_get(service, "eventLastSeen")),
        sample=bool(extra.get("sample", False)),
    )


def _get(document: Mapping[str, Any], key: str) -> Any:
    """A value under a key of the event form, or under the API's, which begins with a capital."""
    if key in document:
        return document[key]
    return document.get(key[0].upper() + key[1:])


def _additional(info: Mapping[str, Any]) -> Mapping[str, Any]:
    """``additionalInfo`` is an object in events; in the API it is JSON text under ``Value``."""
    value = _get(info, "value")
    if isinstance(value, str) and value:
        found = json.loads(value)
        return found if isinstance(found, dict) else {}
    return info


def _remote_address(action: Mapping[str, Any]) -> str | None:
    details = _get(_get(action, "networkConnectionAction") or {}, "remoteIpDetails") or {}
    address = _get(details, "ipAddressV4") or _get(details, "ipAddressV6")
    return str(address) if address else None


def _list_in_evidence(service: Mapping[str, Any]) -> str | None:
    for detail in _get(_get(service, "evidence") or {}, "threatIntelligenceDetails") or ():
        if name := _get(detail, "threatListName"):
            return str(name)
    return None


def fetch(guardduty: Any, detector_id: str, instance_ids: Sequence[str]) -> tuple[Finding, ...]:
    """All findings of the detector about these instances, by time of their first sight.

    Their ids bound them, so a recycled account's history does not come along.
    """
    if not instance_ids:
        return ()
    found = [
        parse(document)
        for ids in _pages_of_ids(guardduty, detector_id, instance_ids)
        for document in _documents(guardduty, detector_id, ids)
    ]
    return tuple(sorted(found, key=lambda finding: finding.first_seen))


def _pages_of_ids(
    guardduty: Any, detector_id: str, instance_ids: Sequence[str]
) -> Iterator[list[str]]:
    parameters: dict[str, Any] = {
        "DetectorId": detector_id,
        "FindingCriteria": {
            "Criterion": {"resource.instanceDetails.instanceId": {"Equals": list(instance_ids)}}
        },
        "MaxResults": _PAGE,
    }
    while True:
        page = ask("guardduty:ListFindings", detector_id, guardduty.list_findings, **parameters)
        if page["FindingIds"]:
            yield page["FindingIds"]
        token = page.get("NextToken")
        if not token:
            return
        parameters["NextToken"] = token


def _documents(guardduty: Any, detector_id: str, ids: list[str]) -> Sequence[Mapping[str, Any]]:
    answer = ask(
        "guardduty:GetFindings",
        detector_id,
        guardduty.get_findings,
        DetectorId=detector_id,
        FindingIds=ids,
    )
    documents: Sequence[Mapping[str, Any]] = answer["Findings"]
    return documents
