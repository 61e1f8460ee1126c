"""S3: buckets and their policies.

Source: CloudFormation template reference, "AWS::S3::Bucket", "AWS::S3::BucketPolicy". S3 accepts
the ``aws:cloudformation:`` tags only from CloudFormation, so they're written directly, bypassing
its API.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ... import moto_state
from .handler import ResourceType, Work, resource_type

Setting = Callable[[Any], dict[str, Any]]


def _lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"Status": rule["Status"]}
    if "Id" in rule:
        made["ID"] = rule["Id"]
    made["Filter"] = _lifecycle_filter(rule)
    expiration = {
        api: rule[name]
        for name, api in (
            ("ExpirationInDays", "Days"),
            ("ExpirationDate", "Date"),
            ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"),
        )
        if name in rule
    }
    if expiration:
        made["Expiration"] = expiration
    if "NoncurrentVersionExpirationInDays" in rule:
        made["NoncurrentVersionExpiration"] = {
            "NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]
        }
    for name in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if name in rule:
            made[name] = dict(rule[name])
    transitions = rule.get("Transitions") or ([rule["Transition"]] if "Transition" in rule else [])
    if transitions:
        made["Transitions"] = [
            {"Days": each.get("TransitionInDays"), "StorageClass": each["StorageClass"]}
            for each in transitions
        ]
    return made


def _lifecycle_filter(rule: Mapping[str, Any]) -> dict[str, Any]:
    parts = {
        name: rule[name]
        for name in ("Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
        if name in rule
    }
    tags = rule.get("TagFilters", [])
    if len(parts) + len(tags) > 1:
        return {"And": {**parts, **({"Tags": tags} if tags else {})}}
    if tags:
        return {"Tag": tags[0]}
    return parts or {"Prefix": ""}


def _encryption(value: Any) -> dict[str, Any]:
    rules = [
        {
            ("ApplyServerSideEncryptionByDefault" if k == "ServerSideEncryptionByDefault" else k): v
            for k, v in rule.items()
        }
        for rule in value["ServerSideEncryptionConfiguration"]
    ]
    return {"ServerSideEncryptionConfiguration": {"Rules": rules}}


# Property -> the operation that sets it, and its parameters.
_SETTINGS: dict[str, tuple[str, Setting]] = {
    "BucketEncryption": ("PutBucketEncryption", _encryption),
    "PublicAccessBlockConfiguration": (
        "PutPublicAccessBlock",
        lambda value: {"PublicAccessBlockConfiguration": value},
    ),
    "OwnershipControls": ("PutBucketOwnershipControls", lambda value: {"OwnershipControls": value}),
    "VersioningConfiguration": (
        "PutBucketVersioning",
        lambda value: {"VersioningConfiguration": value},
    ),
    "LifecycleConfiguration": (
        "PutBucketLifecycleConfiguration",
        lambda value: {
            "LifecycleConfiguration": {"Rules": [_lifecycle_rule(r) for r in value["Rules"]]}
        },
    ),
}


@resource_type("AWS::S3::Bucket")
class Bucket(ResourceType):
    """A bucket."""

    supported = frozenset({"BucketName", "Tags", *_SETTINGS})
    attributes = frozenset({"Arn", "DomainName", "DualStackDomainName", "RegionalDomainName"})
    updatable = frozenset(_SETTINGS)
    create_seconds = 22.0

    def create(self, work: Work) -> None:
        bucket = work.properties.get("BucketName") or work.name(63, lower=True)
        place = {"LocationConstraint": work.region} if work.region != "us-east-1" else None
        work.call("s3", "CreateBucket", Bucket=bucket, CreateBucketConfiguration=place)
        work.identify(
            bucket,
            Arn=f"arn:aws:s3:::{bucket}",
            DomainName=f"{bucket}.s3.amazonaws.com",
            DualStackDomainName=f"{bucket}.s3.dualstack.{work.region}.amazonaws.com",
            RegionalDomainName=f"{bucket}.s3.{work.region}.amazonaws.com",
        )
        self._set(work, {})
        self._tag(work)

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        self._set(work, before)
        self._tag(work)

    def _set(self, work: Work, before: Mapping[str, Any]) -> None:
        for name, (operation, parameters) in _SETTINGS.items():
            wanted = work.properties.get(name)
            if wanted is not None and wanted != before.get(name):
                work.call("s3", operation, Bucket=work.physical_id, **parameters(wanted))
            elif wanted is None and name in before:
                self._unset(work, name)

    def _unset(self, work: Work, name: str) -> None:
        if name == "VersioningConfiguration":
            work.call(
                "s3", "PutBucketVersioning",
                Bucket=work.physical_id, VersioningConfiguration={"Status": "Suspended"},
            )  # fmt: skip
            return
        operation = {
            "BucketEncryption": "DeleteBucketEncryption",
            "PublicAccessBlockConfiguration": "DeletePublicAccessBlock",
            "OwnershipControls": "DeleteBucketOwnershipControls",
            "LifecycleConfiguration": "DeleteBucketLifecycle",
        }[name]
        work.call("s3", operation, Bucket=work.physical_id)

    def _tag(self, work: Work) -> None:
        own = work.tag_list(system=False)
        if own:
            work.call("s3", "PutBucketTagging", Bucket=work.physical_id, Tagging={"TagSet": own})
        moto_state.backend("s3", work.account, "aws").put_bucket_tagging(
            work.physical_id, work.tags()
        )

    def delete(self, work: Work) -> None:
        work.delete_if_exists("s3", "DeleteBucket", "NoSuchBucket", Bucket=work.physical_id)

    def gone(self, work: Work) -> bool:
        return not work.exists("s3", "HeadBucket", "404", "NoSuchBucket", Bucket=work.physical_id)


@resource_type("AWS::S3::BucketPolicy")
class BucketPolicy(ResourceType):
    """A bucket's policy; its ID is the bucket's name."""

    supported = frozenset({"Bucket", "PolicyDocument"})
    updatable = frozenset({"PolicyDocument"})
    create_seconds = 1.0

    def create(self, work: Work) -> None:
        self._put(work)
        work.identify(work.properties["Bucket"])

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        del before
        self._put(work)

    def _put(self, work: Work) -> None:
        policy = work.properties["PolicyDocument"]
        text = policy if isinstance(policy, str) else json.dumps(policy)
        work.call("s3", "PutBucketPolicy", Bucket=work.properties["Bucket"], Policy=text)

    def delete(self, work: Work) -> None:
        work.delete_if_exists(
            "s3", "DeleteBucketPolicy", "NoSuchBucket", "NoSuchBucketPolicy",
            Bucket=work.properties["Bucket"],
        )  # fmt: skip

    def gone(self, work: Work) -> bool:
        return not work.exists(
            "s3", "GetBucketPolicy", "NoSuchBucket", "NoSuchBucketPolicy",
            Bucket=work.properties["Bucket"],
        )  # fmt: skip
