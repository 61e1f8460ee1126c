"""``ready`` means that an incident would be detected and recorded; ``simulate`` refuses a lab where it wouldn't."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labkit.embedded_aws import embedded_aws
from labkit.workflow import demo_run
from labkit.workflow.operations import Operations

Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def lab() -> Iterator[Operations]:
    with embedded_aws(demo_run.REGION) as aws:
        work = demo_run.begin(1)
        demo_run.require_state(work.up(), "ready")
        aws.world.confirm_subscriptions = False  # from now on, nobody clicks the links
        yield work


@pytest.fixture(scope="module")
def client(lab: Operations) -> Client:
    """A client of the seat's account, as an administrator who knows nothing of labkit."""
    return lab.cloud.account(lab.seats[0].account).client


def state(lab: Operations) -> tuple[str, str]:
    (row,) = lab.status()
    return row["state"], row["detail"]


def refusal(lab: Operations) -> str:
    """What ``simulate --no-wait`` says; the incident must not happen."""
    (row,) = lab.simulate("ssh", wait=False)
    assert (row["state"], row["incident"]) == ("failed", None)
    assert len(lab.without_runs().seats) == 1
    return str(row["detail"])


def test_a_suspended_detector_is_a_failure(lab: Operations, client: Client) -> None:
    detector = lab.deployed(lab.seats[0]).lab.detector_id
    client("guardduty").update_detector(DetectorId=detector, Enable=False)

    assert state(lab)[0] == "failed"
    assert "GuardDuty is suspended" in state(lab)[1]
    assert "GuardDuty is suspended" in refusal(lab)

    client("guardduty").update_detector(DetectorId=detector, Enable=True)
    assert state(lab)[0] == "ready"


def test_an_inactive_list_is_a_failure(lab: Operations, client: Client) -> None:
    deployed = lab.deployed(lab.seats[0]).lab
    names = {"DetectorId": deployed.detector_id, "ThreatIntelSetId": deployed.threat_list_id}
    client("guardduty").update_threat_intel_set(**names, Activate=False)

    assert state(lab)[0] == "failed"
    assert "the threat list is" in refusal(lab)

    client("guardduty").update_threat_intel_set(**names, Activate=True)
    assert state(lab)[0] in {"ready", "preparing"}


def test_a_stopped_trail_is_a_failure(lab: Operations, client: Client) -> None:
    trail = lab.deployed(lab.seats[0]).lab.trail_name
    client("cloudtrail").stop_logging(Name=trail)

    assert state(lab)[0] == "failed"
    assert f"aws cloudtrail start-logging --name {trail}" in refusal(lab)

    client("cloudtrail").start_logging(Name=trail)
    assert state(lab)[0] == "ready"


def test_a_silent_agent_is_worth_waiting_for(lab: Operations, client: Client) -> None:
    server = lab.deployed(lab.seats[0]).lab.instances[0].instance_id
    group = f"{server}-commands-log"
    client("logs").delete_log_group(logGroupName=group)

    assert state(lab) == ("preparing", f"no log lines yet from {server}")
    assert f"no log lines yet from {server}" in refusal(lab)

    client("logs").create_log_group(logGroupName=group)
    client("logs").create_log_stream(logGroupName=group, logStreamName="boot")
    now = int(lab.now().timestamp() * 1000)
    client("logs").put_log_events(
        logGroupName=group, logStreamName="boot", logEvents=[{"timestamp": now, "message": "hello"}]
    )
    assert state(lab)[0] == "ready"


def test_an_unconfirmed_email_is_only_a_warning(lab: Operations, client: Client) -> None:
    topic = lab.deployed(lab.seats[0]).lab.topic_arn
    assert state(lab) == ("ready", "ready for 'labkit simulate'")
    client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="helper@example.com")

    assert state(lab)[0] == "ready"
    assert "isn't confirmed yet" in state(lab)[1]
    assert "helper" not in state(lab)[1]


def test_without_a_flow_log_it_is_a_failure(lab: Operations, client: Client) -> None:
    group = lab.deployed(lab.seats[0]).lab.flow_log_group
    found = client("ec2").describe_flow_logs()["FlowLogs"]
    ids = [log["FlowLogId"] for log in found if log.get("LogGroupName") == group]
    client("ec2").delete_flow_logs(FlowLogIds=ids)

    assert state(lab)[0] == "failed"
    assert "the flow log doesn't exist" in refusal(lab)


def test_a_deleted_detector_is_a_failure(lab: Operations, client: Client) -> None:
    client("guardduty").delete_detector(DetectorId=lab.deployed(lab.seats[0]).lab.detector_id)

    assert state(lab)[0] == "failed"
    assert "the detector no longer exists" in refusal(lab).replace("GuardDuty's", "the")
