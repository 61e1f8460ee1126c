"""``#cloud-config`` as the script that it amounts to: ``write_files``, ``packages``, ``runcmd``.

Source: cloud-init documentation, "Cloud config examples".
"""

from __future__ import annotations

import base64
import shlex
from typing import Any

import yaml

_KNOWN = {
    "write_files",
    "packages",
    "runcmd",
    "bootcmd",
    "package_update",
    "package_upgrade",
    "repo_update",
    "repo_upgrade",
}


class CloudConfigError(Exception):
    """Text that is not a cloud-config, or one with modules that are not emulated."""


def script_of(text: str) -> str:
    """The script; raises ``CloudConfigError``."""
    try:
        parsed = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise CloudConfigError(str(error)) from error
    if not isinstance(parsed, dict):
        raise CloudConfigError("the document is not a mapping")
    unknown = sorted(set(parsed) - _KNOWN)
    if unknown:
        raise CloudConfigError(f"modules that are not emulated here: {', '.join(unknown)}")
    lines = ["#!/bin/sh"]
    lines.extend(_command(command) for command in parsed.get("bootcmd") or [])
    for entry in parsed.get("write_files") or []:
        lines += _file(entry)
    names = [item if isinstance(item, str) else item[0] for item in parsed.get("packages") or []]
    if names:
        lines.append("dnf -y install " + " ".join(shlex.quote(name) for name in names))
    lines.extend(_command(command) for command in parsed.get("runcmd") or [])
    return "\n".join(lines) + "\n"


def _command(command: Any) -> str:
    if isinstance(command, list):
        return " ".join(shlex.quote(str(word)) for word in command)
    return str(command)


def _file(entry: dict[str, Any]) -> list[str]:
    path = shlex.quote(str(entry["path"]))
    content = str(entry.get("content", ""))
    if "base64" in str(entry.get("encoding", "")) or entry.get("encoding") == "b64":
        content = base64.b64decode(content).decode("utf-8", "replace")
    sign = ">>" if entry.get("append") else ">"
    lines = [f"mkdir -p $(dirname {path})", f"printf %s {shlex.quote(content)} {sign} {path}"]
    if "permissions" in entry:
        lines.append(f"chmod {entry['permissions']} {path}")
    if "owner" in entry:
        lines.append(f"chown {entry['owner']} {path}")
    return lines
