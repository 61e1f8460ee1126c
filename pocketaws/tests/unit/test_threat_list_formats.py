"""List files in every format of the GuardDuty user guide."""

from __future__ import annotations

import pytest

from pocketaws.guardduty.list_formats import ListError, is_routable, read_list

STIX = """<?xml version="1.0"?>
<stix:STIX_Package><stix:Observables><cybox:Observable><cybox:Object>
<cybox:Properties xsi:type="AddressObject:AddressObjectType" category="ipv4-addr">
<AddressObject:Address_Value condition="InclusiveBetween">192.0.2.0##comma##192.0.2.255</AddressObject:Address_Value>
<AddressObject:Address_Value>198.51.100.1</AddressObject:Address_Value>
</cybox:Properties></cybox:Object></cybox:Observable></stix:Observables></stix:STIX_Package>
"""
FIRE_EYE = (
    "reportId, title, cidr, domain, networkIdentifier, ip, port\n"
    "01-1, Example, 192.0.2.0/24, , , ,\n"
    "01-2, Example, , , Related, 198.51.100.1, 80\n"
)
PROOF_POINT = (
    "ip, category, score, first_seen, last_seen, ports (|)\n"
    "192.0.2.0/24, 1, 100, 2000-01-01, 2000-01-01,\n"
    "198.51.100.1, 1, 100, 2000-01-01, 2000-01-01, 80\n"
)


@pytest.mark.parametrize(
    ("list_format", "text"),
    [
        ("TXT", "192.0.2.0/24\r\n\r\n 198.51.100.1 \r\n"),
        ("STIX", STIX),
        (
            "OTX_CSV",
            "Indicator type, Indicator, Description\nCIDR, 192.0.2.0/24, x\nIPv4, 198.51.100.1, x\n",
        ),
        (
            "ALIEN_VAULT",
            "192.0.2.0/24#4#2#Malicious Host#US##0.0,0.0#3\n198.51.100.1#4#2#Bad Host#US##0,0#3\n",
        ),
        ("PROOF_POINT", PROOF_POINT),
        ("FIRE_EYE", FIRE_EYE),
    ],
)
def test_every_format_gives_its_addresses(list_format: str, text: str) -> None:
    ranges = read_list(list_format, text.encode())
    inside = ["192.0.2.0", "192.0.2.255", "198.51.100.1"]
    outside = ["192.0.1.255", "192.0.3.0", "198.51.100.0", "198.51.100.2"]
    assert [address in ranges for address in inside + outside] == [True] * 3 + [False] * 4


@pytest.mark.parametrize("text", ["", "\n\n", "example.com\n", "::1\n", "192.0.2.0/33\n", "\xff"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ListError):
        read_list("TXT", text.encode("latin-1"))


def test_ranges_that_touch_are_one() -> None:
    ranges = read_list("TXT", b"192.0.2.128/25\n192.0.2.0/25\n192.0.2.7\n")
    assert len(ranges.starts) == 1


def test_private_addresses_are_not_listed_for() -> None:
    assert is_routable("203.0.113.1")
    assert not any(is_routable(a) for a in ("10.0.0.1", "172.31.0.1", "169.254.169.254", "::1"))
