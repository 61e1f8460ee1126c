"""The permissions that labkit's role in an account needs, and what for.

CloudFormation makes its calls with the permissions of the person who runs ``up``, so what the templates' types need counts,
too. ``tests/contract/test_doctor.py`` runs a whole workshop with exactly these actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Need:
    """Some actions, the resource that they act on, and what they're for."""

    purpose: str
    """Completes "to …"."""
    actions: tuple[str, ...]
    resource: str | None = None
    """An ARN with the fields ``partition``, ``region``, ``account``, ``workshop``, ``seat``, ``stack`` (the seat's), and ``database``.

    None for ``*``."""
    context: Mapping[str, str] = field(default_factory=dict)
    is_global: bool = False
    """Whether the service has one endpoint for all Regions."""


def _actions(service: str, names: str) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for name in names.split())


def _here(service: str, rest: str) -> str:
    return f"arn:{{partition}}:{service}:{{region}}:{{account}}:{rest}"


_ROLE = "arn:{partition}:iam::{account}:role/labkit-{workshop}-{seat}-server"
_BUCKET = "arn:{partition}:s3:::labkit-{workshop}-evidence-trailbucket-0123456789ab"
_GUARDDUTY_ROLE = "arn:{partition}:iam::{account}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"

NEEDS = (
    Need(
        "create, update, and delete stacks",
        _actions(
            "cloudformation",
            "CreateStack DeleteStack CreateChangeSet ExecuteChangeSet DeleteChangeSet DescribeChangeSet GetTemplate "
            "DescribeStackEvents ListStackResources",
        ),
        _here("cloudformation", "stack/{stack}/00000000-0000-0000-0000-000000000000"),
    ),
    Need("find stacks", _actions("cloudformation", "DescribeStacks ListStacks")),
    Need(
        "create and delete a lab's network",
        _actions("ec2", "CreateVpc ModifyVpcAttribute DeleteVpc"),
        _here("ec2", "vpc/vpc-0123456789abcdef0"),
    ),
    Need(
        "create and delete a lab's network",
        _actions("ec2", "CreateSubnet ModifySubnetAttribute DeleteSubnet"),
        _here("ec2", "subnet/subnet-0123456789abcdef0"),
    ),
    Need(
        "create and delete a lab's network",
        _actions("ec2", "CreateInternetGateway AttachInternetGateway DetachInternetGateway DeleteInternetGateway"),
        _here("ec2", "internet-gateway/igw-0123456789abcdef0"),
    ),
    Need(
        "create and delete a lab's network",
        _actions("ec2", "CreateRouteTable CreateRoute AssociateRouteTable DisassociateRouteTable DeleteRoute DeleteRouteTable"),
        _here("ec2", "route-table/rtb-0123456789abcdef0"),
    ),
    Need(
        "create and delete a lab's network",
        _actions("ec2", "CreateSecurityGroup RevokeSecurityGroupEgress AuthorizeSecurityGroupEgress DeleteSecurityGroup"),
        _here("ec2", "security-group/sg-0123456789abcdef0"),
    ),
    Need(
        "start and remove servers",
        _actions("ec2", "RunInstances TerminateInstances StopInstances StartInstances"),
        _here("ec2", "instance/i-0123456789abcdef0"),
    ),
    Need(
        "record a lab's traffic",
        _actions("ec2", "CreateFlowLogs DeleteFlowLogs"),
        _here("ec2", "vpc-flow-log/fl-0123456789abcdef0"),
    ),
    Need("tag a lab's resources", _actions("ec2", "CreateTags"), _here("ec2", "vpc/vpc-0123456789abcdef0")),
    Need(
        "see what exists",
        _actions(
            "ec2",
            "DescribeVpcs DescribeSubnets DescribeInternetGateways DescribeRouteTables DescribeSecurityGroups "
            "DescribeSecurityGroupRules DescribeInstances DescribeFlowLogs DescribeNetworkInterfaces DescribeVolumes "
            "DescribeSnapshots DescribeImages DescribeAddresses DescribeVpcEndpoints DescribeInstanceTypeOfferings",
        ),
    ),
    Need(
        "create and delete a lab's roles",
        _actions(
            "iam",
            "CreateRole GetRole TagRole PutRolePolicy DeleteRolePolicy AttachRolePolicy DetachRolePolicy DeleteRole",
        ),
        _ROLE,
        is_global=True,
    ),
    Need(
        "create and delete the servers' instance profile",
        _actions(
            "iam",
            "CreateInstanceProfile GetInstanceProfile AddRoleToInstanceProfile RemoveRoleFromInstanceProfile "
            "DeleteInstanceProfile",
        ),
        "arn:{partition}:iam::{account}:instance-profile/{stack}-ServerProfile-0123456789AB",
        is_global=True,
    ),
    Need(
        "give the servers their role",
        ("iam:PassRole",),
        _ROLE,
        {"iam:PassedToService": "ec2.amazonaws.com"},
        is_global=True,
    ),
    Need("find roles that are left", _actions("iam", "ListRoles ListInstanceProfiles"), is_global=True),
    Need(
        "make the trail and look at it",
        _actions("cloudtrail", "CreateTrail AddTags PutEventSelectors StartLogging StopLogging GetTrailStatus DeleteTrail"),
        _here("cloudtrail", "trail/labkit-{workshop}"),
    ),
    Need("read the event history", _actions("cloudtrail", "LookupEvents DescribeTrails")),
    Need(
        "keep the evidence in a bucket",
        _actions(
            "s3",
            "CreateBucket PutBucketPolicy PutBucketPublicAccessBlock PutEncryptionConfiguration PutLifecycleConfiguration "
            "GetBucketPolicy DeleteBucketPolicy PutBucketVersioning PutBucketOwnershipControls PutBucketTagging GetBucketTagging ListBucketVersions DeleteBucket",
        ),
        _BUCKET,
    ),
    Need(
        "upload the threat list and empty the bucket",
        _actions("s3", "PutObject DeleteObject DeleteObjectVersion"),
        _BUCKET + "/threats.txt",
    ),
    Need("find buckets that are left", ("s3:ListAllMyBuckets",)),
    Need(
        "keep logs",
        _actions("logs", "CreateLogGroup PutRetentionPolicy TagResource DescribeLogGroups FilterLogEvents DeleteLogGroup"),
        _here("logs", "log-group:labkit-{workshop}-trail:*"),
    ),
    Need(
        "find the detector",
        _actions("guardduty", "ListDetectors GetDetector"),
        _here("guardduty", "detector/0123456789abcdef0123456789abcdef"),
    ),
    Need(
        "prepare Athena for the trail",
        _actions("glue", "CreateDatabase GetDatabase DeleteDatabase"),
        _here("glue", "database/{database}"),
    ),
    Need(
        "prepare Athena for the trail",
        _actions("glue", "CreateTable GetTable DeleteTable"),
        _here("glue", "table/{database}/cloudtrail_logs"),
    ),
    Need(
        "give attendees an Athena workgroup",
        _actions("athena", "CreateWorkGroup GetWorkGroup TagResource CreateNamedQuery DeleteNamedQuery DeleteWorkGroup"),
        _here("athena", "workgroup/{stack}"),
    ),
    Need(
        "send the alert",
        _actions("sns", "CreateTopic TagResource SetTopicAttributes Subscribe Unsubscribe GetSubscriptionAttributes GetTopicAttributes ListSubscriptionsByTopic DeleteTopic"),
        _here("sns", "{stack}-alerts"),
    ),
    Need(
        "send the alert",
        _actions("events", "PutRule DescribeRule PutTargets ListTargetsByRule RemoveTargets DeleteRule TagResource"),
        _here("events", "rule/{stack}-alert"),
    ),
    Need(
        "let labs expire",
        _actions("scheduler", "CreateSchedule GetSchedule UpdateSchedule DeleteSchedule"),
        _here("scheduler", "schedule/labkit-{workshop}-expiry/{stack}"),
    ),
    Need(
        "let labs expire",
        _actions("scheduler", "CreateScheduleGroup GetScheduleGroup TagResource DeleteScheduleGroup"),
        _here("scheduler", "schedule-group/labkit-{workshop}-expiry"),
    ),
    Need(
        "keep runs, answers, and hints",
        _actions("ssm", "PutParameter GetParameter GetParameters GetParametersByPath GetParameterHistory AddTagsToResource DeleteParameters"),
        _here("ssm", "parameter/labkit/{workshop}/{seat}/runs/1"),
    ),
    Need("find the servers' image", ("ssm:GetParameters",), _here("ssm", "parameter/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64").replace(":{account}:", "::")),
    Need(
        "find what's left",
        (
            "tag:GetResources", "events:ListRules", "sns:ListTopics", "athena:ListWorkGroups",
            "scheduler:ListScheduleGroups", "scheduler:ListSchedules", "ssm:DescribeParameters",
        ),
    ),
    Need("find what's left", ("glue:GetDatabases",), _here("glue", "catalog")),
)  # fmt: skip
"""What every scenario needs."""

