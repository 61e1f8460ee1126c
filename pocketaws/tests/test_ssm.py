"""Run Command, the agents' calls, and the limits of parameters."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ClientFactory
from .servers import Site, make_role, make_site

HOOK = """#!/bin/bash
cat > /etc/profile.d/hook.sh <<'EOF'
record() { local s=$? n=$(history 1); [ "$n" = "$seen" ] || echo "$USER:$n [$s]" >> /tmp/typed; seen=$n; }
PROMPT_COMMAND=record
EOF
"""


@pytest.fixture(scope="module")
def site(member: ClientFactory) -> Site:
    return make_site(member)


@pytest.fixture(scope="module")
def ssm(member: ClientFactory) -> Any:
    return member("ssm")


def run(ssm: Any, server: str, *commands: str, **options: Any) -> dict[str, Any]:
    sent = ssm.send_command(
        InstanceIds=[server], DocumentName="AWS-RunShellScript",
        Parameters={"commands": list(commands), **options},
    )["Command"]  # fmt: skip
    assert sent["Status"] == "Pending"
    answer: dict[str, Any] = ssm.get_command_invocation(
        CommandId=sent["CommandId"], InstanceId=server
    )
    return answer


def test_a_command_runs_as_root_on_one_server_only(site: Site, ssm: Any) -> None:
    here, there = site.run(), site.run()
    site.describe(here)
    done = run(ssm, here, "whoami", "echo oops >&2", "touch /tmp/was-here", "exit 5")
    assert (done["Status"], done["ResponseCode"]) == ("Failed", 5)
    assert done["StandardOutputContent"] == "root\n"
    assert done["StandardErrorContent"].startswith("oops\n")
    assert run(ssm, there, "ls /tmp/was-here")["Status"] == "Failed"
    listed = ssm.list_command_invocations(InstanceId=here, Details=True)["CommandInvocations"]
    assert [i["CommandPlugins"][0]["ResponseCode"] for i in listed] == [5]


def test_an_interactive_login_shell_fed_by_a_command_is_recorded(site: Site, ssm: Any) -> None:
    server = site.run(HOOK)
    site.describe(server)
    feed = "printf '%s\\n' 'echo  two' 'cd /var' exit | sudo -u ec2-user -H bash -il"
    assert "two\n" in run(ssm, server, feed)["StandardOutputContent"]
    typed = run(ssm, server, "cat /tmp/typed")["StandardOutputContent"].splitlines()
    assert typed == ["ec2-user:    1  echo  two [0]", "ec2-user:    2  cd /var [0]"]


def test_an_unmanaged_server_rejects_commands(site: Site, ssm: Any, member: ClientFactory) -> None:
    make_role(member, "mute", "ec2.amazonaws.com")
    member("iam").create_instance_profile(InstanceProfileName="mute")
    member("iam").add_role_to_instance_profile(InstanceProfileName="mute", RoleName="mute")
    managed, mute = site.run(), site.run(IamInstanceProfile={"Name": "mute"})
    site.describe(mute)
    known = {
        i["InstanceId"] for i in ssm.describe_instance_information()["InstanceInformationList"]
    }
    assert managed in known
    assert mute not in known
    with pytest.raises(ClientError, match="InvalidInstanceId"):
        run(ssm, mute, "id")
    with pytest.raises(ClientError, match="InvalidDocument"):
        ssm.send_command(InstanceIds=[managed], DocumentName="My-Document")
    site.client("ec2").stop_instances(InstanceIds=[managed])
    filters = [{"Key": "InstanceIds", "Values": [managed]}]
    (item,) = ssm.describe_instance_information(Filters=filters)["InstanceInformationList"]
    assert item["PingStatus"] == "ConnectionLost"
    with pytest.raises(ClientError, match="InvalidInstanceId"):
        run(ssm, managed, "id")


def test_the_agents_calls_are_recorded(site: Site, member: ClientFactory) -> None:
    server = site.run()
    site.describe(server)
    trail = member("cloudtrail")
    found = {}
    for name in ("UpdateInstanceInformation", "ListInstanceAssociations"):
        events = trail.lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}]
        )["Events"]
        records = [json.loads(event["CloudTrailEvent"]) for event in events]
        found[name] = next(r for r in records if r["requestParameters"]["instanceId"] == server)
    identity = found["UpdateInstanceInformation"]["userIdentity"]
    assert identity["arn"].endswith(f"/{site.profile}/{server}")
    assert "resources" not in found["UpdateInstanceInformation"]
    (resource,) = found["ListInstanceAssociations"]["resources"]
    assert resource["ARN"].endswith(f":instance/{server}")
    assert set(resource) == {"accountId", "ARN"}


def test_sessions_are_refused_clearly(site: Site, ssm: Any) -> None:
    server = site.run()
    with pytest.raises(ClientError, match=f"TargetNotConnected.*{server} is not connected"):
        ssm.start_session(Target=server)


def test_parameters_have_limits(ssm: Any) -> None:
    for value in ("{{ssm:other}}", "x" * 4097):
        with pytest.raises(ClientError, match="ValidationException"):
            ssm.put_parameter(Name="/limits/a", Type="String", Value=value)
    ssm.put_parameter(Name="/limits/a", Type="String", Value="x" * 4096)
    for number in range(101):
        ssm.put_parameter(Name="/limits/a", Type="String", Value=str(number), Overwrite=True)
    pages = ssm.get_paginator("get_parameter_history").paginate(Name="/limits/a")
    versions = [item["Version"] for page in pages for item in page["Parameters"]]
    assert (len(versions), versions[0], versions[-1]) == (100, 3, 102)


def test_the_public_image_is_one_that_can_be_launched(site: Site, ssm: Any) -> None:
    base = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default"
    for architecture, kind in (("x86_64", "t3.micro"), ("arm64", "t4g.micro")):
        image = ssm.get_parameter(Name=f"{base}-{architecture}")["Parameter"]["Value"]
        (shown,) = site.client("ec2").describe_images(ImageIds=[image])["Images"]
        assert shown["Architecture"] == architecture
        assert site.run(ImageId=image, InstanceType=kind)
