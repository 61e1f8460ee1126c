"""An examination as text for one screen, and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from labkit.doctor.costs import PRICES_AS_OF, Cost
from labkit.doctor.examine import NOT_TESTED, Examination
from labkit.doctor.finding import Finding, Level
from labkit.plurals import counted

_WIDTH = 80
_MOST_ACCOUNTS = 3
_PLACE = "<account>"


def as_json(examination: Examination) -> dict[str, Any]:
    """Return the document of ``doctor --json``."""
    cost = asdict(examination.cost) | {"prices_as_of": PRICES_AS_OF, "currency": "USD"}
    return {
        "workshop": examination.workshop.name,
        "ready": not examination.blocked,
        "findings": [asdict(finding) for finding in examination.findings],
        "not_tested": [NOT_TESTED],
        "cost": cost,
    }


def as_lines(examination: Examination) -> Iterator[str]:
    """Yield lines of at most 80 columns, except for words that are longer. The same finding in several accounts comes once."""
    shown = sorted(
        (f for f in examination.findings if f.level is not Level.OK),
        key=lambda finding: finding.level is not Level.BLOCKER,
    )
    for group in _same(shown):
        yield from _paragraph(group)
    asking = [finding for finding in shown if finding.request]
    if asking:
        yield "To send to the people in charge:"
    for accounts, request in _requests(asking):
        if len(accounts) > 1:
            yield from _folded(f"For each <account> of {', '.join(accounts)}:", "  ", "  ")
        yield from _folded(request, "  > ", "    ")
    yield from _folded(_conclusion(examination))
    yield from _folded(_price(examination.cost))
    yield from _folded(NOT_TESTED)


def _requests(findings: Sequence[Finding]) -> Iterator[tuple[list[str], str]]:
    """Yield each request once, with its accounts; if there are several, the text has a placeholder."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.request.replace(finding.account, _PLACE), []).append(finding)
    for text, group in groups.items():
        accounts = list(dict.fromkeys(finding.account for finding in group))
        yield accounts, text if len(accounts) > 1 else group[0].request


def _same(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Group the findings that differ only in the account."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        texts = (finding.detail, finding.next_step)
        key = tuple(
            text.replace(finding.account, _PLACE) if finding.account else text for text in texts
        )
        groups.setdefault((finding.level, finding.check, *key), []).append(finding)
    return list(groups.values())


def _paragraph(group: Sequence[Finding]) -> Iterator[str]:
    first = group[0]
    several = len(group) > 1
    listed = ", ".join(finding.account for finding in group[:_MOST_ACCOUNTS])
    more = f" and {len(group) - _MOST_ACCOUNTS} more" if len(group) > _MOST_ACCOUNTS else ""
    where = f"{listed}{more}" or "this machine"
    detail = first.detail.replace(first.account, _PLACE) if several else first.detail
    step = first.next_step.replace(first.account, _PLACE) if several else first.next_step
    yield from _folded(f"{first.level.value}  {where}: {detail}", indent="  ")
    yield from _folded(f"-> {step}", "  ", "     ")


def _conclusion(examination: Examination) -> str:
    accounts = len(examination.accounts)
    bad = {f.account for f in examination.findings if f.level is Level.BLOCKER}
    doubtful = {f.account for f in examination.findings if f.level is Level.WARNING} - bad
    # This machine counts as no account.
    good = accounts - len((bad | doubtful) - {""})
    if not bad and not doubtful:
        return f"{counted(accounts, 'account')} {_verb(accounts)} ready."
    parts = [f"{good} of {counted(accounts, 'account')} {_verb(accounts)} ready"]
    blockers = sum(f.level is Level.BLOCKER for f in examination.findings)
    warnings = sum(f.level is Level.WARNING for f in examination.findings)
    parts += [counted(n, what) for n, what in ((blockers, "blocker"), (warnings, "warning")) if n]
    return f"{parts[0]}: {', '.join(parts[1:])}."


def _verb(count: int) -> str:
    return "is" if count == 1 else "are"


def _price(cost: Cost) -> str:
    return (
        f"Estimate: {counted(cost.servers, 'server')} cost about ${cost.per_hour:.2f} an hour and ${cost.for_ttl:.2f} for "
        f"the whole time to live (list prices of {cost.prices_of}, {PRICES_AS_OF}; logs, GuardDuty, and Athena are extra)."
    )


def _folded(text: str, start: str = "", indent: str = "") -> Iterator[str]:
    """Wrap a text between words; each of its lines begins a new one."""
    for number, line in enumerate(text.splitlines()):
        yield from textwrap.wrap(
            line, _WIDTH, initial_indent=indent if number else start, subsequent_indent=indent,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
