"""Threat lists: addresses that cause a finding when an instance communicates with them.

Source: GuardDuty user guide, "Customizing threat detection with entity lists and IP address lists"
(states, 15 minutes), "GuardDuty quotas" (six threat lists); API reference, "CreateThreatIntelSet".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import operation
from . import service_role
from .activation import start_change
from .list_formats import FORMATS
from .location import read_location
from .store import AddressList, Detector, bad_request, find_detector

if TYPE_CHECKING:
    from ..gateway.call import Call

_MOST = 6
_BUSY = {"ACTIVATING", "DEACTIVATING", "DELETE_PENDING"}


@operation("guardduty", "CreateThreatIntelSet")
def create_threat_intel_set(call: Call) -> dict[str, Any]:
    """Create a list and, if requested, start activating it."""
    detector = find_detector(call)
    params = call.params
    token = params.get("ClientToken")
    if token and token in detector.tokens:
        return {"ThreatIntelSetId": detector.tokens[token]}
    if any(known.name == params["Name"] for known in detector.lists.values()):
        raise bad_request("a ThreatIntelSet with the specified name already exists.")
    if len(detector.lists) >= _MOST:
        raise bad_request(f"the number of ThreatIntelSets is limited to {_MOST}.")
    if params["Format"] not in FORMATS:
        message = f"pocketaws emulates lists in the format {', '.join(FORMATS)}, but not {params['Format']}."
        raise AwsError("NotImplemented", message, 501)
    address_list = AddressList(
        call.world.hex(32), params["Name"], params["Format"], params["Location"],
        expected_bucket_owner=params.get("ExpectedBucketOwner"), tags=dict(params.get("Tags", {})),
    )  # fmt: skip
    bucket, key = read_location(address_list.location)
    service_role.allow_read(call, address_list, bucket, key)
    detector.lists[address_list.list_id] = address_list
    if token:
        detector.tokens[token] = address_list.list_id
    if params["Activate"]:
        start_change(call, address_list, "ACTIVATING")
    return {"ThreatIntelSetId": address_list.list_id}


def _find(call: Call) -> tuple[Detector, AddressList]:
    detector = find_detector(call)
    address_list = detector.lists.get(call.params["ThreatIntelSetId"])
    if address_list is None:
        raise bad_request("the input ThreatIntelSet id is not owned by the current account.")
    return detector, address_list


@operation("guardduty", "GetThreatIntelSet")
def get_threat_intel_set(call: Call) -> dict[str, Any]:
    """Return a list and its status."""
    _, address_list = _find(call)
    answer = {
        "Name": address_list.name,
        "Format": address_list.format,
        "Location": address_list.location,
        "Status": address_list.status,
        "Tags": address_list.tags,
    }
    if address_list.expected_bucket_owner:
        answer["ExpectedBucketOwner"] = address_list.expected_bucket_owner
    return answer


@operation("guardduty", "ListThreatIntelSets")
def list_threat_intel_sets(call: Call) -> dict[str, Any]:
    """Return the IDs of all lists."""
    return {"ThreatIntelSetIds": list(find_detector(call).lists)}


@operation("guardduty", "UpdateThreatIntelSet")
def update_threat_intel_set(call: Call) -> None:
    """Change the given settings; a new location or activation starts a change of status."""
    detector, address_list = _find(call)
    params = call.params
    if address_list.status in _BUSY:
        raise bad_request(f"the ThreatIntelSet is {address_list.status}.")
    name = params.get("Name", address_list.name)
    others = (known for known in detector.lists.values() if known is not address_list)
    if any(known.name == name for known in others):
        raise bad_request("a ThreatIntelSet with the specified name already exists.")
    location = params.get("Location", address_list.location)
    bucket, key = read_location(location)
    activate = params.get("Activate", address_list.status in {"ACTIVE", "ERROR"})
    if activate:
        service_role.allow_read(call, address_list, bucket, key)
    address_list.name, address_list.location = name, location
    address_list.expected_bucket_owner = params.get(
        "ExpectedBucketOwner", address_list.expected_bucket_owner
    )
    if params.get("Activate") or (activate and "Location" in params):
        start_change(call, address_list, "ACTIVATING")
    elif params.get("Activate") is False and address_list.status != "INACTIVE":
        start_change(call, address_list, "DEACTIVATING")


@operation("guardduty", "DeleteThreatIntelSet")
def delete_threat_intel_set(call: Call) -> None:
    """Start deleting a list; the role loses its permission to read the list's object."""
    _, address_list = _find(call)
    service_role.revoke_read(call, address_list)
    start_change(call, address_list, "DELETE_PENDING")
