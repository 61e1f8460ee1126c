"""The principal that makes a call."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

CallerKind = Literal["Root", "IAMUser", "AssumedRole", "AWSService", "Unknown"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a server got a session of its role: properties that its credentials carry wherever they're used.

    Source: IAM user guide, "AWS global condition context keys", "Properties of a role session"; CloudTrail user
    guide, "CloudTrail userIdentity element" (``ec2RoleDelivery``).
    """

    version: str
    """The version of the metadata service that handed it out: ``1.0`` or ``2.0``."""
    instance_arn: str
    vpc_id: str
    private_address: str


@dataclass(frozen=True, slots=True)
class Session:
    """A role's temporary credentials, as ``sts:AssumeRole`` returns them."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    token: str = field(repr=False)
    account: str
    role_name: str
    role_path: str
    role_id: str
    name: str
    issued_at: datetime
    expires_at: datetime
    source_address: str
    policies: tuple[str, ...] = ()
    """Session policies, as JSON text."""
    tags: tuple[tuple[str, str], ...] = ()
    transitive: tuple[str, ...] = ()
    """Keys of the tags that are passed on when the session assumes another role."""
    source_identity: str | None = None
    delivery: Delivery | None = None
    """For a server's session: how it was delivered."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated principal: the account it acts in, and how records describe it."""

    kind: CallerKind
    account: str
    arn: str
    """``arn:aws:sts::A:assumed-role/R/S``, ``arn:aws:iam::A:user/U``, ``arn:aws:iam::A:root``, or a service
    principal's name.
    """
    principal_id: str
    """As in ``aws:userid``: ``AROA…:session``, ``AIDA…``, or the root user's account ID."""
    source_address: str
    user_agent: str = ""
    access_key_id: str | None = None
    session: Session | None = None
    invoked_by: str | None = None
    """The service that makes the call on the principal's behalf (``cloudformation.amazonaws.com``)."""
    source_arn: str | None = None
    """For a service on its own: the resource it acts for (``aws:SourceArn``: the trail, the rule …)."""

    @property
    def user_name(self) -> str | None:
        return self.arn.rpartition("/")[2] if self.kind == "IAMUser" else None

    def through(self, service: str) -> Caller:
        """The same principal, with an AWS service calling on its behalf; records show the service as the source."""
        return replace(self, invoked_by=service, source_address=service, user_agent=service)


def instance_caller(
    account: str, region: str, instance_id: str, source_address: str, user_agent: str
) -> Caller:
    """A server without credentials, which proves its identity with its identity document.

    How records describe it is inferred: CloudTrail user guide, "CloudTrail userIdentity element" (``Unknown``).
    """
    arn = f"arn:aws:ec2:{region}:{account}:instance/{instance_id}"
    return Caller("Unknown", account, arn, instance_id, source_address, user_agent)


def service_caller(service: str, account: str, source_arn: str | None = None) -> Caller:
    """An AWS service that acts in an account on its own behalf, for the resource ``source_arn``."""
    return Caller(
        "AWSService", account, service, service, service, service,
        invoked_by=service, source_arn=source_arn,
    )  # fmt: skip
