"""Labs that labkit deployed before its stacks had schedules that delete them: they can be read and taken down.

``earlier_version/`` has the templates that it rendered then for a workshop named ``demo`` with one server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from labkit.aws import Account
from labkit.deploy import stacks
from labkit.deploy.expiry import format_time
from labkit.embedded_aws import embedded_aws
from labkit.workflow import demo_run
from labkit.workflow.operations import Operations

TEMPLATES = Path(__file__).parent / "earlier_version"


@pytest.fixture(scope="module")
def work() -> Iterator[Operations]:
    with embedded_aws(demo_run.REGION):
        made = demo_run.begin(1)
        deploy(made, made.cloud.account(made.seats[0].account))
        yield made


def deploy(work: Operations, account: Account) -> None:
    now = work.clock.now()
    expires = format_time(now + timedelta(hours=8))
    evidence = create(
        account, "evidence", "labkit-demo-evidence",
        {"Expires": expires, "ExistingDetectorId": ""},
    )  # fmt: skip
    bucket, detector = evidence["TrailBucket"], evidence["DetectorId"]
    account.client("s3").put_object(Bucket=bucket, Key="threat-list/a.txt", Body=b"209.85.202.94\n")
    create(
        account, "threat_list", "labkit-demo-threat-list",
        {"Expires": expires, "DetectorId": detector, "ListLocation": f"s3://{bucket}/threat-list/a.txt"},
    )  # fmt: skip
    create(
        account, "lab", "labkit-demo-seat-seat-1",
        {
            "Seat": "seat-1", "Expires": expires, "ExpiryEnds": format_time(now + timedelta(days=1)),
            "TrustedPrincipals": account.principal_arn(), "TrailBucket": bucket, "DetectorId": detector,
        },
        {"labkit:seat": "seat-1"},
    )  # fmt: skip


def create(
    account: Account,
    role: str,
    name: str,
    parameters: Mapping[str, str],
    tags: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Create a stack as ``up`` did, and return its outputs."""
    tags = {
        "labkit:workshop": "demo",
        "labkit:expires": parameters["Expires"],
        **(tags or {}),
    }
    cloudformation = account.client("cloudformation")
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=(TEMPLATES / f"{role}.yaml").read_text(encoding="utf-8"),
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        Tags=[{"Key": k, "Value": v} for k, v in tags.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 1})
    stack = stacks.find(account, name, "demo", tags.get("labkit:seat"))
    assert stack is not None
    return stack.outputs


def test_it_can_be_read(work: Operations) -> None:
    (row,) = work.status()
    assert row["seat"] == "seat-1"
    assert row["state"] in {"preparing", "ready"}, row
    assert len(row["lab"]["instances"]) == 1
    assert row["lab"]["detector_id"]


def server_states(account: Account) -> dict[str, str]:
    return {
        server["InstanceId"]: server["State"]["Name"]
        for reservation in account.client("ec2").describe_instances()["Reservations"]
        for server in reservation["Instances"]
    }


def test_up_leaves_its_servers_alone(work: Operations) -> None:
    account = work.cloud.account(work.seats[0].account)
    before = server_states(account)
    work.up()
    assert server_states(account) == before


def test_it_can_be_taken_down(work: Operations) -> None:
    account = work.cloud.account(work.seats[0].account)
    (row,) = work.down()
    assert (row["state"], row["leftovers"]) == ("absent", []), row
    assert stacks.of_workshops(account) == ()
    assert account.client("logs").describe_log_groups()["logGroups"] == []
    assert account.client("s3").list_buckets()["Buckets"] == []
    assert account.client("guardduty").list_detectors()["DetectorIds"] == []
    roles = [role["RoleName"] for role in account.client("iam").list_roles()["Roles"]]
    assert [name for name in roles if name.startswith("labkit-")] == []
    assert set(server_states(account).values()) == {"terminated"}
