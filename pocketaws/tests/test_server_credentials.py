"""The credentials of a server's role: handed out by the metadata service, used by unmodified clients outside."""

from __future__ import annotations

import json
import shutil
import urllib.request
from pathlib import Path

import pytest

from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory, Ssh
from .servers import ALL, Shell, Site, make_role, make_site, policy, push
from .taken import GET, METADATA, TOKEN, V1_TOO, clients_with, credentials_of, is_denied, records_of


@pytest.fixture(scope="module")
def site(member: ClientFactory) -> Site:
    return make_site(member)


@pytest.fixture(scope="module")
def account(member: ClientFactory) -> str:
    return str(member("sts").get_caller_identity()["Account"])


@pytest.mark.skipif(shutil.which("ssh") is None, reason="ssh is missing")
def test_what_is_printed_over_ssh_works_outside_under_the_address_of_the_login(
    local_aws: LocalAws, site: Site, account: str, ssh: Ssh, key: Path
) -> None:
    server = site.run()
    own = site.describe(server)["PublicIpAddress"]
    site.open_port(22, "198.18.0.0/15")
    push(site, server, key)
    path = f"{METADATA}/meta-data/iam/security-credentials"
    typed = f"{TOKEN}\n{GET} {path}/; echo\n{GET} {path}/{site.profile}; echo\nexit\n"
    session = ssh("-tt", "", text=typed).stdout.replace("\r\n", "\n")
    assert f"$ {site.profile}\n" in session
    printed = session[session.index("{\n  ") : session.index("\n}") + 2]
    assert '"Code" : "Success",\n  "LastUpdated" : "' in printed
    keys = json.loads(printed)
    assert list(keys) == [
        "Code", "LastUpdated", "Type", "AccessKeyId", "SecretAccessKey", "Token", "Expiration",
    ]  # fmt: skip
    assert keys["AccessKeyId"].startswith("ASIA")

    who = clients_with(local_aws, keys)("sts").get_caller_identity()
    assert who["Arn"] == f"arn:aws:sts::{account}:assumed-role/{site.profile}/{server}"
    (record,) = (r for r in records_of(site, keys["AccessKeyId"]) if r["userAgent"][:5] == "Boto3")
    (login,) = (
        json.loads(event["CloudTrailEvent"])["sourceIPAddress"]
        for event in site.client("cloudtrail").lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "SendSSHPublicKey"}]
        )["Events"]
    )
    assert record["sourceIPAddress"] == login != own
    with urllib.request.urlopen(  # noqa: S310 - our own, on loopback
        f"{local_aws.endpoint}/_pocketaws/checkip/{keys['AccessKeyId']}"
    ) as answer:
        assert answer.read().decode().strip() == login
    role = site.client("iam").get_role(RoleName=site.profile)["Role"]
    assert record["userIdentity"] == {
        "type": "AssumedRole",
        "principalId": f"{role['RoleId']}:{server}",
        "arn": who["Arn"],
        "accountId": account,
        "accessKeyId": keys["AccessKeyId"],
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role["RoleId"],
                "arn": role["Arn"],
                "accountId": account,
                "userName": site.profile,
            },
            "attributes": {"creationDate": keys["LastUpdated"], "mfaAuthenticated": "false"},
            "ec2RoleDelivery": "2.0",
            "webIdFederationData": {},
        },
    }


def test_keys_nobody_took_over_ssh_have_an_address_of_their_own(
    local_aws: LocalAws, site: Site
) -> None:
    server = site.run()
    own = site.describe(server)["PublicIpAddress"]
    sent = site.client("ssm").send_command(
        InstanceIds=[server], DocumentName="AWS-RunShellScript",
        Parameters={"commands": [TOKEN, f"{GET} {METADATA}/meta-data/iam/security-credentials/{site.profile}"]},
    )["Command"]["CommandId"]  # fmt: skip
    output = site.client("ssm").get_command_invocation(CommandId=sent, InstanceId=server)
    keys = json.loads(output["StandardOutputContent"])
    for _ in range(2):
        clients_with(local_aws, keys)("sts").get_caller_identity()
    seen = {r["sourceIPAddress"] for r in records_of(site, keys["AccessKeyId"])}
    assert own in seen  # the server's agent works with the same key
    (outside,) = seen - {own}
    assert outside.startswith(("198.18.", "198.19."))


def test_who_looks_later_does_not_become_who_took_them(
    local_aws: LocalAws, site: Site, account: str
) -> None:
    server = site.run()
    site.describe(server)
    keys = credentials_of(Shell(local_aws, account, server, address="198.18.0.21"), site.profile)
    clients_with(local_aws, keys)("sts").get_caller_identity()
    later = Shell(local_aws, account, server, address="198.18.0.22")
    assert credentials_of(later, site.profile) == keys
    clients_with(local_aws, keys)("sts").get_caller_identity()
    calls = [r for r in records_of(site, keys["AccessKeyId"]) if r["userAgent"][:5] == "Boto3"]
    assert [r["sourceIPAddress"] for r in calls] == ["198.18.0.21", "198.18.0.21"]


