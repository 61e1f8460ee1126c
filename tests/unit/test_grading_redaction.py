"""Redaction: a message contains nothing from the logs that the attendee didn't type."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from labkit.grading.copying import _identifiers, _texts
from labkit.grading.redaction import REDACTED, redact
from labkit.model import ApiEvent, Evidence, Finding, Instance

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY, BUCKET, OBJECT = "ASIAIOSFODNN7EXAMPLE", "labkit-w-seat-0a1b2c", "backups/2026/db-7f.tar"
READ = ApiEvent(
    "e1", "GetObject", "s3.amazonaws.com", NOW, read_only=True, user="i-0a", address="192.0.2.9",
    error_code=None, resources=(f"arn:aws:s3:::{BUCKET}/{OBJECT}",),
    record={"userIdentity": {"accessKeyId": KEY}, "requestParameters": {"bucketName": BUCKET, "key": OBJECT}},
)  # fmt: skip
TRIED = replace(READ, name="ListKeys", error_code="AccessDenied", resources=(), record={})
FINDING = Finding(
    "f1", "X", "i-0a", "192.0.2.9", None, NOW, NOW, access_key_id="ASIA2222222222222222"
)
EVIDENCE = Evidence(
    "ada", "1", "eu-west-1", NOW, trail=(READ, TRIED), findings=(FINDING,)
)  # fmt: skip


@pytest.mark.parametrize(
    "secret",
    [KEY, KEY.lower(), BUCKET, OBJECT, READ.resources[0], "ListKeys", FINDING.access_key_id],
)
def test_a_key_an_object_and_a_refused_call_are_withheld_unless_typed(secret: str) -> None:
    assert redact(f"It is {secret}.", ("x",), EVIDENCE) == f"It is {REDACTED}."
    assert redact(f"It is {secret}.", (f"  {secret} ",), EVIDENCE) == f"It is {secret}."


def test_the_names_of_calls_that_went_well_are_words_as_others() -> None:
    assert redact("Look for GetObject.", (), EVIDENCE) == "Look for GetObject."


def test_keys_and_objects_tell_one_seat_from_another() -> None:
    here = _identifiers("\n".join(_texts(EVIDENCE)))

    assert {KEY.lower(), "asia2222222222222222", "db-7f.tar"} <= here


CALLER = replace(READ, event_id="3", user="nadia-ops-417", address="2001:db8::9")


@pytest.mark.parametrize("secret", ["192.0.2.9", "2001:db8::9", "nadia-ops-417", "198.51.100.7"])
def test_callers_and_addresses_of_the_evidence_are_withheld(secret: str) -> None:
    evidence = replace(
        EVIDENCE, history=(CALLER,), threat_addresses=("198.51.100.7",)
    )  # the first address is a finding's

    assert redact(f"It is {secret}.", ("x",), evidence) == f"It is {REDACTED}" + (
        "." if secret == "nadia-ops-417" else ""
    )
    assert secret in redact(f"It is {secret}.", (secret,), evidence)


@pytest.mark.parametrize("address", ["10.0.0.4", "203.0.113.4"])
def test_the_servers_own_addresses_are_withheld(address: str) -> None:
    server = Instance("i-0a", "eni-0a", "10.0.0.4", "203.0.113.4")

    told = redact(f"From {address} on", (), replace(EVIDENCE, instances=(server,)))

    assert told == f"From {REDACTED} on"


def test_an_address_that_is_nowhere_in_the_logs_is_no_secret() -> None:
    assert redact("Like 192.0.2.77", (), EVIDENCE) == "Like 192.0.2.77"
