"""Whether labkit's role in an account may do what the commands do, according to IAM's policy simulator.

The simulator knows identity policies, the permissions boundary, and service control policies (IAM API reference,
"SimulatePrincipalPolicy", "EvaluationResult"; IAM user guide, "Testing IAM policies with the IAM policy simulator"). It
doesn't know what a real call has in its context, so a denial that depends on a missing key is only a warning. It can't
simulate the root user.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labkit.aws import ClientError, DeniedError, error_code, explain_errors
from labkit.deploy.detector import has_detector
from labkit.doctor.finding import Finding, Subject
from labkit.doctor.needs import DETECTOR_NEEDS, NEEDS, THREAT_LIST_NEEDS, Need
from labkit.error_causes import NEXT_STEPS, Cause
from labkit.names import athena_database_name, seat_stack

_GLOBAL_REGION = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_SHOWN = 3
_DECISIONS = ("EvalDecision", "EvalResourceDecision")


@dataclass(frozen=True, slots=True)
class _Denial:
    """An action that the simulator denies, and why."""

    action: str
    purpose: str
    by_organization: bool
    by_boundary: bool
    unsure: bool


def check_permissions(subject: Subject) -> Iterator[Finding]:
    """Say which of the commands' calls would be denied."""
    try:
        denials = list(_denials(subject))
    except DeniedError as error:
        yield subject.warning(
            "permissions",
            f"It's unknown which permissions are missing: {error.message}",
            "Allow iam:SimulatePrincipalPolicy, or rehearse with one seat.",
        )
        return
    except _NotSimulatedError as error:
        yield subject.warning(
            "permissions",
            f"IAM can't simulate {error}, so it's unknown which permissions are missing.",
            "Use a role or a user, or rehearse with one seat.",
        )
        return
    if not denials:
        yield subject.ok("permissions", "every call of the commands is allowed")
        return
    grouped: dict[tuple[bool, bool, bool], list[_Denial]] = defaultdict(list)
    for denial in denials:
        grouped[denial.by_organization, denial.by_boundary, denial.unsure].append(denial)
    for group in grouped.values():
        yield _finding(subject, group)


class _NotSimulatedError(Exception):
    """The caller isn't a role or a user; the text names it."""


def _denials(subject: Subject) -> Iterator[_Denial]:
    account = subject.account
    principal = account.principal_arn()
    if ":role/" not in principal and ":user/" not in principal:
        raise _NotSimulatedError(principal)
    for group in _batches(_needs(subject)):
        results = _simulate(subject, principal, group)
        for need in group:
            for action in need.actions:
                parts = results[action, _resource(subject, need)]
                decisions = {part[key] for part in parts for key in _DECISIONS if key in part}
                if decisions != {"allowed"}:
                    yield _Denial(
                        action,
                        need.purpose,
                        _says_no(parts, "OrganizationsDecisionDetail", "AllowedByOrganizations"),
                        _says_no(parts, "PermissionsBoundaryDecisionDetail", "AllowedByPermissionsBoundary"),
                        any(part.get("MissingContextValues") for part in parts),
                    )  # fmt: skip


def _says_no(parts: Iterable[dict[str, Any]], detail: str, key: str) -> bool:
    return any(part.get(detail, {}).get(key) is False for part in parts)


def _needs(subject: Subject) -> Iterator[Need]:
    """Yield what this account needs: more if it has no detector, or if the scenario has a threat list."""
    yield from NEEDS
    if subject.has_threat_list:
        yield from THREAT_LIST_NEEDS
    try:
        detector = has_detector(subject.account)
    except DeniedError:
        return  # The simulation says so, too.
    if not detector:
        yield from DETECTOR_NEEDS


def _batches(needs: Iterable[Need]) -> list[list[Need]]:
    """Join the needs of one resource and context, because the simulator decides each action on each resource of a call."""
    batches: dict[Any, list[Need]] = defaultdict(list)
    for need in needs:
        batches[need.resource, need.is_global, tuple(need.context.items())].append(need)
    return list(batches.values())


_Results = Mapping[tuple[str, str], list[dict[str, Any]]]
"""What the simulator says about an action on a resource."""


def _simulate(subject: Subject, principal: str, batch: list[Need]) -> _Results:
    account = subject.account
    # IAM has one endpoint, and its calls are made in that endpoint's Region.
    home = _GLOBAL_REGION[account.partition] if batch[0].is_global else account.region
    context = {"aws:RequestedRegion": home, **batch[0].context}
    pages = account.client("iam").get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=principal,
        ActionNames=list(dict.fromkeys(action for need in batch for action in need.actions)),
        ResourceArns=[_resource(subject, batch[0])],
        ContextEntries=[
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for key, value in context.items()
        ],
    )  # fmt: skip
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    with explain_errors("simulating the role's policies"):
        try:
            for page in pages:
                for result in page["EvaluationResults"]:
                    _note(found, result)
        except ClientError as error:
            if error_code(error) == "NoSuchEntity":
                raise _NotSimulatedError(principal) from error
            raise
    return found


def _note(found: dict[tuple[str, str], list[dict[str, Any]]], result: dict[str, Any]) -> None:
    """Note a result for each of its resources; the decision of organizations is part of the whole result only."""
    action = result["EvalActionName"]
    specific = result.get("ResourceSpecificResults", [])
    if not specific:
        found[action, result["EvalResourceName"]].append(result)
    organizations = {
        key: value for key, value in result.items() if key == "OrganizationsDecisionDetail"
    }
    for part in specific:
        found[action, part["EvalResourceName"]].append(part | organizations)


def _resource(subject: Subject, need: Need) -> str:
    account, seat = subject.account, subject.seats[0].id
    return (need.resource or "*").format(
        partition=account.partition, region=account.region, account=account.id,
        workshop=subject.workshop.name, seat=seat, stack=seat_stack(subject.workshop, seat),
        database=athena_database_name(subject.workshop.name),
    )  # fmt: skip


def _finding(subject: Subject, denials: list[_Denial]) -> Finding:
    first, account = denials[0], subject.account
    actions = [denial.action for denial in denials]
    more = f" and {len(actions) - _SHOWN} more" if len(actions) > _SHOWN else ""
    what = f"{', '.join(actions[:_SHOWN])}{more}"
    purposes = "; ".join(dict.fromkeys(denial.purpose for denial in denials))
    listed = "\n".join(f"  {denial.action}: {denial.purpose}" for denial in denials)
    if first.by_organization:
        who, next_step = "A policy of the organization", NEXT_STEPS[Cause.ORGANIZATION]
        request = (
            f"Please exempt account {account.id} from the service control policy that denies these actions in "
            f"{account.region}. Our workshop needs them:\n{listed}"
        )
    else:
        who = "The permissions boundary of the role" if first.by_boundary else "The role's policy"
        next_step = f"Allow {'it' if len(actions) == 1 else 'them'} for {account.principal_arn()}."
        request = (
            f"Please allow {account.principal_arn()} these actions in {account.region}. Our workshop needs them:\n{listed}"
        )  # fmt: skip
    if first.unsure:
        return subject.warning(
            "permissions",
            f"{who} might deny {what} (to {purposes}). It depends on a condition that the simulator doesn't know.",
            f"Rehearse with one seat. If it's denied: {next_step[0].lower()}{next_step[1:]}",
            request,
        )
    return subject.blocker(
        "permissions", f"{who} denies {what} (to {purposes}).", next_step, request
    )
