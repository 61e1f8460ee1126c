"""What is random about a run: who operates, on which server, with which address, token and calls from outside.

They differ per seat and run, so a copied answer cannot be right.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from labkit.errors import LabkitError
from labkit.model import Instance
from labkit.scenario import HARMLESS, Call, Scenario

_FIRST_NAMES = (
    "amara", "anton", "bea", "carla", "dario", "elif", "emre", "farid", "gwen", "hana", "ines", "jonas",
    "kofi", "lea", "mateo", "nadia", "noor", "olga", "pavel", "quinn", "rosa", "samir", "tara", "uma",
    "viktor", "wanda", "yusuf", "zoe",
)  # fmt: skip
_JOBS = ("backup", "deploy", "maint", "ops", "patching", "release", "support", "sysadmin")
_TOKEN_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Script:
    """What the operator of one run is going to do."""

    instance: Instance
    session_name: str
    callout_address: str | None
    """The address of the threat list that is called; None where there is no list."""
    lines: tuple[str, ...]
    """Everything typed; the last line is the incident's own."""
    calls: tuple[Call, ...]
    """What is called from outside afterwards, in this order."""
    values: Mapping[str, str]
    """What fills in the formats of commands and calls."""


def invent(
    scenario: Scenario,
    instances: Sequence[Instance],
    addresses: Sequence[str],
    outputs: Mapping[str, str],
    region: str,
    rng: random.Random,
) -> Script:
    """Make up a run. ``addresses`` are of the threat list, ``outputs`` of the lab's stack.

    ``rng`` must be unpredictable outside of tests.
    """
    address = rng.choice(addresses) if addresses else None
    token = "".join(rng.choices(string.ascii_lowercase + string.digits, k=_TOKEN_LENGTH))
    harmless = rng.sample(scenario.harmless_commands, HARMLESS)
    instance = rng.choice(instances)
    session = f"{rng.choice(_FIRST_NAMES)}-{rng.choice(_JOBS)}-{rng.randrange(100, 1000)}"
    values = {
        **outputs,
        "token": token,
        "session": session,
        "instance_id": instance.instance_id,
        "region": region,
    }
    if address is not None:
        values["address"] = address
    return Script(
        instance=instance,
        session_name=session,
        callout_address=address,
        lines=(*harmless, *(fill(command, values) for command in scenario.commands)),
        calls=tuple(_chosen(scenario, rng)),
        values=values,
    )


def _chosen(scenario: Scenario, rng: random.Random) -> Iterator[Call]:
    for part in scenario.outside:
        if isinstance(part, Call):
            yield part
        else:
            yield from rng.sample(part.calls, rng.randint(part.least, part.most))


def fill(text: str, values: Mapping[str, str]) -> str:
    """A format of the scenario's, filled in; raises ``LabkitError`` for a name that nothing has."""
    try:
        return text.format_map(values)
    except (KeyError, IndexError, ValueError) as error:
        raise LabkitError(
            f"The scenario's text {text!r} cannot be filled in: {error}.",
            f"In braces there may be: {', '.join(sorted(values))}. Other braces are written twice.",
        ) from error
