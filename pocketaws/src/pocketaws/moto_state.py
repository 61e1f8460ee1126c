"""Access to moto's backends: how a call reaches them, and corrections of moto's mistakes.

moto keeps its state in module globals, so a process has only one. Much of this module uses moto's internals, so
``pyproject.toml`` pins moto's version.
"""

from __future__ import annotations

import functools
import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import moto.backends
import moto.core.responses
import moto.core.utils
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.core.exceptions import HTTPException
from moto.moto_api._internal import mock_random

from .errors import AwsError
from .gateway.http import HttpAnswer, HttpRequest
from .gateway.moto_request import moto_request
from .moto_loading import importing, load_quickly

load_quickly()
_make_regional = AccountSpecificBackend.__getitem__
# moto searches all methods of a class for each call.
moto.core.responses.method_names_from_class = functools.cache(
    moto.core.utils.method_names_from_class
)

# Services whose endpoint has no Region in its name.
_GLOBAL_HOSTS = {
    "iam": "iam.amazonaws.com",
    "organizations": "organizations.us-east-1.amazonaws.com",
}
# botocore's service name -> host prefix, where they differ.
_HOST_PREFIXES = {"resourcegroupstaggingapi": "tagging"}
# Header fields that moto writes but that the HTTP server must write.
_SERVER_HEADERS = {"status", "server", "date", "connection"}


def install_clock(now: Callable[[], datetime]) -> None:
    """Make all of moto take its time from ``now`` (aware, UTC; moto's own times are naive)."""

    def utcnow() -> datetime:
        return now().astimezone(UTC).replace(tzinfo=None)

    for name, module in list(sys.modules.items()):
        if name.startswith("moto.") and hasattr(module, "utcnow"):
            module.utcnow = utcnow  # type: ignore[attr-defined]


def seed(value: str) -> None:
    """Seed the IDs that moto generates from now on."""
    mock_random.seed(value)


def seed_accounts(secret: str) -> None:
    """Seed the IDs of what a new account contains (a default VPC and its parts).

    moto creates an account's state on first use, even by a call that only reads. Its IDs must not depend on which
    call that was, because the journal leaves out reads and a replay would then produce other IDs.
    """
    original = _make_regional

    def seeded(accounts: AccountSpecificBackend[Any], region: str) -> Any:
        if region in accounts.keys() or region == "global":  # noqa: SIM118 - moto's own "in" answers something else
            return original(accounts, region)
        kept = mock_random.getstate()
        mock_random.seed(f"{secret}:{accounts.service_name}:{accounts.account_id}:{region}")
        try:
            made = original(accounts, region)
        finally:
            mock_random.setstate(kept)
        _patch(accounts.service_name, made, region)
        return made

    AccountSpecificBackend.__getitem__ = seeded


def _patch(service: str, made: Any, region: str) -> None:
    """Add what all accounts share to a new account's state, and remove what it doesn't need."""
    if service == "ec2":
        from .moto_patches.ec2_images import images  # noqa: PLC0415 - loading EC2's data takes half a second

        made.amis = dict(images(region))
    elif service == "ssm":
        from .moto_patches.ssm_parameters import Parameters  # noqa: PLC0415 - likewise

        made._parameters = Parameters(made.account_id, region)  # noqa: SLF001 - replaces moto's
    elif service == "kms":
        # EBS needs a symmetric key. moto also generates an RSA pair, which is slow and can't be pickled.
        sys.modules["moto.kms.models"].generate_private_key = _no_key_pair  # type: ignore[attr-defined]


def _no_key_pair(_: str) -> None:
    return None


def reset() -> None:
    """Delete all of moto's state."""
    for backends in BackendDict._instances:  # noqa: SLF001 - the backends in use
        for name in _DICT_STATE:
            getattr(backends, name, {}).clear()
    BackendDict.reset()


def export_state() -> dict[str, Any]:
    """All of moto's state, to be saved with the rest of the world's state."""
    return {
        backends.service_name: (
            {account: dict(regions) for account, regions in backends.items()},
            {name: getattr(backends, name) for name in _DICT_STATE if hasattr(backends, name)},
        )
        for backends in BackendDict._instances  # noqa: SLF001 - the backends in use
    }


def import_state(state: dict[str, Any]) -> None:
    """Replace the current state with one that ``export_state`` returned."""
    reset()
    for service, (accounts, own) in state.items():
        backends = _backends(service)
        for name, value in own.items():
            setattr(backends, name, value)
        for account, regions in accounts.items():
            for region, kept in regions.items():
                dict.__setitem__(backends[account], region, kept)


# moto's state outside the accounts' backends.
_DICT_STATE = ("bucket_accounts", "master_accounts")


def backend(service: str, account: str, region: str) -> Any:
    """moto's backend of a service in an account; ``region`` is ``aws`` for global services."""
    return _backends(service)[account][region]


def existing_backend(service: str, account: str, region: str) -> Any | None:
    """Like ``backend``, but ``None`` if the account has never used the service there."""
    accounts = _backends(service)
    if account not in accounts or region not in accounts[account].keys():  # noqa: SIM118 - as in seed_accounts
        return None
    return accounts[account][region]


