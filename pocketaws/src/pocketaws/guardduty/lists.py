"""Lists of addresses: threat lists and trusted lists share everything but their names.

Source: GuardDuty user guide, "Customizing threat detection with entity lists and IP address lists"
(states, 15 minutes, one trusted list), "GuardDuty quotas" (six threat lists); API reference,
"CreateThreatIntelSet", "CreateIPSet".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..registry import operation
from . import service_role
from .activation import put_off
from .location import read_location
from .store import AddressList, Detector, ListKind, bad_request, find_detector

if TYPE_CHECKING:
    from ..gateway.call import Call

_MOST: dict[ListKind, int] = {"threatintelset": 6, "ipset": 1}
_NAMES: dict[ListKind, tuple[str, str, str]] = {
    "threatintelset": ("ThreatIntelSetId", "ThreatIntelSetIds", "ThreatIntelSet"),
    "ipset": ("IpSetId", "IpSetIds", "IPSet"),
}
_BUSY = {"ACTIVATING", "DEACTIVATING", "DELETE_PENDING"}


def _create(call: Call, kind: ListKind) -> dict[str, Any]:
    detector = find_detector(call)
    params = call.params
    id_name, _, shown = _NAMES[kind]
    token = params.get("ClientToken")
    if token and token in detector.tokens:
        return {id_name: detector.tokens[token]}
    there = [known for known in detector.lists.values() if known.kind == kind]
    if any(known.name == params["Name"] for known in there):
        raise bad_request(f"a {shown} with the specified name already exists.")
    if len(there) >= _MOST[kind]:
        raise bad_request(f"the number of {shown}s is limited to {_MOST[kind]}.")
    address_list = AddressList(
        call.world.hex(32), kind, params["Name"], params["Format"], params["Location"],
        expected_bucket_owner=params.get("ExpectedBucketOwner"), tags=dict(params.get("Tags", {})),
    )  # fmt: skip
    bucket, key = read_location(address_list.location)
    service_role.let_read(call, address_list, bucket, key)
    detector.lists[address_list.list_id] = address_list
    if token:
        detector.tokens[token] = address_list.list_id
    if params["Activate"]:
        put_off(call, address_list, "ACTIVATING")
    return {id_name: address_list.list_id}


def _find(call: Call, kind: ListKind) -> tuple[Detector, AddressList]:
    detector = find_detector(call)
    id_name, _, shown = _NAMES[kind]
    address_list = detector.lists.get(call.params[id_name])
    if address_list is None or address_list.kind != kind:
        raise bad_request(f"the input {shown} id is not owned by the current account.")
    return detector, address_list


def _get(call: Call, kind: ListKind) -> dict[str, Any]:
    _, address_list = _find(call, kind)
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


def _list(call: Call, kind: ListKind) -> dict[str, Any]:
    lists = find_detector(call).lists.values()
    return {_NAMES[kind][1]: [known.list_id for known in lists if known.kind == kind]}


def _update(call: Call, kind: ListKind) -> None:
    detector, address_list = _find(call, kind)
    params = call.params
    if address_list.status in _BUSY:
        raise bad_request(f"the {_NAMES[kind][2]} is {address_list.status}.")
    name = params.get("Name", address_list.name)
    others = (known for known in detector.lists.values() if known is not address_list)
    if any(known.name == name and known.kind == kind for known in others):
        raise bad_request(f"a {_NAMES[kind][2]} with the specified name already exists.")
    location = params.get("Location", address_list.location)
    bucket, key = read_location(location)
    activate = params.get("Activate", address_list.status in {"ACTIVE", "ERROR"})
    if activate:
        service_role.let_read(call, address_list, bucket, key)
    address_list.name, address_list.location = name, location
    address_list.expected_bucket_owner = params.get(
        "ExpectedBucketOwner", address_list.expected_bucket_owner
    )
    if params.get("Activate") or (activate and "Location" in params):
        put_off(call, address_list, "ACTIVATING")
    elif params.get("Activate") is False and address_list.status != "INACTIVE":
        put_off(call, address_list, "DEACTIVATING")


def _delete(call: Call, kind: ListKind) -> None:
    _, address_list = _find(call, kind)
    service_role.let_read_no_more(call, address_list)
    put_off(call, address_list, "DELETE_PENDING")


@operation("guardduty", "CreateThreatIntelSet")
def create_threat_intel_set(call: Call) -> dict[str, Any]:
    return _create(call, "threatintelset")


@operation("guardduty", "GetThreatIntelSet")
def get_threat_intel_set(call: Call) -> dict[str, Any]:
    return _get(call, "threatintelset")


@operation("guardduty", "ListThreatIntelSets")
def list_threat_intel_sets(call: Call) -> dict[str, Any]:
    return _list(call, "threatintelset")


@operation("guardduty", "UpdateThreatIntelSet")
def update_threat_intel_set(call: Call) -> None:
    _update(call, "threatintelset")


@operation("guardduty", "DeleteThreatIntelSet")
def delete_threat_intel_set(call: Call) -> None:
    _delete(call, "threatintelset")


@operation("guardduty", "CreateIPSet")
def create_ip_set(call: Call) -> dict[str, Any]:
    return _create(call, "ipset")


@operation("guardduty", "GetIPSet")
def get_ip_set(call: Call) -> dict[str, Any]:
    return _get(call, "ipset")


@operation("guardduty", "ListIPSets")
def list_ip_sets(call: Call) -> dict[str, Any]:
    return _list(call, "ipset")


@operation("guardduty", "UpdateIPSet")
def update_ip_set(call: Call) -> None:
    _update(call, "ipset")


@operation("guardduty", "DeleteIPSet")
def delete_ip_set(call: Call) -> None:
    _delete(call, "ipset")
