"""Filters: named criteria, and the rules that suppress what meets them.

Source: GuardDuty API reference, "CreateFilter", "UpdateFilter", "ListFilters"; user guide, "Suppression rules in
GuardDuty" (what meets one is archived and not sent to EventBridge), "GuardDuty quotas" (100 filters).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..registry import operation
from .criteria import check_criteria, meets
from .paging import page_of
from .store import Filter, bad_request, find_detector, stamp

if TYPE_CHECKING:
    from ..gateway.call import Call
    from .store import Detector

_NAME = re.compile(r"[A-Za-z0-9._-]{3,64}")
_MOST = 100
_MOST_RANK = 100
_ACTIONS = ("NOOP", "ARCHIVE")


def suppresses(detector: Detector, body: dict[str, Any]) -> bool:
    """Whether a rule of the detector archives a finding by itself."""
    return any(rule.action == "ARCHIVE" and meets(body, rule.criteria) for rule in detector.filters)


@operation("guardduty", "CreateFilter")
def create_filter(call: Call) -> dict[str, Any]:
    """Make a filter at its place among the others, or at their end."""
    detector, params = find_detector(call), call.params
    token, name = params.get("ClientToken"), params["Name"]
    if token and token in detector.tokens:
        return {"Name": detector.tokens[token]}
    if _NAME.fullmatch(name) is None:
        raise bad_request("the parameter name has an invalid value.")
    if any(known.name == name for known in detector.filters):
        raise bad_request("a filter with the given name already exists.")
    if len(detector.filters) >= _MOST:
        raise bad_request(f"the number of filters is limited to {_MOST}.")
    _check(params)
    made = Filter(
        name, params["FindingCriteria"], call.now, call.now, params.get("Action", "NOOP"),
        params.get("Description", ""), dict(params.get("Tags", {})),
    )  # fmt: skip
    _place(detector, made, params.get("Rank", _MOST_RANK))
    if token:
        detector.tokens[token] = name
    return {"Name": name}


def _check(params: dict[str, Any]) -> None:
    if params.get("Action", "NOOP") not in _ACTIONS:
        raise bad_request("the parameter action has an invalid value.")
    if not 1 <= int(params.get("Rank", 1)) <= _MOST_RANK:
        raise bad_request("the parameter rank has an invalid value.")
    check_criteria(params.get("FindingCriteria"))


def _place(detector: Detector, made: Filter, rank: int) -> None:
    detector.filters.insert(rank - 1, made)


def _find(call: Call) -> tuple[Detector, Filter]:
    detector = find_detector(call)
    for known in detector.filters:
        if known.name == call.params["FilterName"]:
            return detector, known
    raise bad_request("the input filterName is not owned by the current account.")


@operation("guardduty", "GetFilter")
def get_filter(call: Call) -> dict[str, Any]:
    """A filter, its place among the others as its rank."""
    detector, found = _find(call)
    return {
        "Name": found.name,
        "Description": found.description,
        "Action": found.action,
        "Rank": detector.filters.index(found) + 1,
        "FindingCriteria": found.criteria,
        "Tags": found.tags,
        "CreatedAt": stamp(found.created_at),
        "UpdatedAt": stamp(found.updated_at),
    }


@operation("guardduty", "UpdateFilter")
def update_filter(call: Call) -> dict[str, Any]:
    """Change what is given; findings that there are stay as they are."""
    detector, found = _find(call)
    params = call.params
    _check(params)
    found.criteria = params.get("FindingCriteria", found.criteria)
    found.action = params.get("Action", found.action)
    found.description = params.get("Description", found.description)
    found.updated_at = call.now
    if "Rank" in params:
        detector.filters.remove(found)
        _place(detector, found, int(params["Rank"]))
    return {"Name": found.name}


@operation("guardduty", "ListFilters")
def list_filters(call: Call) -> dict[str, Any]:
    """The names of the filters in the order in which they apply, at most 50 a page."""
    names = [known.name for known in find_detector(call).filters]
    page, token = page_of(names, call.params)
    return {"FilterNames": page, "NextToken": token}


@operation("guardduty", "DeleteFilter")
def delete_filter(call: Call) -> None:
    detector, found = _find(call)
    detector.filters.remove(found)
