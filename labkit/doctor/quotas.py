"""Whether the account's quotas leave room for the labs that don't exist yet.

Sources: EC2 user guide, "On-Demand Instance quotas" (vCPUs of pending and running instances count); VPC user guide, "Amazon
VPC quotas"; CloudTrail user guide, "Quotas in AWS CloudTrail" (five trails per Region, which AWS doesn't raise);
Service Quotas API reference, "GetServiceQuota" and "GetAWSDefaultServiceQuota".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from labkit.aws import Account, ClientError, DeniedError, explain_errors, is_missing
from labkit.doctor.finding import Finding, Subject
from labkit.names import evidence_stack

_MOST_TRAILS = 5
_SERVER_VCPUS = 2
"""Of a t3.micro or t3a.micro (EC2 instance types guide)."""
_STANDARD_FAMILIES = "acdhimrtz"
_SPECIAL = ("hpc", "inf", "trn", "mac", "dl")


@dataclass(frozen=True, slots=True)
class _Quota:
    """A quota that labs use up."""

    service: str
    code: str
    what: str
    resource: str
    """The type in the lab's template whose number counts."""
    each: int
    """How much one such resource uses."""
    used: Callable[[Account], int]


def check_quotas(subject: Subject) -> Iterator[Finding]:
    """Say for each quota whether it has room for the new labs."""
    for quota in _QUOTAS:
        yield _check(subject, quota)
    yield _check_trails(subject)


def _check(subject: Subject, quota: _Quota) -> Finding:
    account = subject.account
    check = f"quota of {quota.what}"
    count = resources_in(subject.templates["lab"], quota.resource)
    needed = count * quota.each * len(subject.new_seats)
    if not needed:
        return subject.ok(check, "no new lab needs any")
    try:
        with explain_errors(f"reading the quota of {quota.what}"):
            limit = _limit(account, quota)
            used = quota.used(account)
    except DeniedError as error:
        return subject.warning(
            check,
            f"The quota is unknown: {error.message}",
            f"The new labs need {needed} of {quota.what}. Look up {quota.code} in the Service Quotas console.",
        )
    detail = f"{used} of {limit} {quota.what} are in use, and the new labs need {needed} more"
    if used + needed <= limit:
        return subject.ok(check, detail)
    return subject.blocker(
        check,
        f"{detail}.",
        f"Request an increase, which can take days: aws service-quotas request-service-quota-increase --service-code "
        f"{quota.service} --quota-code {quota.code} --desired-value {used + needed} --region {account.region}",
        f"Please raise the quota {quota.code} ({quota.what}) to {used + needed} in account {account.id}, Region "
        f"{account.region}. It's {limit} now, and our workshop needs {needed} more than are in use.",
    )


def _limit(account: Account, quota: _Quota) -> int:
    """Return the account's value or, if Service Quotas doesn't know it, AWS's default."""
    quotas = account.client("service-quotas")
    names = {"ServiceCode": quota.service, "QuotaCode": quota.code}
    try:
        return int(quotas.get_service_quota(**names)["Quota"]["Value"])
    except ClientError as error:
        if not is_missing(error):
            raise
        return int(quotas.get_aws_default_service_quota(**names)["Quota"]["Value"])


def resources_in(template: str, kind: str) -> int:
    """Count the resources of a type, such as ``AWS::EC2::VPC``, in a rendered template."""
    return len(re.findall(rf"^ +Type: {kind}$", template, re.MULTILINE))


def _used_vcpus(account: Account) -> int:
    pages = account.client("ec2").get_paginator("describe_instances")
    states = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    return sum(
        instance["CpuOptions"]["CoreCount"] * instance["CpuOptions"]["ThreadsPerCore"]
        for page in pages.paginate(Filters=states)
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
        if _counts(instance)
    )


def _counts(instance: dict[str, Any]) -> bool:
    """Whether an instance uses the quota of standard On-Demand Instances."""
    kind = instance["InstanceType"]
    standard = kind[0] in _STANDARD_FAMILIES and not kind.startswith(_SPECIAL)
    return standard and instance.get("InstanceLifecycle") != "spot"


def _count(operation: str, key: str) -> Callable[[Account], int]:
    """Return a function that counts what an operation of EC2 lists."""

    def used(account: Account) -> int:
        pages = account.client("ec2").get_paginator(operation).paginate()
        return sum(len(page[key]) for page in pages)

    return used


def _check_trails(subject: Subject) -> Finding:
    if evidence_stack(subject.workshop) in subject.stacks:
        return subject.ok("trails", "the workshop's trail exists")
    with explain_errors("counting the trails"):
        trails = subject.account.client("cloudtrail").describe_trails(includeShadowTrails=False)
    count = len(trails["trailList"])
    if count < _MOST_TRAILS:
        return subject.ok("trails", f"{count} of {_MOST_TRAILS} trails exist")
    return subject.blocker(
        "trails",
        f"The account already has {count} of {_MOST_TRAILS} trails in the Region, a quota that AWS doesn't raise.",
        "Delete a trail that's no longer needed (CloudTrail console, Trails), or use another account.",
    )


_QUOTAS = (
    _Quota(
        "ec2", "L-1216C47A", "vCPUs of standard On-Demand Instances", "AWS::EC2::Instance", _SERVER_VCPUS, _used_vcpus,
    ),
    _Quota("vpc", "L-F678F1CE", "VPCs", "AWS::EC2::VPC", 1, _count("describe_vpcs", "Vpcs")),
    _Quota(
        "vpc", "L-A4707A72", "internet gateways", "AWS::EC2::InternetGateway", 1,
        _count("describe_internet_gateways", "InternetGateways"),
    ),
)  # fmt: skip
