"""The random parts of a run: operator, server, address, token, and calls with stolen credentials.

They differ for every seat and run, so a copied answer can't be right.
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
class RunScript:
    """Everything the operator does in one run."""

    instance: Instance
    session_name: str
    callout_address: str | None
    """The called address from the threat list; None if the scenario has no list."""
    lines: tuple[str, ...]
    """Every line to type; the last one causes the incident."""
    calls: tuple[Call, ...]
    """The API calls to make with the stolen credentials, in order."""
    values: Mapping[str, str]
    """The values for the placeholders in commands and calls."""


def randomize_run(
    scenario: Scenario,
    instances: Sequence[Instance],
    addresses: Sequence[str],
    outputs: Mapping[str, str],
    region: str,
    rng: random.Random,
) -> RunScript:
    """Choose everything that's random in a run.

    ``addresses`` are on the threat list, ``outputs`` come from the lab's stack. Outside of tests, ``rng`` must be
    unpredictable.
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
    return RunScript(
        instance=instance,
        session_name=session,
        callout_address=address,
        lines=(*harmless, *(fill(command, values) for command in scenario.commands)),
        calls=tuple(_choose_calls(scenario, rng)),
        values=values,
    )


def _choose_calls(scenario: Scenario, rng: random.Random) -> Iterator[Call]:
    for part in scenario.outside:
        if isinstance(part, Call):
            yield part
        else:
            yield from rng.sample(part.calls, rng.randint(part.least, part.most))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Fill in the placeholders of a scenario's text; raises ``LabkitError`` for an unknown one."""
    try:
        return text.format_map(values)
    except (KeyError, IndexError, ValueError) as error:
        raise LabkitError(
            f"The scenario's text {text!r} can't be filled in: {error}.",
            f"You can use these names in braces: {', '.join(sorted(values))}. Double all other braces.",
        ) from error
