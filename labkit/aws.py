"""The one place that imports boto3: sessions per account, errors with a next step, limits kept.

Nothing here knows whether it talks to AWS or to something at ``AWS_ENDPOINT_URL``.
"""

from __future__ import annotations

import functools
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
)
from botocore.loaders import Loader
from botocore.session import Session as BotocoreSession

from labkit.errors import CloudError, LabkitError, UsageError

__all__ = [
    "Account",
    "ClientError",
    "Cloud",
    "DeniedError",
    "Identity",
    "MissingError",
    "error_code",
    "error_message",
    "explained",
]

# Calls a second, per account and Region, that AWS allows (CloudTrail: LookupEvents API reference;
# Systems Manager: endpoints and quotas, shared by these three).
_LIMITS = {
    ("cloudtrail", "LookupEvents"): ("lookup-events", 2),
    ("ssm", "PutParameter"): ("parameters", 3),
    ("ssm", "GetParameterHistory"): ("parameters", 3),
    ("ssm", "DescribeParameters"): ("parameters", 3),
}
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "UnauthorizedAccess",
    "AuthorizationError",
}
_BAD_CREDENTIALS = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "ExpiredToken",
    "ExpiredTokenException",
    "SignatureDoesNotMatch",
    "AuthFailure",
    "InvalidAccessKeyId",
}
# Sessions of the local AWS and of AWS last an hour when the caller is itself a role's session.
_SESSION_SECONDS = 3600

Sleep = Callable[[float], None]


class DeniedError(CloudError):
    """The caller's rights do not reach."""


class MissingError(CloudError):
    """What was asked for is not there."""


def error_code(error: ClientError) -> str:
    """AWS's code of an error (``ResourceNotFoundException``)."""
    return str(error.response.get("Error", {}).get("Code", ""))


def error_message(error: ClientError) -> str:
    """AWS's text of an error."""
    return str(error.response.get("Error", {}).get("Message", ""))


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn boto3's errors into labkit's, with ``what`` was being done and what to do next."""
    try:
        yield
    except LabkitError:
        raise
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        raise UsageError(
            f"There are no AWS credentials: {error}.",
            "Log in to AWS, or evaluate 'labkit local env' for the embedded one.",
        ) from error
    except (EndpointConnectionError, ConnectTimeoutError, ReadTimeoutError) as error:
        raise CloudError(
            f"AWS does not answer while {what}: {error}",
            "Check AWS_ENDPOINT_URL and the network; for the embedded AWS run 'labkit local start'.",
        ) from error
    except ClientError as error:
        raise _explain(error, what) from error
    except BotoCoreError as error:
        raise CloudError(
            f"{what} failed: {error}", "Try again; --debug shows the trace."
        ) from error


def _explain(error: ClientError, what: str) -> LabkitError:
    code, text = error_code(error), error_message(error)
    if code in _BAD_CREDENTIALS:
        return UsageError(f"AWS does not accept the credentials ({code}).", "Log in again.")
    if code in _DENIED:
        return DeniedError(f"Not allowed while {what}: {text}", "Use credentials that may do this.")
    if "NotFound" in code or code.startswith("NoSuch"):
        return MissingError(f"Not there while {what}: {text}", "Look at 'labkit status'.")
    return CloudError(f"{what} failed: {code}: {text}", "Try again; --debug shows the trace.")


class _Limiter:
    """Lets ``rate`` calls a second pass, counted over two seconds, and makes the next wait.

    So the four or five calls of one attendee's ``check`` need not wait; if AWS throttles such a burst, botocore
    tries it again.
    """

    _SECONDS = 2

    def __init__(self, rate: int) -> None:
        self._passed: deque[float] = deque(maxlen=rate * self._SECONDS)
        self._lock = threading.Lock()

    def wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            if len(self._passed) == self._passed.maxlen:
                pause = self._passed[0] + self._SECONDS - now
                if pause > 0:
                    time.sleep(pause)
                    now += pause
            self._passed.append(now)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the caller is, as ``sts:GetCallerIdentity`` says."""

    account: str
    arn: str


