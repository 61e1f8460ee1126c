"""Lists whose first page is empty and has a token, if that fault is on.

Source: the operations' own pages. CloudWatch Logs API reference, "FilterLogEvents" (a page can be empty); Systems
Manager API reference, "DescribeParameters", "GetParametersByPath" (between zero and ``MaxResults`` items);
Organizations API reference, "ListAccounts" and its siblings (an empty set even when there's more).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..faults import faults
from . import protocol

if TYPE_CHECKING:
    from .call import Call

_TOKEN = "AfterAnEmptyPage"  # noqa: S105 - a page token
# Service and operation -> the list, and the token in request and response.
_LISTS = {
    ("logs", "FilterLogEvents"): ("events", "nextToken"),
    ("ssm", "DescribeParameters"): ("Parameters", "NextToken"),
    ("ssm", "GetParametersByPath"): ("Parameters", "NextToken"),
    ("organizations", "ListAccounts"): ("Accounts", "NextToken"),
    ("organizations", "ListAccountsForParent"): ("Accounts", "NextToken"),
    ("organizations", "ListChildren"): ("Children", "NextToken"),
    ("organizations", "ListOrganizationalUnitsForParent"): ("OrganizationalUnits", "NextToken"),
    ("organizations", "ListParents"): ("Parents", "NextToken"),
    ("organizations", "ListPolicies"): ("Policies", "NextToken"),
    ("organizations", "ListPoliciesForTarget"): ("Policies", "NextToken"),
    ("organizations", "ListRoots"): ("Roots", "NextToken"),
    ("organizations", "ListTargetsForPolicy"): ("Targets", "NextToken"),
}


def empty_page(call: Call) -> dict[str, Any] | None:
    """The empty first page of a call that gets one, or ``None``."""
    listed = _LISTS.get((call.service, call.operation))
    if listed is None or not faults(call.world).empty_pages:
        return None
    items, token = listed
    return None if call.params.get(token) else {items: [], token: _TOKEN}


def without_token(call: Call) -> Call:
    """The call without the token of an empty page, so that it gets the first real page."""
    listed = _LISTS.get((call.service, call.operation))
    if listed is None or call.params.get(listed[1]) != _TOKEN:
        return call
    params = {name: value for name, value in call.params.items() if name != listed[1]}
    request = protocol.build_request(call.service, call.operation, params)
    return replace(call, params=params, http=request)
