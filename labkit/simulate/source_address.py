"""The operator's public IPv4 address."""

from __future__ import annotations

import ipaddress
import os
import urllib.error
import urllib.request

from labkit.errors import CloudError, UsageError

CHECKIP_URL = "https://checkip.amazonaws.com"
_SECONDS = 10
_BYTES = 100


def own_address(given: str | None) -> str:
    """Return the IPv4 address from ``--from`` or, without it, the one that ``LABKIT_CHECKIP_URL`` reports.

    Raises ``UsageError`` for a value that isn't an IPv4 address, ``CloudError`` if the URL doesn't answer.
    """
    if given is not None:
        return _ipv4(given, "--from")
    url = os.environ.get("LABKIT_CHECKIP_URL", CHECKIP_URL)
    if not url.startswith(("https://", "http://")):
        raise UsageError(f"LABKIT_CHECKIP_URL {url!r} isn't a web address.", "Unset or correct it.")
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310 - the scheme is checked
            said = answer.read(_BYTES).decode("ascii", "replace").strip()
    except (urllib.error.URLError, TimeoutError) as error:
        raise CloudError(
            f"{url} doesn't report this machine's address: {error}",
            "Pass your address with --from ADDRESS.",
        ) from error
    return _ipv4(said, url)


def _ipv4(text: str, source: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError as error:
        raise UsageError(
            f"{source} says {text!r}, which isn't an IPv4 address.", "Pass one with --from ADDRESS."
        ) from error
