"""One set of credentials in one Region: its clients, its identity, and sessions of roles."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import sleep
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import ClientError

from labkit.aws.botocore_sessions import CLIENT_CONFIG, botocore_session
from labkit.aws.cloud_time import CloudTime
from labkit.aws.errors import explain_errors, is_denied
from labkit.aws.limits import LIMITS, RateLimiter
from labkit.aws.renewal import renew_expired
from labkit.errors import LabkitError
from labkit.names import TAG_WORKSHOP

# AWS limits a role's session to an hour if the caller is itself a role's session.
_SESSION_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller, according to ``sts:GetCallerIdentity``."""

    account: str
    arn: str


class Account:
    """Clients with one set of credentials, in one Region."""

    def __init__(
        self,
        session: boto3.Session,
        region: str,
        limiters: dict[Any, RateLimiter],
        cloud_time: CloudTime | None = None,
        agent: str | None = None,
        role_arn: str | None = None,
        account_id: str | None = None,
    ) -> None:
        self._session = session
        self._role_arn = role_arn
        self._id = account_id or (role_arn.split(":")[4] if role_arn else None)
        self._identity: Identity | None = None
        self._agent = agent
        self.region = region
        self.cloud_time = cloud_time or CloudTime()
        self._limiters = limiters
        self._clients: dict[str, Any] = {}
        # Reentrant, because creating a client might need the caller's identity, and so another client.
        self._lock = threading.RLock()

    @property
    def identity(self) -> Identity:
        """The caller's identity; looked up once."""
        with self._lock:
            if self._identity is None:
                with explain_errors("looking up your identity"):
                    answer = self.client("sts").get_caller_identity()
                self._identity = Identity(answer["Account"], answer["Arn"])
            return self._identity

    @property
    def id(self) -> str:
        """The account ID. For a role, it's in the ARN."""
        return self._id or self.identity.account

    @property
    def partition(self) -> str:
        """The partition in ARNs: ``aws``, ``aws-cn``, or ``aws-us-gov``."""
        return (self._role_arn or self.identity.arn).split(":")[1]

    def principal_arn(self) -> str:
        """Return the ARN for a trust policy that names this caller; for a session, the ARN of its role.

        A session's ARN omits the role's path, so labkit looks up the role if it has permission.
        """
        if self._role_arn is not None:
            return self._role_arn
        arn = self.identity.arn
        if ":assumed-role/" not in arn:
            return arn
        prefix, _, rest = arn.partition(":assumed-role/")
        name = rest.split("/")[0]
        try:
            return str(self.client("iam").get_role(RoleName=name)["Role"]["Arn"])
        except ClientError as error:
            if not is_denied(error):
                raise
            return f"{prefix.replace(':sts:', ':iam:')}:role/{name}"

    def client(self, service: str) -> Any:
        """Return a boto3 client, created once. Threads can share clients."""
        with self._lock:
            if service not in self._clients:
                config = CLIENT_CONFIG.merge(Config(user_agent_appid=self._agent))
                client = self._session.client(service, region_name=self.region, config=config)
                self._apply_rate_limits(client, service)
                renew_expired(client, self._session)
                client.meta.events.register("response-received", self._observe_time)
                self._clients[service] = client
            return self._clients[service]

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Call an operation by AWS's name for it (``GetObject``), and read the response's body.

        Raises ``LabkitError`` for an operation that boto3 doesn't know, and boto3's errors.
        """
        client = self.client(service)
        methods = {name: method for method, name in client.meta.method_to_api_mapping.items()}
        if operation not in methods:
            raise LabkitError(
                f"boto3 has no operation {service}:{operation}.", "Fix the scenario's calls."
            )
        answer: dict[str, Any] = getattr(client, methods[operation])(**parameters)
        body: Any = answer.get("Body")
        if hasattr(body, "read"):
            body.read()
        return answer

    def _observe_time(self, response_dict: dict[str, Any] | None, **_: Any) -> None:
        if response_dict is not None:
            self.cloud_time.observe(response_dict["headers"].get("date"))

    def _apply_rate_limits(self, client: Any, service: str) -> None:
        for (limited, operation), (bucket, rate) in LIMITS.items():
            if limited == service:
                limiter = self._limiters.setdefault((self.id, bucket), RateLimiter(rate))
                client.meta.events.register(
                    f"before-call.{service}.{operation}",
                    lambda limiter=limiter, **_: limiter.wait(),
                )

    def assume(
        self, role_arn: str, session_name: str, *, sleep: Callable[[float], None] = sleep
    ) -> Account:
        """Return a session of a role; it renews itself as long as this account's credentials are valid.

        Nobody can assume a new role for some seconds (IAM user guide, "Changes that I make are not always immediately
        visible"), so labkit retries for a while if AWS refuses.
        """
        sts = self.client("sts")

        def refresh() -> dict[str, str]:
            keys = sts.assume_role(
                RoleArn=role_arn, RoleSessionName=session_name, DurationSeconds=_SESSION_SECONDS
            )["Credentials"]
            return {
                "access_key": keys["AccessKeyId"],
                "secret_key": keys["SecretAccessKey"],
                "token": keys["SessionToken"],
                "expiry_time": keys["Expiration"].isoformat(),
            }

        with explain_errors(f"assuming {role_arn}"):
            first = _retry_denied(refresh, sleep)
        core = botocore_session()
        core._credentials = RefreshableCredentials.create_from_metadata(  # noqa: SLF001 - how botocore itself creates renewing sessions
            metadata=first, refresh_using=refresh, method="sts-assume-role"
        )
        session = boto3.Session(botocore_session=core)
        return Account(session, self.region, self._limiters, self.cloud_time, self._agent, role_arn)

    def has_tagged_resources(self) -> bool:
        """Whether any resource carries a workshop's tag, according to the tagging API, which may be late."""
        with explain_errors("looking for tagged resources"):
            answer = self.client("resourcegroupstaggingapi").get_resources(
                TagFilters=[{"Key": TAG_WORKSHOP}], ResourcesPerPage=1
            )
        return bool(answer["ResourceTagMappingList"])

    def in_region(self, region: str) -> Account:
        """Return a session with the same credentials in another Region."""
        if region == self.region:
            return self
        return Account(
            self._session, region, self._limiters, self.cloud_time, self._agent, self._role_arn, self._id
        )  # fmt: skip

    def with_keys(self, access_key_id: str, secret_access_key: str, session_token: str) -> Account:
        """Return a session with credentials that belong to this account; labkit doesn't verify that they do."""
        session = boto3.Session(
            access_key_id, secret_access_key, session_token, botocore_session=botocore_session()
        )
        return Account(session, self.region, self._limiters, self.cloud_time, account_id=self.id)


_RETRY_PAUSES_SECONDS = (1.0, 2.0, 3.0, 4.0, 5.0)


def _retry_denied(
    call: Callable[[], dict[str, str]], sleep: Callable[[float], None]
) -> dict[str, str]:
    for pause in _RETRY_PAUSES_SECONDS:
        try:
            return call()
        except ClientError as error:
            if not is_denied(error):
                raise
        sleep(pause)
    return call()
