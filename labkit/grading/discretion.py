"""The last guard before a message reaches an attendee: nothing in it that they did not type themselves.

Checks are written not to tell; this makes sure of it, also for a check that somebody wrote in a hurry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from labkit.grading.folding import fold
from labkit.grading.types import read_address
from labkit.model import Evidence

WITHHELD = "[…]"
_WORD = re.compile(r"[^\s,;]+")
# One plain word (``uptime``, ``root``) is also a word of any sentence, and tells nothing.
_TELLING = re.compile(r"[\s/\d-]")


def withhold(message: str, typed: tuple[str, ...], evidence: Evidence) -> str:
    """The message without any command, caller, address or id of the evidence that was not typed."""
    known = fold(" ".join(typed)).casefold()
    for secret in sorted(_secrets(evidence), key=len, reverse=True):  # no part may be left standing
        if secret.casefold() not in known:
            message = re.sub(
                rf"(?<!\w){re.escape(secret)}(?!\w)", WITHHELD, message, flags=re.IGNORECASE
            )
    told = {word: address for word in _WORD.findall(message) if (address := read_address(word))}
    if told:
        own = {read_address(word) for word in _WORD.findall(known)}
        logged = _addresses(evidence) - own
        message = _WORD.sub(lambda m: WITHHELD if told.get(m[0]) in logged else m[0], message)
    return message


def _secrets(evidence: Evidence) -> Iterator[str]:
    for server in evidence.instances:
        yield from (server.instance_id, server.interface_id)
    yield from (finding.instance_id for finding in evidence.findings if finding.instance_id)
    commands = {record.command.strip() for record in evidence.commands}
    words = {word for command in commands for word in command.split() if "/" in word}
    callers = {event.user for event in (*evidence.history, *evidence.trail) if event.user}
    yield from filter(_TELLING.search, commands | words | callers)


def _addresses(evidence: Evidence) -> set[str | None]:
    """All addresses of the evidence: asked for only when a message has one, which is rare."""
    found: set[str | None] = set(evidence.threat_addresses)
    found.update(address for record in evidence.flows for address in record[1:3])
    found.update(finding.remote_address for finding in evidence.findings)
    found.update(event.address for event in (*evidence.history, *evidence.trail))
    for server in evidence.instances:
        found |= {server.private_address, server.public_address}
    return found - {None}
