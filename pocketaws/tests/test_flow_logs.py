"""Flow logs: which lines, in which form, when, and by whose right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.network.traffic import Traffic, publish
from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory, client_factory
from .servers import ALL, Shell, Site, make_flow_log, make_role, make_site

LOGS = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
DEFAULT = [
    "version",
    "account-id",
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log-status",
]


@pytest.fixture(scope="module")
def site(member: ClientFactory) -> Site:
    return make_site(member)


@pytest.fixture(scope="module")
def role(site: Site) -> str:
    return make_role(site.client, "flow-logs", "vpc-flow-logs.amazonaws.com", LOGS)


@pytest.fixture(scope="module")
def account(site: Site) -> str:
    return str(site.client("sts").get_caller_identity()["Account"])


def lines(site: Site, group: str, fields: list[str] = DEFAULT) -> list[dict[str, str]]:
    """The lines of a group, field by field; each must have as many as the format."""
    return [dict(zip(fields, line.split(" "), strict=True)) for line in site.log(group)]


def test_both_directions_of_a_call_are_lines_of_the_interface(
    site: Site, role: str, local_aws: LocalAws, account: str
) -> None:
    site.client("logs").create_log_group(logGroupName="default")
    flow_log = make_flow_log(site, "default", role)
    server = site.run()
    interface = site.describe(server)["NetworkInterfaces"][0]
    Shell(local_aws, account, server).type("curl -s http://93.184.216.34/")
    found = lines(site, "default")
    own = interface["PrivateIpAddress"]
    there, back = (
        [f for f in found if (f["srcaddr"], f["dstaddr"]) == pair]
        for pair in ((own, "93.184.216.34"), ("93.184.216.34", own))
    )
    assert len(there) == len(back) == 1
    assert (there[0]["dstport"], back[0]["srcport"]) == ("80", "80")
    assert there[0]["srcport"] == back[0]["dstport"]
    assert {f["interface-id"] for f in found} == {interface["NetworkInterfaceId"]}
    assert {f["account-id"] for f in found} == {account}
    assert all(0 <= int(f["end"]) - int(f["start"]) <= 60 for f in found)
    (event, *_) = site.client("logs").filter_log_events(logGroupName="default")["events"]
    assert event["logStreamName"] == f"{interface['NetworkInterfaceId']}-all"
    assert event["timestamp"] == int(event["message"].split()[10]) * 1000
    (shown,) = site.client("ec2").describe_flow_logs(FlowLogIds=[flow_log])["FlowLogs"]
    assert shown["DeliverLogsStatus"] == "SUCCESS"


def test_scanners_are_rejected_and_time_servers_answer(site: Site) -> None:
    found = lines(site, "default")
    rejected = [f for f in found if f["action"] == "REJECT"]
    assert rejected
    assert all(f["dstaddr"].startswith("10.0.0.") for f in rejected)
    assert any(f["dstport"] == f["srcport"] == "123" and f["action"] == "ACCEPT" for f in found)
    assert not [f for f in found if f["dstaddr"].startswith("169.254.")]


def test_what_the_group_forbids_outwards_is_rejected(
    site: Site, local_aws: LocalAws, account: str
) -> None:
    ec2 = site.client("ec2")
    group = ec2.create_security_group(GroupName="mute", Description="d", VpcId=site.vpc)["GroupId"]
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
    server = site.run(SecurityGroupIds=[group])
    site.describe(server)
    shell = Shell(local_aws, account, server)
    assert shell.type("curl -s -m 3 http://93.184.216.35/; echo $?") == "28\n"
    # More than one line where the retries fall into two minutes.
    found = [f for f in lines(site, "default") if "93.184.216.35" in f.values()]
    assert {(f["dstaddr"], f["action"]) for f in found} == {("93.184.216.35", "REJECT")}


def test_a_format_of_its_own_is_followed(
    site: Site, role: str, local_aws: LocalAws, account: str
) -> None:
    names = [
        "version",
        "vpc-id",
        "subnet-id",
        "instance-id",
        "srcaddr",
        "dstaddr",
        "dstport",
        "tcp-flags",
        "type",
        "pkt-srcaddr",
        "pkt-dstaddr",
        "region",
        "az-id",
        "pkt-src-aws-service",
        "pkt-dst-aws-service",
        "flow-direction",
        "traffic-path",
        "log-status",
    ]
    form = " ".join(f"${{{name}}}" for name in names)
    site.client("logs").create_log_group(logGroupName="custom")
    make_flow_log(site, "custom", role, LogFormat=form)
    server = site.run()
    site.describe(server)
    Shell(local_aws, account, server).type(
        "curl -s http://93.184.216.36/", "curl -s https://sts.amazonaws.com/"
    )
    found = lines(site, "custom", names)
    out = next(f for f in found if f["dstaddr"] == "93.184.216.36")
    back = next(f for f in found if f["srcaddr"] == "93.184.216.36")
    assert {f["version"] for f in found} == {"5"}
    assert (out["vpc-id"], out["subnet-id"], out["instance-id"]) == (site.vpc, site.subnet, server)
    assert (out["tcp-flags"], back["tcp-flags"]) == ("3", "19")
    assert (out["flow-direction"], out["traffic-path"]) == ("egress", "8")
    assert (back["flow-direction"], back["traffic-path"]) == ("ingress", "-")
    assert {
        f["pkt-dst-aws-service"]
        for f in found
        if f["dstport"] == "443" and f["flow-direction"] == "egress"
    } == {"AMAZON"}


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("${srcaddr} ", "Value '${srcaddr} ' at 'logFormat' has an invalid format"),
        ("srcaddr dstaddr", "Value 'srcaddr dstaddr' at 'logFormat' has an invalid format"),
        ("${srcaddr} ${sourceaddr}", "Unknown fields provided: sourceaddr"),
    ],
)
def test_a_format_that_is_none_is_refused(site: Site, role: str, form: str, text: str) -> None:
    with pytest.raises(ClientError, match="InvalidParameter") as caught:
        make_flow_log(site, "default", role, LogFormat=form)
    assert text in caught.value.response["Error"]["Message"]


def test_only_what_is_asked_for_is_written(site: Site, role: str) -> None:
    site.client("logs").create_log_group(logGroupName="rejected")
    make_flow_log(site, "rejected", role, TrafficType="REJECT")
    site.describe(site.run())
    assert {f["action"] for f in lines(site, "rejected")} == {"REJECT"}


def test_a_role_without_rights_shows_as_failed(site: Site) -> None:
    powerless = make_role(site.client, "powerless-logs", "vpc-flow-logs.amazonaws.com")
    site.client("logs").create_log_group(logGroupName="never")
    flow_log = make_flow_log(site, "never", powerless)
    site.describe(site.run())
    ec2 = site.client("ec2")
    ec2.describe_vpcs()
    (shown,) = ec2.describe_flow_logs(FlowLogIds=[flow_log])["FlowLogs"]
    assert (shown["DeliverLogsStatus"], shown["DeliverLogsErrorMessage"]) == (
        "FAILED",
        "Access error",
    )
    assert site.log("never") == []


@pytest.fixture
def slow() -> Iterator[tuple[LocalAws, ManualClock, Site, dict[str, Any]]]:
    clock = ManualClock(datetime.now(UTC))
    with LocalAws(region=REGION, delays="aws", clock=clock) as aws:
        key = aws.administrator
        site = make_site(client_factory(aws, key.access_key_id, key.secret_access_key))
        site.client("logs").create_log_group(logGroupName="slow")
        role = make_role(site.client, "flow-logs", "vpc-flow-logs.amazonaws.com", ALL)
        make_flow_log(site, "slow", role)
        server = site.run()
        clock.advance(60)
        interface = site.describe(server)["NetworkInterfaces"][0]
        where = {
            "account": key.account, "region": REGION, "instance_id": server,
            "interface_id": interface["NetworkInterfaceId"],
            "private_address": interface["PrivateIpAddress"],
        }  # fmt: skip
        yield aws, clock, site, where


def test_with_delays_a_window_is_one_line_five_minutes_later(
    slow: tuple[LocalAws, ManualClock, Site, dict[str, Any]],
) -> None:
    aws, clock, site, where = slow

    (flow_log,) = site.client("ec2").describe_flow_logs()["FlowLogs"]
    assert flow_log["DeliverLogsStatus"] == "SUCCESS", "what was not tried has not failed"
    assert "DeliverLogsErrorMessage" not in flow_log

    def call_out(seconds: float) -> None:
        began = clock.now()
        traffic = Traffic(
            **where, remote_address="93.184.216.37", local_port=40000, remote_port=80, protocol=6,
            direction="OUTBOUND", action="ACCEPT", packets_in=4, bytes_in=400, packets_out=6, bytes_out=600,
            started_at=began, ended_at=began + timedelta(seconds=seconds),
        )  # fmt: skip
        with aws.world.transaction():
            publish(aws.world, traffic)

    def seen() -> list[dict[str, str]]:
        return [f for f in lines(site, "slow") if f["dstaddr"] == "93.184.216.37"]

    call_out(0)
    call_out(0)
    clock.advance(250)
    assert seen() == []
    clock.advance(120)
    (line,) = seen()
    assert (line["packets"], line["bytes"]) == ("12", "1200")
    assert int(line["end"]) - int(line["start"]) == 60

    call_out(150)
    clock.advance(520)
    pieces = seen()[1:]
    assert len(pieces) in {3, 4}
    assert sum(int(piece["bytes"]) for piece in pieces) == 600
    assert any(f["log-status"] == "NODATA" for f in lines(site, "slow"))