class CloudClock:
    """The cloud's time, as the ``Date`` of its answers tells it.

    What happened when is asked of logs that the cloud writes, so a wrong clock on this machine must not
    matter. Up to two seconds are not a difference: the header has whole seconds and was a while on its way.
    """

    _SAME = timedelta(seconds=2)

    def __init__(self, wall: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._wall = wall
        self._ahead = timedelta()

    def hear(self, date: str | None) -> None:
        """Take the time from an answer's header, if it has one."""
        if date is None:
            return
        try:
            ahead = parsedate_to_datetime(date).astimezone(UTC) - self._wall()
        except ValueError:  # something in between that writes no proper date
            return
        self._ahead = ahead if abs(ahead) > self._SAME else timedelta()

    def now(self) -> datetime:
        """The time there; aware, UTC."""
        return self._wall() + self._ahead


class Account:
    """Clients with one set of credentials, in one Region."""

    def __init__(
        self,
        session: boto3.Session,
        region: str,
        limiters: dict[Any, _Limiter],
        clock: CloudClock | None = None,
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
        self.clock = clock or CloudClock()
        self._limiters = limiters
        self._clients: dict[str, Any] = {}
        self._lock = (
            threading.RLock()
        )  # making a client may ask who the caller is, by another client

    @property
    def identity(self) -> Identity:
        """Who the caller is; asked once."""
        with self._lock:
            if self._identity is None:
                with explained("asking who the caller is"):
                    answer = self.client("sts").get_caller_identity()
                self._identity = Identity(answer["Account"], answer["Arn"])
            return self._identity

    @property
    def id(self) -> str:
        """The account's twelve digits. Whoever was let into a role knows them without asking."""
        return self._id or self.identity.account

    def principal_arn(self) -> str:
        """The ARN by which a role's trust policy names this caller: of the role behind a session.

        The ARN of a session that the caller came with leaves out the role's path, so the role itself is asked
        where that is allowed.
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
            if error_code(error) not in _DENIED:
                raise
            return f"{prefix.replace(':sts:', ':iam:')}:role/{name}"

    def client(self, service: str) -> Any:
        """A boto3 client, made once; clients may be used from several threads."""
        with self._lock:
            if service not in self._clients:
                config = _CONFIG.merge(Config(user_agent_appid=self._agent))
                client = self._session.client(service, region_name=self.region, config=config)
                self._keep_limits(client, service)
                client.meta.events.register("response-received", self._hear)
                self._clients[service] = client
            return self._clients[service]

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Make a call by AWS's name of its operation (``GetObject``), and read the body that it brings.

        Raises ``LabkitError`` for an operation that boto3 does not know, and boto3's errors.
        """
        client = self.client(service)
        methods = {name: method for method, name in client.meta.method_to_api_mapping.items()}
        if operation not in methods:
            raise LabkitError(
                f"boto3 knows no operation {service}:{operation}.", "Mend the scenario's calls."
            )
        answer: dict[str, Any] = getattr(client, methods[operation])(**parameters)
        body: Any = answer.get("Body")
        if hasattr(body, "read"):
            body.read()
        return answer

    def _hear(self, response_dict: dict[str, Any] | None, **_: Any) -> None:
        if response_dict is not None:
            self.clock.hear(response_dict["headers"].get("date"))

    def _keep_limits(self, client: Any, service: str) -> None:
        for (limited, operation), (bucket, rate) in _LIMITS.items():
            if limited == service:
                limiter = self._limiters.setdefault((self.id, bucket), _Limiter(rate))
                client.meta.events.register(
                    f"before-call.{service}.{operation}",
                    lambda limiter=limiter, **_: limiter.wait(),
                )

    def assume(self, role_arn: str, session_name: str, *, sleep: Sleep = time.sleep) -> Account:
        """A session of a role, renewed by itself while this account's credentials last.

        A role that was just made cannot be assumed for some seconds (IAM user guide, "Changes that I make
        are not always immediately visible"), so a denial is tried again for a while.
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

        with explained(f"assuming {role_arn}"):
            first = _patiently(refresh, sleep)
        core = _core_session()
        core._credentials = RefreshableCredentials.create_from_metadata(  # noqa: SLF001 - botocore's own recipe for renewing sessions
            metadata=first, refresh_using=refresh, method="sts-assume-role"
        )
        session = boto3.Session(botocore_session=core)
        return Account(session, self.region, self._limiters, self.clock, self._agent, role_arn)

    def with_keys(self, access_key_id: str, secret_access_key: str, session_token: str) -> Account:
        """A session with keys that are of this account; nobody is asked whose they are."""
        session = boto3.Session(
            access_key_id, secret_access_key, session_token, botocore_session=_core_session()
        )
        return Account(session, self.region, self._limiters, self.clock, account_id=self.id)


_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 8},
    connect_timeout=5,
    read_timeout=60,
    max_pool_connections=32,
    s3={"addressing_style": "path"},
)
_PATIENCE_SECONDS = (1.0, 2.0, 3.0, 4.0, 5.0)


def _patiently(call: Callable[[], dict[str, str]], sleep: Sleep) -> dict[str, str]:
    for pause in _PATIENCE_SECONDS:
        try:
            return call()
        except ClientError as error:
            if error_code(error) not in _DENIED:
                raise
        sleep(pause)
    return call()


class Cloud:
    """The caller's own credentials, and from them the way into every seat's account.

    ``agent`` is how the calls are marked in CloudTrail's records (``app/…`` in ``userAgent``).
    """

    def __init__(
        self, region: str, access_role: str | None = None, agent: str | None = None
    ) -> None:
        self.region = region
        self._access_role = access_role
        self._accounts: dict[str, Account] = {}
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        with explained("reading the credentials"):
            session = boto3.Session(botocore_session=_core_session(), region_name=region)
            self.caller = Account(session, region, {}, agent=agent)

    def identify(self) -> Identity:
        """Who the caller is; raises ``UsageError`` without credentials, ``CloudError`` where AWS does not answer."""
        return self.caller.identity

    def now(self) -> datetime:
        """The time in the cloud; aware, UTC."""
        return self.caller.clock.now()

    def account(self, account_id: str | None) -> Account:
        """A session in an account: the caller's own if it is already there, else of ``access.role``."""
        if account_id is None or account_id == self.caller.id:
            return self.caller
        if self._access_role is None:
            raise UsageError(
                f"The credentials are of account {self.caller.id}, a seat is in {account_id}.",
                'Name a role to assume there: role = "…" under [access] in workshop.toml.',
            )
        with self._locks[account_id]:
            if account_id not in self._accounts:
                arn = f"arn:aws:iam::{account_id}:role/{self._access_role}"
                self._accounts[account_id] = self._enter(account_id, arn)
            return self._accounts[account_id]

    def _enter(self, account_id: str, role_arn: str) -> Account:
        try:
            return self.caller.assume(role_arn, "labkit", sleep=_no_patience)
        except DeniedError as error:
            raise DeniedError(
                f"The credentials are of account {self.caller.id} and may not enter account "
                f"{account_id} as {self._access_role}.",
                "Use credentials of that account, or some that may assume the role there.",
            ) from error


class _SharedLoader(Loader):  # type: ignore[misc] # botocore has no types
    """botocore's service models, each read once, by one thread.

    Each session would read EC2's several megabytes for itself, and so would each of many threads at once.
    """

    def __init__(self) -> None:
        super().__init__(extra_search_paths=[])
        self._reading = threading.RLock()

    def load_service_model(self, *arguments: Any, **named: Any) -> Any:
        with self._reading:
            return super().load_service_model(*arguments, **named)

    def load_data_with_path(self, *arguments: Any, **named: Any) -> Any:
        with self._reading:
            return super().load_data_with_path(*arguments, **named)


_loader = functools.cache(_SharedLoader)


def _core_session() -> BotocoreSession:
    core = BotocoreSession()
    core.register_component("data_loader", _loader())
    return core


def _no_patience(_: float) -> None:
    """The role that leads into an account is not new: a denial stays one."""
