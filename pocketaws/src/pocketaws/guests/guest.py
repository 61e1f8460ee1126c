"""The state of a guest between transactions, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ..identity.caller import Session
from .files import FileTree
from .rsyslog import Configuration
from .shell.state import ShellSession

ServiceState = Literal["active", "inactive", "failed"]


@dataclass
class Service:
    """A unit of systemd."""

    state: ServiceState = "inactive"
    enabled: bool = False
    pid: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a unit didn't start, as ``systemctl`` reports it."""

    message: str


@dataclass
class Source:
    """One entry of ``collect_list``, and how much of its files the agent has sent."""

    path: str
    group: str
    stream: str
    timestamp_format: str | None
    retention_days: int
    offsets: dict[str, int] = field(default_factory=dict)
    last_time: datetime | None = None


@dataclass
class AgentState:
    """The state of a guest's CloudWatch agent."""

    running: bool = False
    user: str = "cwagent"
    flush_seconds: float = 5.0
    region: str = ""
    sources: list[Source] = field(default_factory=list)
    flush_planned: bool = False


@dataclass
class Process:
    """A process, as ``ps`` shows it."""

    pid: int
    user: str
    command: str
    terminal: str
    started: datetime


@dataclass
class Login:
    """A login session."""

    user: str
    terminal: str
    address: str
    began: datetime
    ended: datetime | None = None


@dataclass
class Guest:
    """The inside of one instance."""

    account: str
    region: str
    instance_id: str
    hostname: str
    files: FileTree
    packages: dict[str, str] = field(default_factory=dict)
    """Package -> version and release."""
    services: dict[str, Service] = field(default_factory=dict)
    processes: dict[int, Process] = field(default_factory=dict)
    logins: list[Login] = field(default_factory=list)
    console: str = ""
    next_pid: int = 1
    up: bool = False
    boots: int = 0
    booted_at: datetime | None = None
    user_data_ran: bool = False
    agent: AgentState | None = None
    rsyslog: Configuration | None = None
    """The configuration that rsyslog read when it started."""
    sessions: dict[str, Session] = field(default_factory=dict)
    """The role credentials that each version of the metadata service (``1.0``, ``2.0``) returns."""
    metadata_tokens: dict[str, datetime] = field(default_factory=dict)
    shells: dict[str, ShellSession] = field(default_factory=dict)
    next_port: int = 32768

    def new_pid(self, step: int = 1) -> int:
        """A process ID that hasn't been used since boot."""
        self.next_pid += step
        return self.next_pid

    def new_port(self, step: int = 2) -> int:
        """A port for an outgoing connection (Linux's range, 32768 to 60999)."""
        self.next_port += step
        if self.next_port > 60999:
            self.next_port = 32768 + self.next_port % 2
        return self.next_port


@dataclass
class GuestStore:
    """The guests of an account in a Region, by instance ID."""

    guests: dict[str, Guest] = field(default_factory=dict)
