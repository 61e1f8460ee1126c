"""Whether servers can run in the Region, and whether they'd reach the internet.

Sources: Account Management reference guide, "Enable or disable AWS Regions in your account"; VPC user guide, "Block public
access to VPCs and subnets"; EC2 API reference, "DescribeRegions", "DescribeVpcBlockPublicAccessOptions".
"""

from __future__ import annotations

from collections.abc import Iterator

from labkit.aws import Account, explain_errors
from labkit.deploy.placement import placements
from labkit.doctor.finding import Finding, Level, Subject
from labkit.errors import CloudError

# A Region of each partition that's always enabled. Where a Region isn't, no call there works.
_ALWAYS_ENABLED = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_ZONES = 2


def check_region(account: Account) -> Finding | None:
    """Say whether the account hasn't enabled the Region; asks in another one. None if it has."""
    region = account.region
    home = account.in_region(_ALWAYS_ENABLED[account.partition])
    with explain_errors("looking up the account's Regions"):
        found = home.client("ec2").describe_regions(
            AllRegions=True, Filters=[{"Name": "region-name", "Values": [region]}]
        )["Regions"]
    if not found:
        return Finding(
            account.id, region, "region", Level.BLOCKER,
            f"There's no Region {region}.", "Correct region in workshop.toml.",
        )  # fmt: skip
    if found[0]["OptInStatus"] == "not-opted-in":
        return Finding(
            account.id, region, "region", Level.BLOCKER,
            f"The account hasn't enabled the Region {region}.",
            f"Enable it, which takes some minutes: aws account enable-region --region-name {region}",
            f"Please enable the Region {region} in account {account.id} (Account > AWS Regions).",
        )  # fmt: skip
    return None


def check_zones(subject: Subject) -> Iterator[Finding]:
    """Say whether at least two zones offer the servers' instance type, so that there's a second one to try."""
    try:
        found = placements(subject.account, "")
    except CloudError as error:
        if error.__cause__ is not None:
            raise  # AWS didn't answer the question.
        yield subject.blocker("zones", error.message, error.hint)
        return
    zones = sorted({each.zone for each in found})
    if len(zones) < _ZONES:
        yield subject.warning(
            "zones",
            f"Only the zone {zones[0]} offers {found[0].instance_type}, so there's none to try if it's full.",
            "Set another Region in workshop.toml, or go on and be prepared to rerun 'labkit up'.",
        )
    else:
        yield subject.ok("zones", f"{len(zones)} zones offer {found[0].instance_type}")


def check_public_access(subject: Subject) -> Iterator[Finding]:
    """Say whether VPC Block Public Access would cut the servers off.

    Both modes, ``block-bidirectional`` and ``block-ingress``, stop the traffic of an internet gateway to public addresses.
    """
    account = subject.account
    with explain_errors("reading VPC Block Public Access"):
        found = account.client("ec2").describe_vpc_block_public_access_options()
    options = found["VpcBlockPublicAccessOptions"]
    mode = options.get("InternetGatewayBlockMode", "off")
    if mode == "off":
        yield subject.ok("public access", "VPC Block Public Access is off")
        return
    detail = f"VPC Block Public Access is {mode}, so no login and no callout gets through."
    request = (
        f"Please exempt account {account.id} in {account.region} from VPC Block Public Access (it's {mode}) during our "
        "workshop. Its servers need an internet gateway."
    )
    if options.get("ManagedBy") == "declarative-policy":
        yield subject.blocker(
            "public access",
            detail,
            "Ask the organization's administrator for an exception.",
            request,
        )
        return
    yield subject.blocker(
        "public access",
        detail,
        f"Run in the account: aws ec2 modify-vpc-block-public-access-options --region {account.region} "
        "--internet-gateway-block-mode off",
        request,
    )
