"""A guest during one transaction: its state, the world around it, and its remaining limits."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..ec2 import instances
from ..identity.caller import Delivery, instance_caller
from ..identity.credentials import session_caller
from ..identity.sts import role_session_caller
from . import users
from .files import FileTree, Identity
from .guest import Guest
from .network import Network
from .shell.control_flow import LimitError
from .shell.streams import Stream

if TYPE_CHECKING:
    from ..identity.caller import Caller
    from ..world import World

log = logging.getLogger(__name__)

MAX_STEPS = 20_000
MAX_SLEEP_SECONDS = 3600.0
# New credentials are available at least five minutes before the old ones expire (EC2 user guide, "Retrieve security
# credentials from instance metadata"). AWS doesn't document their lifetime. Published examples last a little over
# six hours.
_RENEW_BEFORE = timedelta(minutes=10)
_SESSION_SECONDS = 6 * 3600
_SPREAD_SECONDS = 1800


@dataclass
class Console(Stream):
    """The system console."""

    guest: Guest

    def write(self, text: str) -> None:
        self.guest.console += text


class Machine:
    """Everything that a guest's commands can use. It lives for one transaction."""

    def __init__(
        self, world: World, guest: Guest, steps: int = MAX_STEPS, *, visitor: str | None = None
    ) -> None:
        self.world = world
        self.guest = guest
        self.network = Network(self)
        self.slept = 0.0
        self.visitor = visitor
        self._steps = steps
        self._identities: dict[str, Identity] = {}

    @property
    def now(self) -> datetime:
        return self.world.now

    @property
    def files(self) -> FileTree:
        return self.guest.files

    @property
    def instance(self) -> Any:
        """moto's instance."""
        guest = self.guest
        return instances.find(guest.account, guest.region, guest.instance_id)

    def step(self) -> None:
        """Count one command; raises ``LimitError`` if the guest runs too many in one transaction."""
        self._steps -= 1
        if self._steps < 0:
            raise LimitError("too many commands in one go")

    def spend(self, steps: int) -> None:
        """Count work other than commands; raises ``LimitError``."""
        self._steps -= steps
        if self._steps < 0:
            raise LimitError("too much work in one go")

    def sleep(self, seconds: float) -> None:
        """Let time pass for the guest. The world's clock doesn't move within a transaction."""
        self.slept += max(0.0, seconds)
        if self.slept > MAX_SLEEP_SECONDS:
            raise LimitError("the guest sleeps for too long")

    def identity(self, user: str) -> Identity:
        if user not in self._identities:
            self._identities[user] = Identity(user, users.groups_of(self.files, user))
        return self._identities[user]

    def uid_of(self, user: str) -> int:
        found = users.find(self.files, user)
        return found.uid if found is not None else 65534

    def device(self, name: str) -> Stream:
        """The stream for a device file."""
        if name == "console":
            return Console(self.guest)
        return Stream()

    def role_caller(self, user_agent: str, version: str = "2.0") -> Caller | None:
        """The session of the instance's role that a version of the metadata service returns.

        Returns None if the instance has no role; raises ``AwsError`` if EC2 may not assume it. A role that replaces
        another takes effect when the other's session expires (IAM user guide, "Troubleshoot IAM and Amazon EC2").
        """
        guest = self.guest
        role_arn = instances.role_arn(guest.account, self.instance)
        if role_arn is None:
            return None
        address = self.network.shown_address()
        kept = guest.sessions.get(version)
        if kept is not None and kept.expires_at - self.now > _RENEW_BEFORE:
            return session_caller(kept, user_agent, address)
        seconds = _SESSION_SECONDS + self.world.random.randrange(_SPREAD_SECONDS)
        made = role_session_caller(
            self.world, role_arn, guest.instance_id, address, user_agent, "ec2.amazonaws.com",
            region=guest.region, seconds=seconds, delivery=self._delivery(version),
        )  # fmt: skip
        if made.session is not None:
            guest.sessions[version] = made.session
        return made

    def _delivery(self, version: str) -> Delivery:
        guest, interface = self.guest, self.network.interface
        arn = f"arn:aws:ec2:{guest.region}:{guest.account}:instance/{guest.instance_id}"
        vpc, address = str(interface.subnet.vpc_id), str(interface.private_ip_address)
        return Delivery(version, arn, vpc, address)

    def own_caller(self, user_agent: str) -> Caller:
        """The server, identified by its instance identity document instead of credentials."""
        guest = self.guest
        address = self.network.shown_address()
        return instance_caller(guest.account, guest.region, guest.instance_id, address, user_agent)
