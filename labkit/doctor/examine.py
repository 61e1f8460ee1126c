"""Run every check in every account of a workshop, side by side. One account's trouble is that account's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from labkit.aws import Account, Cloud
from labkit.concurrent import Interrupt, map_seats
from labkit.deploy import stacks
from labkit.doctor.costs import Cost, estimate
from labkit.doctor.detector import check_detector
from labkit.doctor.finding import Finding, Level, Subject
from labkit.doctor.leftovers import check_emails, check_leftovers, check_names
from labkit.doctor.machine import check_clock
from labkit.doctor.permissions import check_permissions
from labkit.doctor.quotas import check_quotas
from labkit.doctor.regions import check_public_access, check_region, check_zones
from labkit.errors import CloudError, LabkitError
from labkit.model import Seat, Workshop

# In the order in which findings are shown.
_CHECKS: tuple[tuple[str, Callable[[Subject], Iterator[Finding]]], ...] = (
    ("permissions", check_permissions),
    ("quotas", check_quotas),
    ("zones", check_zones),
    ("public access", check_public_access),
    ("guardduty", check_detector),
    ("names", check_names),
    ("leftovers", check_leftovers),
    ("emails", check_emails),
)
# The others would take what's deployed already for missing or for someone else's.
_WITHOUT_STACKS = frozenset({"permissions", "zones", "public access"})
NOT_TESTED = (
    "Not tested: whether this network lets outgoing connections to port 22 through, because there's no server to "
    "connect to before 'labkit up'. Rehearse with one seat, or use 'labkit simulate --via ssm'."
)
"""What no check can find out before something is deployed."""


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that ``doctor`` found out."""

    workshop: Workshop
    accounts: tuple[str, ...]
    findings: tuple[Finding, ...]
    cost: Cost

    @property
    def blocked(self) -> bool:
        """Whether anything would stop the workshop."""
        return any(finding.level is Level.BLOCKER for finding in self.findings)


def examine(
    workshop: Workshop,
    seats: Sequence[Seat],
    cloud: Cloud,
    templates: Mapping[str, str],
    interrupt: Interrupt,
) -> Examination:
    """Look into the account of each seat; it only reads."""
    groups: dict[str, list[Seat]] = defaultdict(list)
    for seat in seats:
        groups[seat.account or cloud.caller.id].append(seat)

    def look(group: tuple[str, list[Seat]]) -> list[Finding]:
        return list(_look(group[0], tuple(group[1]), workshop, cloud, templates))

    results = map_seats(groups.items(), look, interrupt=interrupt)
    findings = [check_clock(cloud.now(), datetime.now(UTC))]
    for result in results:
        if result.value is not None:
            findings += result.value
        else:
            error = result.error or CloudError("unknown", "Rerun the command with --debug.")
            findings.append(_cannot_tell(result.item[0], workshop.region, "account", error))
    return Examination(
        workshop, tuple(groups), tuple(findings), estimate(workshop, templates["lab"])
    )


def _look(
    account_id: str,
    seats: tuple[Seat, ...],
    workshop: Workshop,
    cloud: Cloud,
    templates: Mapping[str, str],
) -> Iterator[Finding]:
    region = workshop.region
    try:
        account = cloud.account(account_id)
        arn = account.principal_arn()
    except LabkitError as error:
        yield Finding(
            account_id, region, "access", Level.BLOCKER, error.message, error.hint,
            _access_request(account_id, workshop, cloud),
        )  # fmt: skip
        return
    yield Finding(account_id, region, "access", Level.OK, f"the commands work as {arn}")
    try:
        existing = {stack.name: stack for stack in stacks.every(account)}
    except LabkitError as error:
        disabled = _disabled_region(account)
        yield disabled or _cannot_tell(account_id, region, "stacks", error)
        if disabled is not None:
            return  # No other call would work.
        existing, checks = {}, [each for each in _CHECKS if each[0] in _WITHOUT_STACKS]
    else:
        checks = list(_CHECKS)
        yield Finding(account_id, region, "region", Level.OK, f"{region} is enabled")
    subject = Subject(account, workshop, seats, templates, existing)
    for name, check in checks:
        try:
            yield from check(subject)
        except LabkitError as error:
            yield _cannot_tell(account_id, region, name, error)


def _disabled_region(account: Account) -> Finding | None:
    """Return the finding if a call failed because the Region isn't enabled, as far as labkit may know."""
    try:
        return check_region(account)
    except LabkitError:
        return None


def _cannot_tell(account: str, region: str, check: str, error: LabkitError) -> Finding:
    """Return the finding of a check that couldn't look.."""
    return Finding(
        account, region, check, Level.WARNING,
        f"It's unknown whether this is right: {error.message}", error.hint,
    )  # fmt: skip


def _access_request(account: str, workshop: Workshop, cloud: Cloud) -> str:
    if workshop.access_role is None:
        return ""
    return (
        f"Please let {cloud.caller.principal_arn()} assume the role {workshop.access_role} in account {account}, for our "
        f"workshop in {workshop.region}."
    )
