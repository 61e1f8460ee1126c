"""What is random about a run: who operates, on which server, which address is called, with which token.

Session name, server, address and token differ per seat and run, so a copied answer cannot be right.
"""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from dataclasses import dataclass

from labkit.model import Instance
from labkit.scenario import Scenario

_FIRST_NAMES = (
    "amara", "anton", "bea", "carla", "dario", "elif", "emre", "farid", "gwen", "hana", "ines", "jonas",
    "kofi", "lea", "mateo", "nadia", "noor", "olga", "pavel", "quinn", "rosa", "samir", "tara", "uma",
    "viktor", "wanda", "yusuf", "zoe",
)  # fmt: skip
_JOBS = ("backup", "deploy", "maint", "ops", "patching", "release", "support", "sysadmin")
_TOKEN_LENGTH = 12
_HARMLESS_COMMANDS = 3


@dataclass(frozen=True, slots=True)
class Script:
    """What the operator of one run is going to do."""

    instance: Instance
    session_name: str
    callout_address: str
    callout: str
    lines: tuple[str, ...]
    """Everything typed, the callout among it."""


def invent(
    scenario: Scenario,
    instances: Sequence[Instance],
    addresses: Sequence[str],
    rng: random.Random,
) -> Script:
    """Make up a run. ``rng`` must be unpredictable outside of tests."""
    address = rng.choice(addresses)
    token = "".join(rng.choices(string.ascii_lowercase + string.digits, k=_TOKEN_LENGTH))
    callout = scenario.callout.format(address=address, token=token)
    harmless = rng.sample(scenario.harmless_commands, _HARMLESS_COMMANDS)
    return Script(
        instance=rng.choice(instances),
        session_name=f"{rng.choice(_FIRST_NAMES)}-{rng.choice(_JOBS)}-{rng.randrange(100, 1000)}",
        callout_address=address,
        callout=callout,
        lines=(*harmless, callout),
    )
