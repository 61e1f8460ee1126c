"""``doctor`` names each thing that would stop a workshop, with what to do about it, and says so if nothing would."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from labkit.aws import Account
from labkit.cli import load_verbs
from labkit.cli.common.app import app
from labkit.doctor.examine import Examination, examine
from labkit.doctor.finding import Finding, Level
from labkit.doctor.machine import check_clock
from labkit.doctor.needs import DETECTOR_NEEDS, NEEDS, THREAT_LIST_NEEDS
from labkit.doctor.summary import as_json, as_lines
from labkit.embedded_aws import embedded_aws
from labkit.render import render
from labkit.workflow import demo_run
from labkit.workflow.new_workshop import local_seats, workshop_text
from labkit.workflow.operations import Operations
from labkit.workshop import parse_workshop
from pocketaws.testing import administrator, set_faults

if TYPE_CHECKING:
    from pocketaws.server import LocalAws

REGION = demo_run.REGION
ROLE = "OrganizationAccountAccessRole"


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with embedded_aws(REGION) as running:
        yield running


@pytest.fixture
def work(aws: LocalAws) -> Operations:  # noqa: ARG001 - the emulator must run
    return demo_run.begin(2)


def look(work: Operations) -> Examination:
    return examine(work.workshop, work.seats, work.cloud, render(work.workshop), work.interrupt)


def wrong(work: Operations) -> list[Finding]:
    return [finding for finding in look(work).findings if finding.level is not Level.OK]


def only_one(work: Operations, check: str, level: Level = Level.BLOCKER) -> Finding:
    """The only thing that's wrong; it must be in the first seat's account."""
    (finding,) = wrong(work)
    assert (finding.check, finding.level) == (check, level)
    assert finding.account == work.seats[0].account
    assert finding.next_step
    return finding


def first(work: Operations) -> Account:
    return work.cloud.account(work.seats[0].account)


def member_role(account: Account, name: str, *statements: dict[str, Any]) -> None:
    """Make a role that the management account can assume, with a policy of these statements."""
    trust = account.client("iam").get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    account.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    account.client("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)


def entering_by(work: Operations, role: str) -> Operations:
    """The same seats with another access role; every account must have it."""
    return Operations.on(replace(work.workshop, access_role=role), [work.seats[0].id])


def test_nothing_wrong_says_so(work: Operations) -> None:
    examination = look(work)
    lines = list(as_lines(examination))
    assert wrong(work) == []
    assert lines[0] == "2 accounts are ready."
    assert "port 22" in " ".join(lines)
    assert as_json(examination)["ready"] is True
    checked = {finding.check for finding in examination.findings}
    assert {"access", "permissions", "region", "zones", "public access", "guardduty", "trails", "leftovers"} <= checked  # fmt: skip


def test_an_account_that_cannot_be_entered_stops_no_other(work: Operations) -> None:
    name = "labkit-entry"
    member_role(first(work), name, {"Effect": "Allow", "Action": "*", "Resource": "*"})
    half = Operations.on(replace(work.workshop, access_role=name))
    (finding,) = wrong(half)
    assert (finding.check, finding.level) == ("access", Level.BLOCKER)
    assert finding.account == work.seats[1].account
    assert f"can't assume the role {name}" in finding.detail
    assert f"assume the role {name} in account {work.seats[1].account}" in finding.request


def test_a_denied_action_is_named_with_what_it_is_for(work: Operations) -> None:
    everything = {"Effect": "Allow", "NotAction": "ec2:RunInstances", "Resource": "*"}
    member_role(first(work), "deployer", everything)
    finding = only_one(entering_by(work, "deployer"), "permissions")
    assert "ec2:RunInstances (to start and remove servers)" in finding.detail
    assert "The role's policy" in finding.detail
    assert finding.next_step.endswith("role/deployer.")
    assert "ec2:RunInstances: start and remove servers" in finding.request


def test_a_denial_by_the_organization_is_told_apart(work: Operations, aws: LocalAws) -> None:
    organizations = administrator(aws)("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    if not organizations.list_roots()["Roots"][0]["PolicyTypes"]:
        organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    denial = {"Effect": "Deny", "Action": "iam:PutRolePolicy", "Resource": "*"}
    made = organizations.create_policy(
        Name="no-policies",
        Description="",
        Type="SERVICE_CONTROL_POLICY",
        Content=json.dumps({"Version": "2012-10-17", "Statement": [denial]}),
    )
    organizations.attach_policy(
        PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=work.seats[0].account
    )
    finding = only_one(work, "permissions")
    assert "A policy of the organization denies iam:PutRolePolicy" in finding.detail
    assert "organization's administrator" in finding.next_step
    assert "exempt account" in finding.request
    assert str(finding.account) in finding.request


def test_a_denial_in_another_region_does_not_count(work: Operations) -> None:
    here = {"StringNotEquals": {"aws:RequestedRegion": [REGION, "us-east-1"]}}
    member_role(
        first(work),
        "here-only",
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": here},
    )
    assert wrong(entering_by(work, "here-only")) == []


def test_a_denial_that_depends_on_an_unknown_condition_is_a_warning(work: Operations) -> None:
    tagged = {"StringNotEquals": {"aws:RequestTag/team": "red"}}
    member_role(
        first(work),
        "taggers",
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "ec2:CreateVpc", "Resource": "*", "Condition": tagged},
    )
    finding = only_one(entering_by(work, "taggers"), "permissions", Level.WARNING)
    assert "might deny ec2:CreateVpc" in finding.detail


def test_a_role_that_cannot_be_simulated_is_a_warning(work: Operations) -> None:
    no_simulation = {"Effect": "Allow", "NotAction": "iam:SimulatePrincipalPolicy", "Resource": "*"}
    member_role(first(work), "unseen", no_simulation)
    finding = only_one(entering_by(work, "unseen"), "permissions", Level.WARNING)
    assert "iam:SimulatePrincipalPolicy" in finding.next_step


def test_the_listed_permissions_are_enough_for_a_whole_workshop(work: Operations) -> None:
    needs = (*NEEDS, *THREAT_LIST_NEEDS, *DETECTOR_NEEDS)
    actions = sorted({action for need in needs for action in need.actions})
    more = ["iam:SimulatePrincipalPolicy", "sts:AssumeRole"]
    member_role(
        first(work), "exactly", {"Effect": "Allow", "Action": [*actions, *more], "Resource": "*"}
    )
    exact = entering_by(work, "exactly")
    assert not look(exact).blocked
    assert [row["detail"] for row in exact.up() if row["state"] != "ready"] == []
    assert [row["detail"] for row in exact.simulate("ssh") if row["state"] != "incident"] == []
    assert [row["detail"] for row in exact.down() if row["state"] != "absent"] == []


def test_a_policy_that_is_limited_to_the_names_of_the_workshop_is_enough(work: Operations) -> None:
    named = ("role/labkit-demo-*", "instance-profile/labkit-demo-*", "workgroup/labkit-demo-*", "rule/labkit-demo-*", "labkit-demo-*", "stack/labkit-demo-*", "schedule/labkit-demo-*", "schedule-group/labkit-demo-*", "parameter/labkit/demo/*", "log-group:labkit-demo-*", "trail/labkit-demo", "database/labkit_demo", "table/labkit_demo/*")  # fmt: skip
    services = "iam:* athena:* events:* sns:* cloudformation:* scheduler:* ssm:* logs:* cloudtrail:* glue:*"
    reads = "iam:List* iam:GetRole iam:Simulate* iam:CreateServiceLinkedRole athena:List* events:List* sns:List* cloudformation:Describe* cloudformation:List* scheduler:List* ssm:Describe* ssm:GetParameters cloudtrail:LookupEvents cloudtrail:DescribeTrails glue:GetDatabases"  # fmt: skip
    guardduty = "role/aws-service-role/guardduty.amazonaws.com/*"
    member_role(
        first(work),
        "limited",
        {"Effect": "Allow", "NotAction": services.split(), "Resource": "*"},
        {"Effect": "Allow", "Action": services.split(), "Resource": [f"arn:aws:*:*:*:{each}" for each in (*named, guardduty)]},
        {"Effect": "Allow", "Action": reads.split(), "Resource": "*"},
    )  # fmt: skip
    assert wrong(entering_by(work, "limited")) == []


def test_without_a_look_at_the_stacks_nothing_is_said_about_what_is_deployed(
    work: Operations, aws: LocalAws
) -> None:
    set_faults(aws, quotas={"L-1216C47A": 3})
    blind = {"Effect": "Allow", "NotAction": "cloudformation:DescribeStacks", "Resource": "*"}
    member_role(first(work), "blind", blind)
    found = {(f.check, f.level) for f in wrong(entering_by(work, "blind"))}
    assert found == {("stacks", Level.WARNING), ("permissions", Level.BLOCKER)}


def test_the_command_exits_with_1_for_blockers_only(
    work: Operations, aws: LocalAws, tmp_path: Path
) -> None:
    load_verbs()
    file = tmp_path / "workshop.toml"
    file.write_text(workshop_text("demo", REGION, work.seats, local=True))
    words = ["doctor", "-w", str(file)]
    ready = CliRunner().invoke(app, words, obj={"debug": False})
    assert (ready.exit_code, ready.stdout.splitlines()[0]) == (0, "2 accounts are ready.")
    set_faults(aws, quotas={"L-1216C47A": 3})
    blocked = CliRunner().invoke(app, [*words, "--json"], obj={"debug": False})
    document = json.loads(blocked.stdout)
    assert (blocked.exit_code, document["ready"]) == (1, False)
    assert {f["level"] for f in document["findings"]} == {"ok", "blocker"}


def test_a_small_quota_is_named_with_the_increase_to_request(
    work: Operations, aws: LocalAws
) -> None:
    set_faults(aws, quotas={"L-1216C47A": 3})
    findings = wrong(work)
    assert {finding.account for finding in findings} == {seat.account for seat in work.seats}
    assert all("0 of 3 vCPUs" in finding.detail for finding in findings)
    assert all("need 4 more" in finding.detail for finding in findings)
    assert all("--quota-code L-1216C47A --desired-value 4" in f.next_step for f in findings)
    assert all("raise the quota L-1216C47A" in finding.request for finding in findings)
    set_faults(aws, quotas={"L-1216C47A": 4})
    assert wrong(work) == []


def test_what_is_in_use_counts(work: Operations, aws: LocalAws) -> None:
    first(work).client("ec2").create_vpc(CidrBlock="10.9.0.0/16")
    before = len(first(work).client("ec2").describe_vpcs()["Vpcs"])
    set_faults(aws, quotas={"L-F678F1CE": before})
    finding = only_one(work, "quota of VPCs")
    assert f"{before} of {before} VPCs are in use" in finding.detail


def test_too_many_trails(work: Operations) -> None:
    account = first(work)
    account.client("s3").create_bucket(
        Bucket="others-trails", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    service = {"Service": "cloudtrail.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": service, "Action": "s3:*", "Resource": ["arn:aws:s3:::others-trails", "arn:aws:s3:::others-trails/*"]}  # fmt: skip
    account.client("s3").put_bucket_policy(
        Bucket="others-trails",
        Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    for number in range(5):
        account.client("cloudtrail").create_trail(
            Name=f"other-{number}", S3BucketName="others-trails"
        )
    finding = only_one(work, "trails")
    assert "5 of 5 trails" in finding.detail
    assert "Delete a trail" in finding.next_step


def test_a_question_that_aws_does_not_answer_is_unknown(work: Operations) -> None:
    member_role(
        first(work),
        "unasked",
        {"Effect": "Allow", "NotAction": "ec2:DescribeInstanceTypeOfferings", "Resource": "*"},
    )
    found = {(f.check, f.level) for f in wrong(entering_by(work, "unasked"))}
    assert found == {("zones", Level.WARNING), ("permissions", Level.BLOCKER)}


def test_a_region_that_is_not_enabled(aws: LocalAws) -> None:
    region = "eu-south-1"
    administrator(aws)("account").enable_region(RegionName=region)
    made = local_seats("demo", 1, REGION)
    text = workshop_text("demo", region, made, local=True)
    finding = only_one(
        Operations.on(parse_workshop(tomllib.loads(text), Path("workshop.toml"))), "region"
    )
    assert f"enable-region --region-name {region}" in finding.next_step
    assert f"enable the Region {region}" in finding.request


def test_block_public_access(work: Operations) -> None:
    first(work).client("ec2").modify_vpc_block_public_access_options(
        InternetGatewayBlockMode="block-bidirectional"
    )
    finding = only_one(work, "public access")
    assert "block-bidirectional" in finding.detail
    assert "modify-vpc-block-public-access-options" in finding.next_step
    assert "exempt account" in finding.request


def test_a_suspended_detector(work: Operations) -> None:
    guardduty = first(work).client("guardduty")
    guardduty.create_detector(Enable=False)
    finding = only_one(work, "guardduty")
    assert "suspended" in finding.detail
    assert "Resume it" in finding.next_step


def test_an_account_that_somebody_else_administers(work: Operations) -> None:
    other, member = work.seats[1].account, work.seats[0].account
    work.cloud.caller.client("guardduty").enable_organization_admin_account(AdminAccountId=other)
    guardduty = work.cloud.account(other).client("guardduty")
    guardduty.create_members(
        DetectorId=guardduty.list_detectors()["DetectorIds"][0],
        AccountDetails=[{"AccountId": member, "Email": "seat@example.com"}],
    )
    finding = only_one(work, "threat list")
    assert f"Account {other} administers GuardDuty" in finding.detail
    assert f"remove account {member} from the GuardDuty members of account {other}" in finding.request  # fmt: skip
    without_list = replace(
        work.workshop, scenario="credential_exfiltration", settings={"servers": 2}
    )
    assert wrong(replace(work, workshop=without_list)) == []


def test_leftovers_of_an_earlier_event(work: Operations) -> None:
    first(work).client("sns").create_topic(
        Name="labkit-spring-ada-alerts",
        Tags=[
            {"Key": "labkit:workshop", "Value": "spring"},
            {"Key": "labkit:seat", "Value": "ada"},
            {"Key": "labkit:expires", "Value": "2020-01-01T00:00:00Z"},
        ],
    )
    finding = only_one(work, "leftovers", Level.WARNING)
    assert "1 resource of the workshop spring" in finding.detail
    assert "labkit sweep --all-workshops" in finding.next_step


def test_a_name_that_something_else_has(work: Operations) -> None:
    account, seat = first(work), work.seats[0].id
    trust = account.client("iam").get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    account.client("iam").create_role(
        RoleName=f"labkit-demo-{seat}-attendee", AssumeRolePolicyDocument=json.dumps(trust)
    )
    finding = only_one(work, "names")
    assert f"labkit-demo-{seat}-attendee" in finding.detail
    assert "another name" in finding.next_step


def test_an_email_that_nobody_confirmed(work: Operations, aws: LocalAws) -> None:
    aws.world.confirm_subscriptions = False
    one = work.only({work.seats[0].id})
    one.up()
    finding = only_one(work, "emails", Level.WARNING)
    assert "isn't confirmed yet" in finding.detail
    assert "Confirm subscription" in finding.request


def test_the_same_finding_in_many_accounts_is_one_paragraph(
    work: Operations, aws: LocalAws
) -> None:
    set_faults(aws, quotas={"L-1216C47A": 3})
    lines = list(as_lines(look(work)))
    text = "\n".join(lines)
    assert sum(line.startswith("blocker") for line in lines) == 1
    assert "0 of 2 accounts are ready: 2 blockers." in text
    assert text.count("Please raise the quota") == 1
    assert "For each <account> of" in text
    assert all(len(line) <= 80 for line in lines)
    assert all(str(seat.account) in text for seat in work.seats)
    assert as_json(look(work))["ready"] is False


def test_a_clock_that_is_wrong_is_a_warning() -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    assert check_clock(now, now + timedelta(seconds=5)).level is Level.OK
    late = check_clock(now, now - timedelta(seconds=90))
    assert late.level is Level.WARNING
    assert "90 seconds behind" in late.detail
    assert "90 seconds ahead of" in check_clock(now, now + timedelta(seconds=90)).detail
