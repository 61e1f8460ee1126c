"""Describe each operation for its records: event source, event name, and read-only flag.

Sources: CloudTrail user guide, "CloudTrail record contents"; S3 user guide, "Amazon S3 CloudTrail
events"; CloudWatch Logs user guide, "Logging CloudWatch Logs API and console operations"; IAM user
guide, "Logging IAM and AWS STS API calls".
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Literal

from botocore.exceptions import UnknownServiceError
from moto.core.utils import get_service_model

from .shapes import words

Category = Literal["Management", "Data", "none"]

_READS = re.compile(
    r"(Describe|Get|List|Lookup|Head|Filter|Search|BatchGet|Simulate|Generate.*Report|Test|Validate|"
    r"Select|Preview|Estimate|Query|Detect)[A-Z]?"
)
# Operations whose names don't tell whether they're read-only.
_READ_ONLY = {
    ("sts", "AssumeRole"): True,
    ("sts", "AssumeRoleWithSAML"): True,
    ("sts", "AssumeRoleWithWebIdentity"): True,
    ("sts", "DecodeAuthorizationMessage"): True,
    ("sts", "GetFederationToken"): False,
    ("logs", "StartQuery"): True,
    ("logs", "StopQuery"): True,
    ("athena", "BatchGetQueryExecution"): True,
}
# S3 user guide, "Amazon S3 data events in CloudTrail".
_S3_DATA = words(
    """
    AbortMultipartUpload CompleteMultipartUpload CopyObject CreateMultipartUpload DeleteObject
    DeleteObjectTagging DeleteObjects GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold
    GetObjectRetention GetObjectTagging GetObjectTorrent HeadObject HeadBucket ListObjectVersions
    ListObjects ListObjectsV2 ListParts PutObject PutObjectAcl PutObjectLegalHold PutObjectRetention
    PutObjectTagging RestoreObject SelectObjectContent UploadPart UploadPartCopy
    """
)
_OTHER_DATA = {
    "sns": frozenset({"Publish", "PublishBatch"}),
    "sqs": frozenset(
        {"SendMessage", "ReceiveMessage", "DeleteMessage", "SendMessageBatch", "DeleteMessageBatch"}
    ),
    "lambda": frozenset({"Invoke", "InvokeAsync"}),
    "cloudwatch": frozenset(
        {"PutMetricData", "GetMetricData", "GetMetricStatistics", "ListMetrics"}
    ),
}
# Operations that CloudTrail doesn't record.
_UNRECORDED = {"logs": frozenset({"PutLogEvents"}), "events": frozenset({"PutEvents"})}

# API operation -> the different name in S3's records (S3 user guide, as above).
_S3_NAMES = {
    "PutBucketLifecycleConfiguration": "PutBucketLifecycle",
    "GetBucketLifecycleConfiguration": "GetBucketLifecycle",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "ListObjectsV2": "ListObjects",
}
# Services whose endpoint prefix differs from the event source's.
_SOURCES = {"cloudwatch": "monitoring", "resourcegroupstaggingapi": "tagging"}
# Services that record all their events in one Region.
_GLOBAL_SERVICES = frozenset({"iam", "organizations"})
GLOBAL_REGION = "us-east-1"
# Services whose records have an older version in the real samples. Their session contexts have
# an empty ``webIdFederationData``.
_OLDER = frozenset({"sts", "ssm", "ec2-instance-connect", "athena", "lambda", "glue"})
_VERSION, _OLDER_VERSION = "1.11", "1.08"
_API_VERSIONS = {"logs": "20140328"}


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation, as CloudTrail describes it."""

    service: str
    name: str
    """The name in botocore."""
    event_source: str
    event_name: str
    read_only: bool
    category: Category
    event_version: str
    api_version: str | None
    keeps_response: bool

    @property
    def is_global(self) -> bool:
        return self.service in _GLOBAL_SERVICES

    @property
    def is_older(self) -> bool:
        return self.event_version == _OLDER_VERSION

    def region(self, region: str) -> str:
        """Return the Region that records a call made to ``region``."""
        return GLOBAL_REGION if self.service in _GLOBAL_SERVICES else region

    def host(self, region: str) -> str:
        """Return the endpoint's host name in a Region."""
        if self.service == "iam":
            return "iam.amazonaws.com"
        prefix = _endpoint_prefix(self.service)
        return f"{prefix}.{self.region(region)}.amazonaws.com"


@functools.cache
def operation(service: str, name: str) -> Operation:
    """Return the facts about botocore's operation ``service:name``."""
    read_only = _READ_ONLY.get((service, name))
    if read_only is None:
        read_only = _READS.match(name) is not None
    return Operation(
        service,
        name,
        f"{_SOURCES.get(service, service)}.amazonaws.com",
        _S3_NAMES.get(name, name) if service == "s3" else name,
        read_only,
        _category(service, name),
        version_of(service),
        _API_VERSIONS.get(service),
        not read_only or (service == "sts" and name.startswith("AssumeRole")),
    )


def version_of(service: str) -> str:
    """Return the ``eventVersion`` of a service's records."""
    return _OLDER_VERSION if service in _OLDER else _VERSION


def _category(service: str, name: str) -> Category:
    if name in _UNRECORDED.get(service, ()):
        return "none"
    if name in (_S3_DATA if service == "s3" else _OTHER_DATA.get(service, ())):
        return "Data"
    return "Management"


@functools.cache
def _endpoint_prefix(service: str) -> str:
    try:
        return str(get_service_model(service).metadata["endpointPrefix"])
    except UnknownServiceError:  # an event source without a service model, such as ec2messages
        return service