DETECTOR_NEEDS = (
    Need(
        "create GuardDuty's detector",
        _actions("guardduty", "CreateDetector TagResource DeleteDetector"),
        _here("guardduty", "detector/0123456789abcdef0123456789abcdef"),
    ),
    Need(
        "create GuardDuty's own role",
        ("iam:CreateServiceLinkedRole",),
        _GUARDDUTY_ROLE,
        {"iam:AWSServiceName": "guardduty.amazonaws.com"},
        is_global=True,
    ),
)
"""What it takes where the account has no detector."""

THREAT_LIST_NEEDS = (
    Need(
        "create and watch the threat list",
        _actions("guardduty", "CreateThreatIntelSet GetThreatIntelSet UpdateThreatIntelSet DeleteThreatIntelSet"),
        _here("guardduty", "detector/0123456789abcdef0123456789abcdef/threatintelset/0123456789abcdef0123456789abcdef"),
    ),
    Need("find threat lists", ("guardduty:ListThreatIntelSets",), _here("guardduty", "detector/0123456789abcdef0123456789abcdef")),
    # GuardDuty user guide, "Setting up prerequisites for entity lists and IP address lists".
    Need(
        "let GuardDuty read the threat list",
        _actions("iam", "PutRolePolicy DeleteRolePolicy ListRolePolicies"),
        _GUARDDUTY_ROLE,
        is_global=True,
    ),
)  # fmt: skip
"""What scenarios with a threat list need, too."""
