"""Starts and stops a guest's systemd units."""

from __future__ import annotations

from . import agent, rsyslog, system_log
from .guest import Failure, Process
from .machine import Machine

_COMMANDS = {
    "rsyslog": "/usr/sbin/rsyslogd -n",
    "sshd": "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups",
    "amazon-ssm-agent": "/usr/bin/amazon-ssm-agent",
    "amazon-cloudwatch-agent": "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent",
    "chronyd": "/usr/sbin/chronyd -F 2",
    "systemd-journald": "/usr/lib/systemd/systemd-journald",
    "systemd-networkd": "/usr/lib/systemd/systemd-networkd",
    "systemd-resolved": "/usr/lib/systemd/systemd-resolved",
}


def start(machine: Machine, unit: str) -> Failure | None:
    """Start a unit, or restart it if it's running."""
    unit = unit.removesuffix(".service")
    service = machine.guest.services[unit]
    service.state = "active"
    failure = _really_start(machine, unit)
    if failure is not None:
        stop(machine, unit)
        service.state = "failed"
        for line in failure.message.splitlines():
            system_log.write(machine, unit, machine.guest.new_pid(), line, severity="err")
        return failure
    machine.guest.processes.pop(service.pid, None)
    service.pid = machine.guest.new_pid()
    user = "chrony" if unit == "chronyd" else "root"
    machine.guest.processes[service.pid] = Process(
        service.pid, user, _COMMANDS[unit], "?", machine.now
    )
    system_log.write(machine, "systemd", 1, f"Started {unit}.service.")
    return None


def stop(machine: Machine, unit: str) -> None:
    """Stop a unit."""
    unit = unit.removesuffix(".service")
    service = machine.guest.services[unit]
    machine.guest.processes.pop(service.pid, None)
    service.state, service.pid = "inactive", 0
    if unit == "rsyslog":
        machine.guest.rsyslog = None
    if unit == "amazon-cloudwatch-agent" and machine.guest.agent is not None:
        machine.guest.agent.running = False


def _really_start(machine: Machine, unit: str) -> Failure | None:
    if unit == "rsyslog":
        try:
            machine.guest.rsyslog = rsyslog.load(machine.files)
        except rsyslog.ConfigurationError as error:
            # rsyslogd reports the errors and runs with the rest. Only its check (-N1) fails.
            machine.guest.rsyslog = error.usable
            for line in str(error).splitlines():
                system_log.write(
                    machine,
                    "rsyslogd",
                    machine.guest.new_pid(),
                    line,
                    facility="syslog",
                    severity="err",
                )
    if unit == "amazon-cloudwatch-agent":
        return agent.start(machine)
    return None


def boot(machine: Machine) -> None:
    """Start the enabled units."""
    guest = machine.guest
    guest.processes.clear()
    guest.processes[1] = Process(
        1,
        "root",
        "/usr/lib/systemd/systemd --switched-root --system --deserialize=32",
        "?",
        machine.now,
    )
    for unit, service in guest.services.items():
        service.state, service.pid = "inactive", 0
        if service.enabled:
            start(machine, unit)


def halt(machine: Machine) -> None:
    """Stop all units."""
    for unit, service in machine.guest.services.items():
        if service.state == "active":
            stop(machine, unit)
    machine.guest.processes.clear()
