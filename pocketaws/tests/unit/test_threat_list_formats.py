"""List files as the GuardDuty user guide describes them."""

from __future__ import annotations

import pytest

from pocketaws.guardduty.list_formats import ListError, is_routable, read_list


def test_a_list_has_one_address_or_range_per_line() -> None:
    ranges = read_list(b"192.0.2.0/24\r\n\r\n 198.51.100.1 \r\n")
    inside = ["192.0.2.0", "192.0.2.255", "198.51.100.1"]
    outside = ["192.0.1.255", "192.0.3.0", "198.51.100.0", "198.51.100.2"]
    assert [address in ranges for address in inside + outside] == [True] * 3 + [False] * 4


@pytest.mark.parametrize("text", ["", "\n\n", "example.com\n", "::1\n", "192.0.2.0/33\n", "\xff"])
def test_an_invalid_list_is_rejected(text: str) -> None:
    with pytest.raises(ListError):
        read_list(text.encode("latin-1"))


def test_ranges_that_touch_are_one() -> None:
    ranges = read_list(b"192.0.2.128/25\n192.0.2.0/25\n192.0.2.7\n")
    assert len(ranges.starts) == 1


def test_lists_do_not_apply_to_private_addresses() -> None:
    assert is_routable("203.0.113.1")
    assert not any(is_routable(a) for a in ("10.0.0.1", "172.31.0.1", "169.254.169.254", "::1"))