@functools.cache
def _backends(service: str) -> Any:
    with importing():
        found = moto.backends.get_backend(service)
    if service == "iam":
        from .moto_patches import iam_entities  # noqa: F401, PLC0415 - IAM's managed policies alone are 5 MB
    elif service == "s3":
        from moto.s3.models import FakeBucket  # noqa: PLC0415 - it's just been imported

        # Bucket policies are evaluated before moto gets a call, and moto misreads them.
        FakeBucket.get_permission = _neutral
    return found


@functools.cache
def _routes(service: str) -> list[tuple[re.Pattern[str], Callable[..., Any]]]:
    kept = mock_random.getstate()  # importing a service's code may use it
    try:
        kind = _backends(service).backend
        blank = object.__new__(kind)  # the URLs belong to the class; a real backend would be state
        return [(re.compile(url), method) for url, method in blank.urls.items()]
    finally:
        mock_random.setstate(kept)


def run(service: str, account: str, region: str, request: HttpRequest) -> HttpAnswer:
    """Hand one HTTP request to moto, as ``account`` in ``region``.

    Raises ``AwsError``, with ``InternalFailure`` if moto has no such URL.
    """
    if service == "s3":  # a bucket's state is in its owner's account, not the caller's
        bucket = unquote(request.path.removeprefix("/").partition("/")[0])
        account = bucket_account(bucket) or account
    prefix = _HOST_PREFIXES.get(service, service)
    host = _GLOBAL_HOSTS.get(service, f"{prefix}.{region}.amazonaws.com")
    url = f"https://{host}{request.path}"
    headers = {
        name: value
        for name, value in request.headers.items()
        if name.lower() not in {"host", "x-moto-account-id", "content-length", "connection"}
    }
    headers |= {"Host": host, "x-moto-account-id": account}
    if service == "s3" and "Authorization" not in request.headers:
        # moto would treat the request as anonymous. Its caller is already authenticated.
        headers["Authorization"] = "AWS4-HMAC-SHA256"
    prepared = moto_request(
        request.method, "https", host, request.path, request.query, headers.items(), request.body
    )
    method = next((method for pattern, method in _routes(service) if pattern.match(url)), None)
    if method is None:
        raise AwsError("InternalFailure", f"moto has no URL {url}", 500)
    try:
        status, answer_headers, body = method(prepared, prepared.raw_url, prepared.headers)
    except NotImplementedError as error:
        raise AwsError("NotImplemented", f"pocketaws doesn't emulate {error}.", 501) from error
    except HTTPException as error:
        status, answer_headers, body = error.code, dict(error.get_headers()), error.get_body()
    if isinstance(body, str):
        body = body.encode()
    return HttpAnswer(
        int(status or 200),
        {
            str(name): str(value)
            for name, value in dict(answer_headers).items()
            if name.lower() not in _SERVER_HEADERS
        },
        body or b"",
    )


install_clock(lambda: datetime.now(UTC))


def iam_backends() -> list[tuple[str, Any]]:
    """``(account, moto's IAM of it)`` for every account that exists."""
    return [(a, regions["aws"]) for a, regions in _backends("iam").items()]


def has_account(account: str) -> bool:
    """Whether an account exists: it's been created or used."""
    return account in _backends("iam")


def role_by_arn(arn: str) -> Any | None:
    """moto's role with an ARN, in any account."""
    fields = arn.split(":")
    accounts = _backends("iam")
    if len(fields) != 6 or fields[4] not in accounts:
        return None
    return next((r for r in accounts[fields[4]]["aws"].roles.values() if r.arn == arn), None)


def bucket_account(name: str) -> str | None:
    """The account that owns a bucket."""
    found = _backends("s3").bucket_accounts.get(name)
    return None if found is None else str(found[1])


def bucket_region(name: str) -> str | None:
    """The Region of a bucket."""
    account = bucket_account(name)
    if account is None:
        return None
    return str(backend("s3", account, "aws").buckets[name].region_name)


def aws_managed_policy(arn: str, account: str) -> Any | None:
    """moto's object for an AWS managed policy, as it's attached in ``account``.

    moto ships all of them as one text of 4.7 MB. This parses only the requested one.
    """
    path = arn.removeprefix("arn:aws:iam::aws:policy")
    iam = _iam()
    text = iam.aws_managed_policies_data
    name = path.rpartition("/")[2]
    start = text.find(f'\n "{name}":{{')
    if path == arn or not name or start < 0:
        return None
    data = json.JSONDecoder().raw_decode(text, text.index("{", start))[0]
    policy = iam.AWSManagedPolicy.from_data(name, account, "aws", data)
    return policy if policy.arn == arn else None


@functools.cache
def aws_managed_policies() -> tuple[dict[str, Any], ...]:
    """AWS's managed policies without their documents: ``Name``, ``Path``, ``DefaultVersionId``, and two dates."""
    found = json.loads(_iam().aws_managed_policies_data)
    return tuple({**facts, "Document": None, "Name": name} for name, facts in found.items())


def _iam() -> Any:
    """moto's module of IAM entities."""
    _backends("iam")
    return sys.modules["moto.iam.models"]


def _neutral(_bucket: Any, _action: str, _resource: str) -> Any:
    from moto.iam.access_control import PermissionResult  # noqa: PLC0415 - not needed at the start

    return PermissionResult.NEUTRAL
