"""Remove evidence from messages to attendees, except for what the attendee typed.

Checks shouldn't reveal the answer. This module makes sure that even a careless check doesn't.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from labkit.evidence.flows import with_address
from labkit.grading.normalize import normalize_text
from labkit.grading.types import read_address
from labkit.model import ApiEvent, Evidence

REDACTED = "[…]"
_WORD = re.compile(r"[^\s,;]+")
# A single plain word (``uptime``, ``root``) can occur in any sentence and reveals nothing.
_REVEALING = re.compile(r"[\s/\d-]")


def redact(message: str, typed: tuple[str, ...], evidence: Evidence) -> str:
    """Remove commands, callers, addresses, IDs, and refused calls in the evidence from the message, unless typed."""
    known = normalize_text(" ".join(typed)).casefold()
    for secret in sorted(_secrets_in(message, evidence), key=len, reverse=True):  # longest first
        if secret.casefold() not in known:
            message = re.sub(
                rf"(?<!\w){re.escape(secret)}(?!\w)", REDACTED, message, flags=re.IGNORECASE
            )
    told = {word: address for word in _WORD.findall(message) if (address := read_address(word))}
    if told:
        own = {read_address(word) for word in _WORD.findall(known)}
        logged = {a for a in {*told.values()} - own if _is_logged(a, evidence)}
        message = _WORD.sub(lambda m: REDACTED if told.get(m[0]) in logged else m[0], message)
    return message


def _secrets_in(message: str, evidence: Evidence) -> set[str]:
    """Return the secrets in a message; nearly always none."""
    folded = message.casefold()
    return {secret for secret in _secrets(evidence) if secret.casefold() in folded}


def _secrets(evidence: Evidence) -> Iterator[str]:
    for server in evidence.instances:
        yield from (server.instance_id, server.interface_id)
    for finding in evidence.findings:
        yield from filter(None, (finding.instance_id, finding.access_key_id))
    commands = {record.command.strip() for record in evidence.commands}
    words = {word for command in commands for word in command.split() if "/" in word}
    events = (*evidence.history, *evidence.trail)
    callers = {event.user for event in events if event.user}
    yield from filter(_REVEALING.search, commands | words | callers)
    for event in events:
        yield from _of_a_call(event)


def _of_a_call(event: ApiEvent) -> Iterator[str]:
    """Yield the access key, the resources, and the object of a call, and its name if AWS refused it."""
    identity = event.record.get("userIdentity") or {}
    asked = event.record.get("requestParameters") or {}
    named = (identity.get("accessKeyId"), asked.get("bucketName"), asked.get("key"))
    yield from (text for text in (*event.resources, *named) if isinstance(text, str) and text)
    if event.error_code:
        yield event.name


def _is_logged(address: str, evidence: Evidence) -> bool:
    """Whether an address occurs anywhere in the evidence."""
    known = {*evidence.threat_addresses, *(finding.remote_address for finding in evidence.findings)}
    known.update(event.address for event in (*evidence.history, *evidence.trail))
    for server in evidence.instances:
        known |= {server.private_address, server.public_address}
    return address in known or bool(with_address(evidence.flows, address))
