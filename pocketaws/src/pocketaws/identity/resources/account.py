"""Account Management: the actions and resources that authorization checks for each call.

Source: service authorization reference, "AWS Account Management".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..attached import organization_of
from ..checks import Check, action_of, checks

if TYPE_CHECKING:
    from ...gateway.call import Call


@checks("account")
def account(call: Call) -> Iterator[Check]:
    """The caller's own account, or the member account that the management account names."""
    named = call.params.get("AccountId")
    arn = f"arn:aws:account::{call.account}:account"
    if named is not None and named != call.account:
        organization = organization_of(call, call.account) or "*"
        arn = f"{arn}/{organization}/{named}"
    yield Check(action_of(call), arn)
