"""``systemctl``. Source: manual page of systemctl(1)."""

from __future__ import annotations

from .. import services
from .registry import Run, UsageError, program

_VERBS = frozenset({"start", "stop", "restart", "enable", "disable"})


@program("systemctl")
def systemctl(run: Run) -> int:
    words = [word for word in run.arguments if not word.startswith("-")]
    if not words or words[0] not in _VERBS:
        raise UsageError(f"Unknown command verb {words[0] if words else 'list-units'}.")
    verb, units = words[0], words[1:]
    if not run.identity.is_root:
        run.err(f"Failed to {verb} {units[0] if units else ''}.service: Access denied\n")
        return 4
    status = 0
    for unit in units:
        status = _one_unit(run, verb, unit.removesuffix(".service")) or status
    return status


def _one_unit(run: Run, verb: str, unit: str) -> int:
    service = run.machine.guest.services.get(unit)
    if service is None:
        run.err(f"Failed to {verb} {unit}.service: Unit {unit}.service not found.\n")
        return 5
    if verb in {"enable", "disable"}:
        _enable(run, unit, enabled=verb == "enable")
        if "--now" not in run.arguments:
            return 0
        verb = "start" if service.enabled else "stop"
    if verb == "stop":
        services.stop(run.machine, unit)
        return 0
    if verb == "start" and service.state == "active":
        return 0
    if services.start(run.machine, unit) is None:
        return 0
    run.err(f"Job for {unit}.service failed because the control process exited with error code.\n"
            f'See "systemctl status {unit}.service" and "journalctl -xeu {unit}.service" for details.\n')  # fmt: skip
    return 1


def _enable(run: Run, unit: str, *, enabled: bool) -> None:
    service = run.machine.guest.services[unit]
    was, service.enabled = service.enabled, enabled
    if was is enabled or {"-q", "--quiet"} & set(run.arguments):
        return
    link = f"/etc/systemd/system/multi-user.target.wants/{unit}.service"
    run.err(
        f"Created symlink {link} → /usr/lib/systemd/system/{unit}.service.\n"
        if enabled
        else f'Removed "{link}".\n'
    )
