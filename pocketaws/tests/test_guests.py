"""What servers do: boot, shells, agent, system log."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from pocketaws.server import LocalAws

from .conftest import ClientFactory
from .servers import Shell, Site, make_role, make_site

AGENT = {
    "agent": {"run_as_user": "root"},
    "logs": {
        "logs_collected": {
            "files": {
                "collect_list": [
                    {
                        "file_path": "/var/log/app.log",
                        "log_group_name": "app-{instance_id}",
                        "log_stream_name": "{instance_id}",
                        "timestamp_format": "%b %d %H:%M:%S",
                        "timezone": "UTC",
                        "retention_in_days": 7,
                    }
                ]
            }
        }
    },
}
CONTROL = "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"
WITH_AGENT = f"""#!/bin/bash -e
dnf -y install amazon-cloudwatch-agent rsyslog
cat > /etc/rsyslog.d/app.conf <<'EOF'
template(name="App" type="string" string="%timegenerated:::date-rfc3164% %HOSTNAME% %programname%:%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\\n")
if $programname == "app" then {{
  action(type="omfile" file="/var/log/app.log" template="App")
  stop
}}
EOF
systemctl enable --now rsyslog
cat > /etc/agent.json <<'EOF'
{json.dumps(AGENT)}
EOF
{CONTROL} -a fetch-config -m ec2 -c file:/etc/agent.json -s
logger -t app started
"""


@pytest.fixture(scope="module")
def site(member: ClientFactory) -> Site:
    return make_site(member)


@pytest.fixture(scope="module")
def account(member: ClientFactory) -> str:
    return str(member("sts").get_caller_identity()["Account"])


def test_user_data_runs_once_as_root_and_shows_on_the_console(site: Site) -> None:
    server = site.run('#!/bin/bash\necho "I am $(whoami) on $(hostname)"\nexit 3\n')
    address = site.describe(server)["PrivateIpAddress"].replace(".", "-")
    text = site.console(server)
    assert f"I am root on ip-{address}." in text
    assert "Failed to run module scripts-user" in text
    site.client("ec2").reboot_instances(InstanceIds=[server])
    assert "I am root" not in site.console(server)


def test_a_program_that_is_not_there_is_not_found(site: Site) -> None:
    server = site.run("#!/bin/bash\nfrobnicate --all\necho status=$?\n")
    text = site.console(server)
    assert "line 2: frobnicate: command not found" in text
    assert "status=127" in text


def test_the_agent_sends_what_the_system_log_writes(site: Site) -> None:
    server = site.run(WITH_AGENT)
    address = site.describe(server)["PrivateIpAddress"].replace(".", "-")
    (event,) = site.log(f"app-{server}", logStreamNames=[server])
    assert event.endswith(f" ip-{address} app: started")
    groups = site.client("logs").describe_log_groups(logGroupNamePrefix=f"app-{server}")
    assert groups["logGroups"][0]["retentionInDays"] == 7


def test_the_agent_makes_its_group_again(site: Site, local_aws: LocalAws, account: str) -> None:
    server = site.run(WITH_AGENT)
    assert site.log(f"app-{server}")
    site.client("logs").delete_log_group(logGroupName=f"app-{server}")
    Shell(local_aws, account, server).type("logger -t app again")
    (event,) = site.log(f"app-{server}")
    assert event.endswith(" app: again")


def test_a_misspelt_key_kills_the_agent(site: Site) -> None:
    wrong = WITH_AGENT.replace('"file_path"', '"file_pth"')
    server = site.run(wrong)
    assert "Additional property file_pth is not allowed" in site.console(server)
    assert not _groups(site, server)


def test_nothing_arrives_without_rights(site: Site) -> None:
    make_role(site.client, "powerless", "ec2.amazonaws.com")
    iam = site.client("iam")
    iam.create_instance_profile(InstanceProfileName="powerless")
    iam.add_role_to_instance_profile(InstanceProfileName="powerless", RoleName="powerless")
    server = site.run(WITH_AGENT, IamInstanceProfile={"Name": "powerless"})
    site.console(server)
    assert not _groups(site, server)


def _groups(site: Site, server: str) -> list[dict[str, Any]]:
    answer = site.client("logs").describe_log_groups(logGroupNamePrefix=f"app-{server}")
    groups: list[dict[str, Any]] = answer["logGroups"]
    return groups


def test_commands_are_recorded_only_by_a_hook(
    site: Site, local_aws: LocalAws, account: str
) -> None:
    hook = (
        "cat > /etc/profile.d/hook.sh <<'EOF'\n"
        'record() { local s=$? n=$(history 1); [ "$n" = "$seen" ] || logger -t app "$USER $n [$s]"; seen=$n; }\n'
        "PROMPT_COMMAND=record\nEOF\n"
    )
    plain = site.run(WITH_AGENT)
    hooked = site.run(WITH_AGENT + hook)
    for server in (plain, hooked):
        Shell(local_aws, account, server).type("echo 'hello  world' | cat", "", "nosuch", "exit")
    assert [line.partition("app: ")[2] for line in site.log(f"app-{plain}")] == ["started"]
    assert [line.partition("app: ")[2] for line in site.log(f"app-{hooked}")] == [
        "started",
        "ec2-user     1  echo 'hello  world' | cat [0]",
        "ec2-user     2  nosuch [127]",
    ]


def test_the_metadata_service_wants_a_token(site: Site, local_aws: LocalAws, account: str) -> None:
    server = site.run(MetadataOptions={"HttpTokens": "required"})
    site.describe(server)
    shell = Shell(local_aws, account, server)
    base = "http://169.254.169.254/latest"
    assert "401 - Unauthorized" in shell.type(f"curl -s {base}/meta-data/instance-id")
    shell.type(
        f"T=$(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' {base}/api/token)"
    )
    get = 'curl -s -H "X-aws-ec2-metadata-token: $T"'
    assert shell.type(f"{get} {base}/meta-data/instance-id") == server
    keys = json.loads(shell.type(f"{get} {base}/meta-data/iam/security-credentials/{site.profile}"))
    session = boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["Token"], "eu-west-1"
    )
    who = session.client("sts", endpoint_url=local_aws.endpoint).get_caller_identity()
    assert who["Arn"].endswith(f":assumed-role/{site.profile}/{server}")


def test_what_the_shell_lacks_is_refused_before_its_line_runs(site: Site) -> None:
    server = site.run("#!/bin/bash\necho one\necho two; echo $((1+1)) > /dev/console\necho three\n")
    text = site.console(server)
    assert "one\n" in text
    assert "line 3: syntax error: pocketaws doesn't emulate arithmetic" in text
    assert "two\n" not in text
    assert "three\n" not in text


def test_a_cloud_config_is_refused(site: Site) -> None:
    server = site.run("#cloud-config\nruncmd: [whoami]\n")
    assert "Unhandled non-multipart" in site.console(server)


def test_a_package_needs_the_internet_and_the_repository(site: Site, member: ClientFactory) -> None:
    ec2 = member("ec2")
    private = ec2.create_subnet(VpcId=site.vpc, CidrBlock="10.0.9.0/24")["Subnet"]["SubnetId"]
    offline = site.run("#!/bin/bash\ndnf -y install rsyslog; echo status $?\n", SubnetId=private)
    unknown = site.run("#!/bin/bash\ndnf -y install frobnicator; echo status $?\n")
    assert "Timeout was reached" in site.console(offline)
    assert "status 1" in site.console(offline)
    assert "Unable to find a match: frobnicator" in site.console(unknown)


def test_users_have_their_own_rights(site: Site, local_aws: LocalAws, account: str) -> None:
    server = site.run()
    site.describe(server)
    shell = Shell(local_aws, account, server)
    assert shell.type("cat /etc/sudoers") == "cat: /etc/sudoers: Permission denied\n"
    assert shell.type("echo x > /etc/motd") == "-bash: /etc/motd: Permission denied\n"
    assert shell.type("sudo -u chrony whoami") == "chrony\n"
    assert shell.type("sudo -u chrony sudo id") == "sudo: a password is required\n"
    assert shell.type("sudo mkdir -m 700 /home/eve; cd /home/eve") == (
        "-bash: cd: /home/eve: Permission denied\n"
    )
