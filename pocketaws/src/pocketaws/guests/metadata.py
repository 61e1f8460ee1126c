"""The instance metadata service that guests reach at 169.254.169.254.

Source: EC2 user guide, "Use instance metadata to manage your EC2 instance", "Use the Instance Metadata
Service to access instance metadata", "Access instance metadata for an EC2 instance" (the errors); the role's
part is in ``guests.metadata_role``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ..ec2 import instances
from .machine import Machine
from .metadata_role import tree_of_role

METADATA = "169.254.169.254"
_MAX_TTL = 21600
Answer = tuple[int, str]
Value = str | Callable[[], str | None] | None

_PAGE = """\
<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
\t\t "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>{title}</title>
 </head>
 <body>
  <h1>{title}</h1>
 </body>
</html>
"""
_TITLES = {
    400: "400 - Bad Request",
    401: "401 - Unauthorized",
    403: "403 - Forbidden",
    404: "404 - Not Found",
    405: "405 - Method Not Allowed",
}


def answer(machine: Machine, method: str, path: str, headers: dict[str, str]) -> Answer:
    """The status and body that the service answers."""
    options = machine.instance.metadata_options
    if options.http_endpoint == "disabled":
        return _refusal(403)
    path = "/" + path.strip("/")
    if path == "/latest/api/token":
        return _token(machine, method, headers)
    if method == "PUT":  # only the path of the latest version issues tokens
        return _refusal(403)
    token = headers.get("x-aws-ec2-metadata-token")
    if not _is_let_in(machine, token):
        return _refusal(401)
    found = _tree(machine, path, "1.0" if token is None else "2.0")
    if found is None:
        return _refusal(404)
    return 200, found


def _is_let_in(machine: Machine, token: str | None) -> bool:
    if token is None:
        return bool(machine.instance.metadata_options.http_tokens != "required")
    expires = machine.guest.metadata_tokens.get(token)
    return expires is not None and expires > machine.now


def _refusal(status: int) -> Answer:
    return status, _PAGE.format(title=_TITLES[status])


def _token(machine: Machine, method: str, headers: dict[str, str]) -> Answer:
    if method != "PUT":
        return _refusal(405)
    if "x-forwarded-for" in headers:  # version 2 rejects requests that come through a proxy
        return _refusal(403)
    wanted = headers.get("x-aws-ec2-metadata-token-ttl-seconds", "")
    if not wanted.isdigit() or not 1 <= int(wanted) <= _MAX_TTL:
        return _refusal(400)
    token = "AQAEA" + machine.world.hex(46) + "=="
    machine.guest.metadata_tokens[token] = machine.now + timedelta(seconds=int(wanted))
    return 200, token


def _tree(machine: Machine, path: str, version: str) -> str | None:
    for prefix in ("/latest", "/2021-07-15", "/2019-10-01"):
        if path.startswith(prefix):
            path = path[len(prefix) :] or "/"
            break
    else:
        return "1.0\n2019-10-01\n2021-07-15\nlatest" if path == "/" else None
    if path == "/user-data":
        text = user_data_of(machine.instance)
        return text or None
    if not path.startswith("/meta-data"):
        return "meta-data\nuser-data" if path == "/" else None
    return _meta_data(machine, path.removeprefix("/meta-data").strip("/"), version)


def user_data_of(instance: Any) -> str:
    """An instance's user data as text."""
    data = instance.user_data
    if not data:
        return ""
    decoded = data.decode() if hasattr(data, "decode") and not isinstance(data, str) else data
    return decoded if isinstance(decoded, str) else bytes(decoded).decode("utf-8", "replace")


def _meta_data(machine: Machine, path: str, version: str) -> str | None:
    instance, guest = machine.instance, machine.guest
    interface = instances.interface(instance)
    values: dict[str, Value] = {
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
    values |= tree_of_role(machine, version)
    if instance.metadata_options.instance_metadata_tags == "enabled":
        values |= {f"tags/instance/{tag['key']}": tag["value"] for tag in instance.get_tags()}
    if path in values:
        value = values[path]
        return value() if callable(value) else value or None
    below = {
        name[len(path) :].strip("/")
        for name, value in values.items()
        if value and (not path or name.startswith(path + "/"))
    }
    names = sorted({name.split("/")[0] + ("/" if "/" in name else "") for name in below})
    return "\n".join(names) if names else None
