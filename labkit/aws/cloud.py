"""The caller's own credentials, and sessions in the seats' accounts that start from them."""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import datetime

import boto3
from botocore.exceptions import ClientError

from labkit.aws.account import Account, Identity
from labkit.aws.botocore_sessions import botocore_session
from labkit.aws.errors import DeniedError, error_code, explain_errors, is_denied
from labkit.errors import UsageError


class Cloud:
    """The caller's own credentials, and sessions in the seats' accounts that start from them.

    ``agent`` marks the calls in CloudTrail's records (``app/…`` in ``userAgent``).
    """

    def __init__(
        self, region: str, access_role: str | None = None, agent: str | None = None
    ) -> None:
        self.region = region
        self._access_role = access_role
        self._accounts: dict[str, Account] = {}
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        with explain_errors("reading the credentials"):
            session = boto3.Session(botocore_session=botocore_session(), region_name=region)
            self.caller = Account(session, region, {}, agent=agent)

    def identify(self) -> Identity:
        """Look up the caller; raises ``UsageError`` without credentials, ``CloudError`` if AWS doesn't answer."""
        return self.caller.identity

    def now(self) -> datetime:
        """Return AWS's time; aware, UTC."""
        return self.caller.cloud_time.now()

    def organization(self) -> tuple[str, ...]:
        """Return the organization's active accounts, or nothing if the caller isn't allowed to list them."""
        with explain_errors("listing the organization's accounts"):
            try:
                pages = self.caller.client("organizations").get_paginator("list_accounts")
                entries = [entry for page in pages.paginate() for entry in page["Accounts"]]
            except ClientError as error:
                if is_denied(error) or error_code(error) == "AWSOrganizationsNotInUseException":
                    return ()
                raise
        return tuple(entry["Id"] for entry in entries if entry.get("Status") == "ACTIVE")

    def place(self, account_id: str | None, region: str) -> Account:
        """Return a session in an account, in any Region."""
        return self.account(account_id).in_region(region)

    def account(self, account_id: str | None) -> Account:
        """Return a session in an account: the caller's own if it's in that account, or else one of ``access.role``."""
        if account_id is None or account_id == self.caller.id:
            return self.caller
        if self._access_role is None:
            raise UsageError(
                f"Your credentials are for account {self.caller.id}, but a seat is in {account_id}.",
                'Set a role to assume there: role = "…" under [access] in workshop.toml.',
            )
        with self._locks[account_id]:
            if account_id not in self._accounts:
                arn = f"arn:aws:iam::{account_id}:role/{self._access_role}"
                self._accounts[account_id] = self._enter(account_id, arn)
            return self._accounts[account_id]

    def _enter(self, account_id: str, role_arn: str) -> Account:
        try:
            return self.caller.assume(role_arn, "labkit", sleep=_no_retry)
        except DeniedError as error:
            members = self.organization()
            if members and account_id not in members:
                raise DeniedError(
                    f"Account {account_id} isn't an active member of your organization.",
                    "Correct the seat's account in workshop.toml, or use credentials of that account.",
                ) from error
            raise DeniedError(
                f"Your credentials are for account {self.caller.id} and can't assume the role "
                f"{self._access_role} in account {account_id}.",
                "Use credentials of that account, or credentials that can assume the role.",
            ) from error


def _no_retry(_: float) -> None:
    """Don't wait: the access role isn't new, so retrying doesn't help."""
