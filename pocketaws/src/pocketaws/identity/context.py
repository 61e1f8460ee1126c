"""The facts of a request that policies can test.

Source: IAM user guide, "AWS global condition context keys".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from .attached import organization_of, principal_tags
from .caller import Caller, Delivery
from .principals import role_arn

if TYPE_CHECKING:
    from ..gateway.call import Call
    from .checks import Check

Values = tuple[str, ...] | None

_GLOBAL_SERVICES = {"iam", "organizations"}
_RESOURCE_TAGS = {"aws:resourcetag", "ec2:resourcetag", "ssm:resourcetag", "iam:resourcetag"}


class CallContext:
    """The condition keys of one check of a call. Each value is computed on first use."""

    def __init__(self, call: Call, check: Check) -> None:
        self._call = call
        self._check = check
        self._known: dict[str, Values] = {}

    def get(self, key: str) -> Values:
        if key not in self._known:
            self._known[key] = self._find(key)
        return self._known[key]

    def _find(self, key: str) -> Values:
        if key in self._check.keys:
            value = self._check.keys[key]
            return value() if callable(value) else value
        found = _OF_CALL.get(key)
        if found is not None:
            return found(self._call)
        if key == "aws:resourceaccount":
            return (self._check.account or self._call.account,)
        return self._tag(key)

    def _tag(self, key: str) -> Values:
        if key == "aws:tagkeys":
            return tuple(request_tags(self._call)) or None
        prefix, slash, name = key.partition("/")
        if not slash:
            return None
        tags: Mapping[str, str] = {}
        if prefix == "aws:principaltag":
            tags = principal_tags(self._call)
        elif prefix == "aws:requesttag":
            tags = request_tags(self._call)
        elif prefix in _RESOURCE_TAGS and self._check.tags is not None:
            tags = self._check.tags()
        return _one(next((value for tag, value in tags.items() if tag.lower() == name), None))


def request_tags(call: Call) -> dict[str, str]:
    """The tags in a request, in any of the forms that services accept."""
    found: dict[str, str] = {}
    params = call.params
    for name in (
        "Tags",
        "tags",
        "TagSpecifications",
        "ResourceTags",
        "TagsList",
        "TagKeys",
        "tagKeys",
    ):
        if name in params:
            _collect_tags(params[name], found)
    return found


def _collect_tags(value: object, found: dict[str, str]) -> None:
    if isinstance(value, Mapping):
        if "Tags" in value:  # EC2's TagSpecifications
            _collect_tags(value["Tags"], found)
        elif "Key" in value or "key" in value or "TagKey" in value:
            key = value.get("Key") or value.get("key") or value.get("TagKey")
            found[str(key)] = str(value.get("Value", value.get("value", value.get("TagValue", ""))))
        elif "ResourceType" not in value:
            found.update({str(key): str(item) for key, item in value.items()})
    elif isinstance(value, (list, tuple)):
        for item in value:
            if isinstance(item, str):  # TagKeys in an Untag call
                found[item] = ""
            else:
                _collect_tags(item, found)


def _one(value: str | None) -> Values:
    return None if value is None else (value,)


def _flag(value: bool) -> Values:  # noqa: FBT001
    return ("true" if value else "false",)


def _principal_arn(caller: Caller) -> Values:
    if caller.kind == "AWSService":
        return None
    return (role_arn(caller) or caller.arn,)


def _principal_type(caller: Caller) -> Values:
    kinds = {"Root": "Account", "IAMUser": "User", "AssumedRole": "AssumedRole"}
    return _one(kinds.get(caller.kind))


def _source_ip(caller: Caller) -> Values:
    try:
        ipaddress.ip_address(caller.source_address)
    except ValueError:
        return None  # the caller is a service, whose name takes the place of an address
    return (caller.source_address,)


def _region(call: Call) -> Values:
    return ("us-east-1" if call.service in _GLOBAL_SERVICES else call.region,)


def _forwarded(caller: Caller) -> bool:
    return caller.kind != "AWSService" and caller.invoked_by is not None


def _source_account(caller: Caller) -> Values:
    return (caller.account,) if caller.kind == "AWSService" else None


def _of_person(value: Callable[[Caller], str | None]) -> Callable[[Call], Values]:
    return lambda call: None if call.caller.kind == "AWSService" else _one(value(call.caller))


def _issued_at(caller: Caller) -> str | None:
    return None if caller.session is None else _iso(caller.session.issued_at)


def _of_delivery(value: Callable[[Delivery], str]) -> Callable[[Call], Values]:
    """A property that only a server's credentials carry."""

    def find(call: Call) -> Values:
        session = call.caller.session
        return None if session is None or session.delivery is None else (value(session.delivery),)

    return find


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


_OF_CALL: dict[str, Callable[[Call], Values]] = {
    "aws:principalarn": lambda call: _principal_arn(call.caller),
    "aws:principalaccount": _of_person(lambda caller: caller.account),
    "aws:principaltype": lambda call: _principal_type(call.caller),
    "aws:principalorgid": lambda call: _one(
        None if call.caller.kind == "AWSService" else organization_of(call, call.account)
    ),
    "aws:principalisawsservice": lambda call: _flag(call.caller.kind == "AWSService"),
    "aws:principalservicename": lambda call: _one(
        call.caller.arn if call.caller.kind == "AWSService" else None
    ),
    "aws:userid": _of_person(lambda caller: caller.principal_id),
    "aws:username": lambda call: _one(call.caller.user_name),
    "aws:sourceip": lambda call: _source_ip(call.caller),
    "aws:sourcearn": lambda call: _one(call.caller.source_arn),
    "aws:sourceaccount": lambda call: _source_account(call.caller),
    "aws:sourceidentity": _of_person(
        lambda caller: caller.session.source_identity if caller.session else None
    ),
    "aws:viaawsservice": lambda call: _flag(_forwarded(call.caller)),
    "aws:calledvia": lambda call: _called_via(call.caller),
    "aws:calledviafirst": lambda call: _called_via(call.caller),
    "aws:calledvialast": lambda call: _called_via(call.caller),
    "aws:requestedregion": _region,
    "aws:securetransport": lambda _: ("true",),  # loopback counts as TLS, which AWS requires
    "aws:currenttime": lambda call: (_iso(call.now),),
    "aws:epochtime": lambda call: (str(int(call.now.timestamp())),),
    "aws:tokenissuetime": _of_person(_issued_at),
    "aws:multifactorauthpresent": lambda call: None if call.caller.session is None else ("false",),
    "ec2:roledelivery": _of_delivery(lambda delivery: delivery.version),
    "ec2:sourceinstancearn": _of_delivery(lambda delivery: delivery.instance_arn),
    "aws:ec2instancesourcevpc": _of_delivery(lambda delivery: delivery.vpc_id),
    "aws:ec2instancesourceprivateipv4": _of_delivery(lambda delivery: delivery.private_address),
    "aws:useragent": lambda call: _one(call.caller.user_agent or None),
}


def _called_via(caller: Caller) -> Values:
    return _one(caller.invoked_by) if _forwarded(caller) else None
