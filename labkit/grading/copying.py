"""Find answers that might be copied: wrong for the seat that submitted them, but correct for another.

Only tasks whose answer differs from seat to seat count. A match doesn't prove copying: two people who share a screen
look the same.

In a large class, nearly all answers have nothing to do with most seats. To save time, an answer is judged only with the
evidence of seats whose logs contain all its identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from labkit.grading.normalize import normalize_text
from labkit.grading.types import Values
from labkit.model import Evidence

_WORD = re.compile(r"[\w.-]+")
_SHORTEST = 6
_LONGEST = 200
_LONGEST_ANSWER = 1000
"""Characters of an answer that might be copied. Longer ones only take time."""
_LONGEST_RECORD = 20_000
"""Characters of a record to look at. Attendees can make records of any length, such as those of long queries."""


def could_be_right(values: Values, here: frozenset[str]) -> bool:
    """Whether all identifiers in an answer are among those in a seat's logs."""
    return sum(map(len, values)) <= _LONGEST_ANSWER and _of_answer(values) <= here


@lru_cache(maxsize=100_000)  # Each answer is compared with every seat.
def _of_answer(values: Values) -> frozenset[str]:
    return _identifiers(normalize_text(" ".join(values)))


def identifiers_in(evidence: Evidence) -> frozenset[str]:
    """The identifiers in a seat's logs, without the flow logs."""
    return _identifiers("\n".join(_texts(evidence)))


def _identifiers(text: str) -> frozenset[str]:
    """Return the words that distinguish seats: IDs, addresses, tokens, and names with a number."""
    words = (word.strip(".-") for word in _WORD.findall(text.casefold()))
    return frozenset(
        word for word in words if _SHORTEST <= len(word) <= _LONGEST and any(map(str.isdigit, word))
    )


def _texts(evidence: Evidence) -> Iterator[str]:
    """Yield the text of all logs except the flow logs, which are large and whose addresses also occur elsewhere."""
    for server in evidence.instances:
        yield f"{server.instance_id} {server.interface_id} {server.private_address} {server.public_address}"
    yield from evidence.threat_addresses
    yield from (record.line for record in evidence.commands)
    for finding in evidence.findings:
        yield f"{finding.instance_id} {finding.remote_address} {finding.access_key_id}"
    for event in (*evidence.history, *evidence.trail):
        yield f"{event.user} {event.address} {event.resources} {str(event.record)[:_LONGEST_RECORD]}"
