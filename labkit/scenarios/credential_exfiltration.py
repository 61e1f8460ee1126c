"""Someone takes a server's credentials and uses them from outside."""

from __future__ import annotations

from pydantic import Field

from labkit.model import Marks
from labkit.scenario import WITHOUT_THREAT_LIST, Call, Choice, Pick, Scenario, Settings

_METADATA = "http://169.254.169.254/latest"
_TOKEN = "X-aws-ec2-metadata-token"  # noqa: S105 - the name of a header field
_FINDING = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration"


class CredentialExfiltrationSettings(Settings):
    """How many servers a lab has."""

    # With more, the lab's template exceeds CloudFormation's size limit.
    servers: int = Field(default=2, ge=1, le=8)


# Calls that the role's policy denies. None goes to IAM, because its events are in us-east-1, not in another Region's trail
# (CloudTrail user guide, "Enabling and disabling global service event logging").
_REFUSED = tuple(
    Call(service, operation, denied=True)
    for service, operation in (
        ("cloudformation", "ListStacks"),
        ("cloudtrail", "ListTrails"),
        ("ec2", "DescribeInstances"),
        ("ec2", "DescribeKeyPairs"),
        ("ec2", "DescribeSecurityGroups"),
        ("ec2", "DescribeVolumes"),
        ("events", "ListRules"),
        ("glue", "GetDatabases"),
        ("guardduty", "ListDetectors"),
        ("s3", "ListBuckets"),
        ("scheduler", "ListSchedules"),
        ("sns", "ListTopics"),
        ("ssm", "DescribeParameters"),
    )
)

SCENARIO = Scenario(
    name="credential_exfiltration",
    title="A server's credentials are used from outside",
    description=(
        "Someone logs in to a server, takes the temporary credentials of its role, and uses them from another "
        "machine, and GuardDuty raises an alert. Find how the credentials were taken, which access key it was, where "
        "it was used from, which calls AWS refused, and which object was read."
    ),
    settings=CredentialExfiltrationSettings,
    commands=(
        # The variable has another name in each run, so that nobody can write the line without having read it.
        f'T{{token}}=$(curl -s -X PUT {_METADATA}/api/token -H "{_TOKEN}-ttl-seconds: 300")',
        f'curl -s -H "{_TOKEN}: $T{{token}}" {_METADATA}/meta-data/iam/security-credentials/{{ServerRoleName}}',
    ),
    marks=Marks(
        in_command=("/security-credentials/labkit-",),
        finding_types=(f"{_FINDING}.OutsideAWS", f"{_FINDING}.InsideAWS"),
        trail_events=("GetCallerIdentity", "GetObject"),
    ),
    access_methods=("ssh",),
    templates=WITHOUT_THREAT_LIST,
    outside=(
        Call("sts", "GetCallerIdentity"),
        Call(
            "s3",
            "ListObjectsV2",
            {"Bucket": "{DataBucket}"},
            pick=Pick("object_key", "Contents.Key"),
        ),
        Choice(_REFUSED, 3, 4),
        Call("s3", "GetObject", {"Bucket": "{DataBucket}", "Key": "{object_key}"}),
    ),
)
