"""``dnf install``. Source: DNF documentation, "DNF Command Reference"."""

from __future__ import annotations

from .. import packages
from ..network import Exchange
from .registry import Run, UsageError, program

_MIRROR = "al2023-repos-{}-de612dc2.s3.dualstack.{}.amazonaws.com"


@program("dnf", "yum")
def dnf(run: Run) -> int:
    words = [word for word in run.arguments if not word.startswith("-")]
    if words[:1] != ["install"]:
        raise UsageError(f"{words[0] if words else 'no command'}: pocketaws emulates only install")
    if not run.identity.is_root:
        run.err(
            "Error: This command has to be run with superuser privileges (under the root user on most systems).\n"
        )
        return 1
    quiet = bool({"-q", "--quiet", "-yq", "-qy"} & set(run.arguments))
    return _install(run, words[1:], quiet=quiet)


def _reach_mirror(run: Run, kib: int) -> bool:
    """Download metadata and packages from the mirror, which is in S3, over HTTPS."""
    region = run.machine.guest.region
    host = _MIRROR.format(region, region)
    address = run.machine.network.resolve(host)
    packets = max(kib * 1024 // 1420, 10)
    seen = Exchange(
        packets // 3 + 12, packets // 3 * 52 + 1800, packets + 8, kib * 1024 + packets * 40, 4.0
    )
    if (
        address is not None
        and run.machine.network.connect(address, 443, seen, patience=30) == "open"
    ):
        return True
    run.err(
        "Amazon Linux 2023 repository                    0.0  B/s |   0  B     00:00\n"
        "Errors during downloading metadata for repository 'amazonlinux':\n"
        f"  - Curl error (28): Timeout was reached for https://{host}/core/mirrors/latest/x86_64/mirror.list "
        "[Connection timed out after 30001 milliseconds]\n"
        "Error: Failed to download metadata for repo 'amazonlinux': Cannot prepare internal mirrorlist\n"
    )
    return False


def _install(run: Run, names: list[str], *, quiet: bool) -> int:
    guest = run.machine.guest
    say = (lambda _text: None) if quiet else run.out
    missing = [n for n in names if n not in guest.packages and n not in packages.AVAILABLE]
    wanted: dict[str, packages.Package] = {}
    for name in names:
        if name in packages.AVAILABLE and name not in guest.packages:
            wanted.update({p.name: p for p in packages.with_requirements(name, guest.packages)})
    if not _reach_mirror(run, 28_000 + sum(package.kib for package in wanted.values())):
        return 1
    if missing:
        say("".join(f"No match for argument: {name}\n" for name in missing))
        run.err(f"Error: Unable to find a match: {' '.join(missing)}\n")
        return 1
    run.machine.sleep(8 + 2 * len(wanted))
    for name in names:
        if name not in wanted:
            say(f"Package {name}-{guest.packages[name]}.x86_64 is already installed.\n")
    if not wanted:
        say("Dependencies resolved.\nNothing to do.\nComplete!\n")
        return 0
    say(
        "Dependencies resolved.\nTransaction Summary\n"
        f"Install  {len(wanted)} Packages\n\nRunning transaction\n"
    )
    for number, package in enumerate(wanted.values(), 1):
        packages.install(run.machine, package)
        line = f"{package.name}-{package.version}.x86_64      {number}/{len(wanted)} \n"
        say(f"  Installing       : {line}")
    listed = "".join(f"  {p.name}-{p.version}.x86_64\n" for p in wanted.values())
    say(f"\nInstalled:\n{listed}\nComplete!\n")
    return 0
