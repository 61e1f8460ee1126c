"""One bad seat doesn't stop ``down``, and lists that lag or begin with an empty page don't mislead it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labkit.deploy import stacks
from labkit.embedded_aws import embedded_aws
from labkit.workflow import demo_run
from labkit.workflow.archive import archive
from labkit.workflow.operations import Operations
from pocketaws.faults import set_faults
from pocketaws.server import LocalAws


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with embedded_aws(demo_run.REGION) as running:
        yield running


def class_of(seats: int, folder: Path) -> Operations:
    begun = demo_run.begin(seats)
    work = replace(begun, workshop=replace(begun.workshop, folder=folder))
    demo_run.require_state(work.up(), "ready")
    return work


def test_only_the_lab_whose_evidence_can_not_be_saved_stays(aws: LocalAws, tmp_path: Path) -> None:
    assert aws
    work = class_of(2, tmp_path)
    bad, good = work.seats
    iam = work.cloud.account(bad.account).client("iam")
    grader = f"labkit-demo-{bad.id}-grader"
    for policy in iam.list_role_policies(RoleName=grader)["PolicyNames"]:
        iam.delete_role_policy(RoleName=grader, PolicyName=policy)

    saved = archive(work, work.now())
    assert set(saved.failed) == {bad.id}
    assert saved.folder is not None
    assert len(list((saved.folder / "evidence").iterdir())) == 1
    rows = {row["seat"]: row for row in work.down(saved.failed)}

    assert rows[good.id]["state"] == "absent"
    assert rows[bad.id]["state"] == "failed"
    assert f"labkit down --discard --seat {bad.id}" in rows[bad.id]["detail"]
    assert [thing["kind"] for thing in rows[bad.id]["leftovers"]] == ["stack"]
    names = {stack.name for stack in stacks.of_workshops(work.cloud.account(bad.account))}
    assert names >= {f"labkit-demo-seat-{bad.id}", "labkit-demo-evidence"}

    one = replace(work, seats=(bad,), only_these=True)
    (row,) = one.down()
    assert (row["state"], row["leftovers"]) == ("absent", []), row


@pytest.mark.parametrize("fault", [{"stale_lists_seconds": 2.0}, {"empty_pages": True}], ids=str)
def test_lists_that_lag_or_begin_empty_mislead_nobody(
    aws: LocalAws, tmp_path: Path, fault: dict[str, float | bool]
) -> None:
    work = class_of(1, tmp_path)
    (seat,) = work.seats
    account = work.cloud.account(seat.account)
    account.client("ssm").put_parameter(
        Name=f"/labkit/demo/{seat.id}/answers/command", Value='["x"]', Type="String"
    )
    set_faults(aws.world, **fault)
    (row,) = work.down()
    set_faults(aws.world, stale_lists_seconds=0.0, empty_pages=False)
    assert (row["state"], row["leftovers"]) == ("absent", []), row
    assert stacks.of_workshops(account) == ()
    assert account.client("logs").describe_log_groups()["logGroups"] == []
    assert (
        account.client("ssm").get_parameters_by_path(Path="/labkit", Recursive=True)["Parameters"]
        == []
    )