def test_each_version_of_the_service_has_keys_that_policies_can_tell_apart(
    local_aws: LocalAws, site: Site, account: str
) -> None:
    role = "by-delivery"
    make_role(site.client, role, "ec2.amazonaws.com", ALL)
    iam = site.client("iam")
    iam.create_instance_profile(InstanceProfileName=role)
    iam.add_role_to_instance_profile(InstanceProfileName=role, RoleName=role)
    profile = {"Name": role}
    servers = [site.run(MetadataOptions=V1_TOO, IamInstanceProfile=profile) for _ in range(2)]
    vpc, private = (site.describe(servers[0])[name] for name in ("VpcId", "PrivateIpAddress"))
    shells = [Shell(local_aws, account, server) for server in servers]
    first, second = (credentials_of(shells[0], role, version=v) for v in (1, 2))
    assert first["AccessKeyId"] != second["AccessKeyId"]
    assert credentials_of(shells[0], role, version=1) == first
    elsewhere = credentials_of(shells[1], role)
    arn = f"arn:aws:ec2:{REGION}:{account}:instance/{servers[0]}"
    everyone = (first, second, elsewhere)
    for condition, denied in (
        ({"NumericLessThan": {"ec2:RoleDelivery": "2.0"}}, [True, False, False]),
        ({"ArnNotEquals": {"ec2:SourceInstanceARN": arn}}, [False, False, True]),
        ({"StringEquals": {"aws:Ec2InstanceSourceVpc": vpc}}, [True, True, True]),
        ({"StringEquals": {"aws:Ec2InstanceSourcePrivateIPv4": private}}, [True, True, False]),
    ):
        deny = {**ALL, "Effect": "Deny", "Condition": condition}
        iam.put_role_policy(RoleName=role, PolicyName="deny", PolicyDocument=policy(deny))
        found = [is_denied(clients_with(local_aws, keys)) for keys in everyone]
        assert found == denied, condition
    (record, *_) = records_of(site, first["AccessKeyId"])
    assert record["userIdentity"]["sessionContext"]["ec2RoleDelivery"] == "1.0"


def test_a_role_that_ec2_may_not_assume_has_no_credentials(
    local_aws: LocalAws, site: Site, account: str
) -> None:
    iam = site.client("iam")
    make_role(site.client, "passing", "ec2.amazonaws.com", ALL)
    iam.create_instance_profile(InstanceProfileName="passing")
    iam.add_role_to_instance_profile(InstanceProfileName="passing", RoleName="passing")
    server = site.run(MetadataOptions=V1_TOO, IamInstanceProfile={"Name": "passing"})
    site.describe(server)
    shell = Shell(local_aws, account, server)
    tree = f"curl -s {METADATA}/meta-data/iam"
    assert shell.type(f"{tree}/security-credentials/") == "passing"

    trust = policy({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})  # fmt: skip
    iam.update_assume_role_policy(RoleName="passing", PolicyDocument=trust)
    refused = json.loads(shell.type(f"{tree}/security-credentials/passing"))
    assert refused["Code"] == "AssumeRoleUnauthorizedAccess"
    iam.remove_role_from_instance_profile(InstanceProfileName="passing", RoleName="passing")
    assert "404 - Not Found" in shell.type(f"{tree}/security-credentials/passing")


def test_metadata_options_change_what_the_service_answers(
    local_aws: LocalAws, site: Site, account: str
) -> None:
    server = site.run()
    options = site.describe(server)["MetadataOptions"]
    assert (options["HttpTokens"], options["HttpPutResponseHopLimit"]) == ("required", 2)
    shell = Shell(local_aws, account, server)
    path = f"{METADATA}/meta-data/instance-id"
    assert "<title>401 - Unauthorized</title>" in shell.type(f"curl -s {path}")
    shell.type(TOKEN)
    assert shell.type(f"{GET} {path}") == server
    assert "403 - Forbidden" in shell.type(f"curl -s -X PUT {METADATA[:-7]}/2021-03-23/api/token")

    server = site.run(MetadataOptions=V1_TOO)
    assert site.describe(server)["MetadataOptions"]["HttpTokens"] == "optional"
    shell = Shell(local_aws, account, server)
    assert shell.type(f"curl -s {path}") == server

    server = site.run(MetadataOptions={"HttpEndpoint": "disabled"})
    assert site.describe(server)["MetadataOptions"]["HttpTokens"] == "required"
    shell = Shell(local_aws, account, server)
    assert "403 - Forbidden" in shell.type(f"{GET} {path}")


def test_tags_are_in_the_tree_where_that_is_asked_for(
    local_aws: LocalAws, site: Site, account: str
) -> None:
    server = site.run(MetadataOptions=V1_TOO)
    site.describe(server)
    site.client("ec2").create_tags(Resources=[server], Tags=[{"Key": "Team", "Value": "red"}])
    shell = Shell(local_aws, account, server)
    path = f"curl -s {METADATA}/meta-data/tags/instance"
    assert "404" in shell.type(path)
    options = {**V1_TOO, "InstanceMetadataTags": "enabled"}
    server = site.run(MetadataOptions=options)
    site.describe(server)
    site.client("ec2").create_tags(Resources=[server], Tags=[{"Key": "Team", "Value": "red"}])
    shell = Shell(local_aws, account, server)
    assert (shell.type(path), shell.type(f"{path}/Team")) == ("Team", "red")
