"""The packages that a guest can install, and the contents of each.

Only packages that pocketaws emulates are listed. For any other name, ``dnf`` finds no match.
"""

from __future__ import annotations

from dataclasses import dataclass

from .files import Node
from .guest import Service
from .image_texts import TextFile
from .machine import Machine
from .programs import registry

_RSYSLOG = """\
# rsyslog configuration file
global(workDirectory="/var/lib/rsyslog")
module(load="builtin:omfile" Template="RSYSLOG_TraditionalFileFormat")
module(load="imuxsock" SysSock.Use="off")
module(load="imjournal" StateFile="imjournal.state")
include(file="/etc/rsyslog.d/*.conf" mode="optional")
*.info;mail.none;authpriv.none;cron.none                /var/log/messages
authpriv.*                                              /var/log/secure
mail.*                                                  -/var/log/maillog
cron.*                                                  /var/log/cron
uucp,news.crit                                          /var/log/spooler
local7.*                                                /var/log/boot.log
"""


@dataclass(frozen=True, slots=True)
class Package:
    """The contents of a package. ``kib`` is the size of the download."""

    name: str
    version: str
    kib: int = 300
    directories: tuple[str, ...] = ()
    texts: tuple[TextFile, ...] = ()
    services: tuple[str, ...] = ()
    user: str = ""
    requires: tuple[str, ...] = ()


_AGENT = "/opt/aws/amazon-cloudwatch-agent"
AVAILABLE = {
    package.name: package
    for package in (
        Package(
            "rsyslog", "8.2204.0-3.amzn2023.0.4", 754,
            ("/etc/rsyslog.d", "/var/lib/rsyslog"), (TextFile("/etc/rsyslog.conf", _RSYSLOG),),
            ("rsyslog",), requires=("libestr", "libfastjson", "logrotate"),
        ),
        Package("libestr", "0.1.11-1.amzn2023.0.2", 27),
        Package("libfastjson", "0.99.9-1.amzn2023.0.3", 39),
        Package("logrotate", "3.20.1-2.amzn2023.0.3", 75, ("/etc/logrotate.d",)),
        Package(
            "amazon-cloudwatch-agent", "1.300069.0-1.amzn2023", 120_000,
            (f"{_AGENT}/bin", f"{_AGENT}/etc", f"{_AGENT}/etc/amazon-cloudwatch-agent.d", f"{_AGENT}/logs", f"{_AGENT}/var"),
            (TextFile(f"{_AGENT}/bin/CWAGENT_VERSION", "1.300069.0b1199\n"),),
            ("amazon-cloudwatch-agent",), user="cwagent",
        ),
    )
}  # fmt: skip


def with_requirements(name: str, installed: dict[str, str]) -> list[Package]:
    """A package, and those of its dependencies that aren't installed yet."""
    package = AVAILABLE[name]
    found = [package]
    for required in package.requires:
        if required not in installed:
            found += with_requirements(required, installed)
    return found


def install(machine: Machine, package: Package) -> None:
    """Create a package's files, user, and services."""
    guest, now = machine.guest, machine.now
    guest.packages[package.name] = package.version
    for path in package.directories:
        machine.files.make_directories(path, now)
    for text in package.texts:
        if machine.files.get(text.path) is None:
            machine.files.put(text.path, Node("file", text.text, text.mode, modified=now))
    for program in registry.of_package(package.name):
        for path in program.paths:
            machine.files.make_directories(path.rpartition("/")[0], now)
            machine.files.put(
                machine.files.real(path),
                Node("file", "\x7fELF", 0o755, modified=now, program=program.name),
            )
    if package.user and machine.uid_of(package.user) == 65534:
        number = 990 - len(guest.packages) % 90
        machine.files.write(
            "/etc/passwd",
            f"{package.user}:x:{number}:{number}::/home/{package.user}:/sbin/nologin\n",
            now,
            append=True,
        )
        machine.files.write("/etc/group", f"{package.user}:x:{number}:\n", now, append=True)
    for unit in package.services:
        guest.services.setdefault(unit, Service())
