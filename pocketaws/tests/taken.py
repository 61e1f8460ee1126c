"""Taking the credentials of a server's role out of it, and using them with plain boto3."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from pocketaws.server import LocalAws

from .conftest import ClientFactory, client_factory
from .servers import Shell, Site

METADATA = "http://169.254.169.254/latest"
TOKEN = (
    f'TOKEN=$(curl -s -X PUT {METADATA}/api/token -H "X-aws-ec2-metadata-token-ttl-seconds: 300")'
)
GET = 'curl -s -H "X-aws-ec2-metadata-token: $TOKEN"'
V1_TOO = {"HttpTokens": "optional"}


def credentials_of(shell: Shell, role: str, *, version: int = 2) -> dict[str, str]:
    """What a version of the metadata service says to someone who is logged in."""
    path = f"{METADATA}/meta-data/iam/security-credentials/{role}"
    said = shell.type(TOKEN, f"{GET} {path}") if version == 2 else shell.type(f"curl -s {path}")
    found: dict[str, str] = json.loads(said)
    return found


def by_run_command(site: Site, server: str) -> dict[str, str]:
    """A server's credentials, read without a login."""
    path = f"{METADATA}/meta-data/iam/security-credentials/{site.profile}"
    sent = site.client("ssm").send_command(
        InstanceIds=[server], DocumentName="AWS-RunShellScript",
        Parameters={"commands": [TOKEN, f"{GET} {path}"]},
    )["Command"]["CommandId"]  # fmt: skip
    done = site.client("ssm").get_command_invocation(CommandId=sent, InstanceId=server)
    keys: dict[str, str] = json.loads(done["StandardOutputContent"])
    return keys


def clients_with(aws: LocalAws, keys: dict[str, str]) -> ClientFactory:
    """Clients outside with a server's credentials."""
    return client_factory(aws, keys["AccessKeyId"], keys["SecretAccessKey"], keys["Token"])


def records_of(site: Site, key: str) -> list[dict[str, Any]]:
    """The event history of an access key, newest first."""
    found = site.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "AccessKeyId", "AttributeValue": key}]
    )
    return [json.loads(event["CloudTrailEvent"]) for event in found["Events"]]


def is_denied(client: ClientFactory) -> bool:
    """Whether a client may not do what an administrator may."""
    try:
        client("ec2").describe_vpcs()
    except ClientError as error:
        if error.response["Error"]["Code"] != "UnauthorizedOperation":
            raise
        return True
    return False
