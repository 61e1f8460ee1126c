"""Feedback on wrong answers that checks of several scenarios share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from labkit.grading.outcomes import Wrong
from labkit.model import Evidence

SAMPLE_INSTANCE = "i-99999999"
"""The server in all of GuardDuty's sample findings."""


def reject_instance(answer: str, evidence: Evidence, *, of_lab: str, otherwise: str) -> NoReturn:
    """Raise ``Wrong`` for a server other than the alert's; ``of_lab`` is the feedback on one of the lab's servers."""
    if answer == SAMPLE_INSTANCE:
        raise Wrong("That server is from a GuardDuty sample finding. It doesn't exist.")
    if answer in {finding.instance_id for finding in evidence.findings}:
        raise Wrong(
            "GuardDuty has a finding about that server, but it's a different type than the alert."
        )
    raise Wrong(of_lab if answer in {s.instance_id for s in evidence.instances} else otherwise)


def of_names(these: Sequence[str], answer: Sequence[str]) -> str:
    """Say how many names of an answer something applies to; quote them only if it's all of them."""
    is_all = len(these) == len(answer)
    return ", ".join(these) if is_all else f"{len(these)} of your {len(answer)} names"
