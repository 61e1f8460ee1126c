"""The instance metadata service, as a guest reaches it at 169.254.169.254.

Source: EC2 user guide, "Use instance metadata to manage your EC2 instance", "Use the Instance Metadata
Service to access instance metadata".
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..ec2 import instances

if TYPE_CHECKING:
    from .machine import Machine

METADATA = "169.254.169.254"
_MAX_TTL = 21600
Answer = tuple[int, dict[str, str], str]


def answer(machine: Machine, method: str, path: str, headers: dict[str, str]) -> Answer:
    """Status, header fields and body of a request to the service."""
    options = machine.instance.metadata_options
    if options.http_endpoint == "disabled":
        return 403, {}, ""
    path = "/" + path.strip("/")
    if path == "/latest/api/token":
        return _token(machine, method, headers)
    token = headers.get("x-aws-ec2-metadata-token")
    if token is None:
        if options.http_tokens == "required":
            return 401, {}, ""
    else:
        expires = machine.guest.metadata_tokens.get(token)
        if expires is None or expires <= machine.now:
            return 401, {}, ""
    found = _tree(machine, path)
    if found is None:
        return 404, {}, "Not Found\n"
    return 200, {"Content-Type": "text/plain", "Content-Length": str(len(found))}, found


def _token(machine: Machine, method: str, headers: dict[str, str]) -> Answer:
    if method != "PUT":
        return 405, {}, ""
    wanted = headers.get("x-aws-ec2-metadata-token-ttl-seconds", "")
    if not wanted.isdigit() or not 1 <= int(wanted) <= _MAX_TTL:
        return 400, {}, ""
    token = "AQAEA" + machine.world.hex(46) + "=="
    machine.guest.metadata_tokens[token] = machine.now + timedelta(seconds=int(wanted))
    return 200, {"X-Aws-Ec2-Metadata-Token-Ttl-Seconds": wanted}, token


def _tree(machine: Machine, path: str) -> str | None:
    for prefix in ("/latest", "/2021-07-15", "/2019-10-01"):
        if path.startswith(prefix):
            path = path[len(prefix) :] or "/"
            break
    else:
        return "1.0\n2019-10-01\n2021-07-15\nlatest" if path == "/" else None
    if path == "/dynamic/instance-identity/document":
        return json.dumps(_document(machine), indent=2)
    if path == "/user-data":
        text = user_data_of(machine.instance)
        return text or None
    if not path.startswith("/meta-data"):
        return "dynamic\nmeta-data\nuser-data" if path == "/" else None
    return _meta_data(machine, path.removeprefix("/meta-data").strip("/"))


def user_data_of(instance: Any) -> str:
    """An instance's user data as text."""
    data = instance.user_data
    if not data:
        return ""
    decoded = data.decode() if hasattr(data, "decode") and not isinstance(data, str) else data
    return decoded if isinstance(decoded, str) else bytes(decoded).decode("utf-8", "replace")


def _document(machine: Machine) -> dict[str, Any]:
    instance = machine.instance
    return {
        "accountId": machine.guest.account,
        "architecture": instance.architecture,
        "availabilityZone": instance.availability_zone,
        "imageId": instance.image_id,
        "instanceId": instance.id,
        "instanceType": instance.instance_type,
        "pendingTime": f"{instance.launch_time:%Y-%m-%dT%H:%M:%SZ}",
        "privateIp": instance.private_ip_address,
        "region": machine.guest.region,
        "version": "2017-09-30",
    }


def _meta_data(machine: Machine, path: str) -> str | None:
    instance, guest = machine.instance, machine.guest
    interface = instances.interface(instance)
    values = {
        "ami-id": instance.image_id,
        "hostname": instance.private_dns_name,
        "instance-id": instance.id,
        "instance-type": instance.instance_type,
        "local-hostname": instance.private_dns_name,
        "local-ipv4": instance.private_ip_address,
        "mac": interface.mac_address,
        "public-hostname": instance.public_dns_name,
        "public-ipv4": instance.public_ip_address,
        "placement/availability-zone": instance.availability_zone,
        "placement/region": guest.region,
        "security-groups": "\n".join(sorted(group.name for group in interface.group_set)),
        "services/domain": "amazonaws.com",
        "services/partition": "aws",
    }
    arn = instances.role_arn(guest.account, instance)
    if arn is not None:
        role = arn.rpartition("/")[2]
        values["iam/security-credentials"] = role
        if path == f"iam/security-credentials/{role}":
            return _credentials(machine)
    if path in values:
        return str(values[path]) if values[path] else None
    below = {
        name[len(path) :].strip("/")
        for name, value in values.items()
        if value and (not path or name.startswith(path + "/"))
    }
    names = sorted({name.split("/")[0] + ("/" if "/" in name else "") for name in below})
    return "\n".join(names) if names else None


def _credentials(machine: Machine) -> str | None:
    caller = machine.role_caller("")
    session = caller.session if caller is not None else None
    if session is None:
        return None
    return json.dumps(
        {
            "Code": "Success",
            "LastUpdated": f"{session.issued_at:%Y-%m-%dT%H:%M:%SZ}",
            "Type": "AWS-HMAC",
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "Token": session.token,
            "Expiration": f"{session.expires_at:%Y-%m-%dT%H:%M:%SZ}",
        },
        indent=2,
    )
