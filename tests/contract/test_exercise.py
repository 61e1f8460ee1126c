"""An attendee solves a lab on the emulator with the attendee's own credentials."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from labkit.cli import load_verbs
from labkit.cli.common.app import app
from labkit.embedded_aws import embedded_aws, environment
from labkit.submissions import read_answers, read_hints
from labkit.workflow import demo_run
from labkit.workflow.collect import collect_class
from labkit.workflow.new_workshop import workshop_text
from labkit.workflow.operations import Operations

Labkit = Callable[..., Result]


@pytest.fixture(scope="module")
def lab() -> Iterator[Operations]:
    """A lab before the incident."""
    load_verbs()
    with embedded_aws(demo_run.REGION):
        work = demo_run.begin(1)
        demo_run.require_state(work.up(), "ready")
        yield work


@pytest.fixture(scope="module")
def file(lab: Operations, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("workshop") / "workshop.toml"
    text = workshop_text(demo_run.WORKSHOP, demo_run.REGION, lab.seats, local=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def attendee(lab: Operations, file: Path) -> Labkit:
    """Run ``labkit VERB …`` as the attendee: with only the attendee role's session."""
    seat = lab.seats[0]
    keys = (
        lab.cloud.account(seat.account)
        .client("sts")
        .assume_role(
            RoleArn=lab.deployed(seat).lab.attendee_role_arn, RoleSessionName="ada-at-home"
        )["Credentials"]
    )
    session = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }

    def run(*words: str) -> Result:
        with environment(session):
            return CliRunner().invoke(app, [*words, "-w", str(file)], obj={"debug": False})

    return run


@pytest.fixture(scope="module")
def incident(lab: Operations) -> Operations:
    (row,) = lab.simulate("ssh")
    assert row["state"] == "incident"
    demo_run.judge(lab)  # waits for the evidence
    return lab


def hints_taken(lab: Operations) -> dict[str, int]:
    seat = lab.seats[0]
    return read_hints(lab.cloud.account(seat.account), lab.workshop, seat.id)


def test_there_is_no_hint_and_none_is_counted_before_anything_happened(
    lab: Operations, attendee: Labkit
) -> None:
    told = attendee("hint", "command")

    assert told.exit_code == 1
    assert told.stdout == ""
    assert (
        "nothing to find yet, so you didn't take a hint. The event history doesn't" in told.stderr
    )
    assert hints_taken(lab) == {}


def test_hints_come_in_order_and_are_counted(incident: Operations, attendee: Labkit) -> None:
    first, second, after = (attendee("hint", "command") for _ in range(3))

    assert first.stdout.startswith("1 of 2 (costs 0.5 points): Most lines were typed")
    assert "1 of 2, taken earlier: Most lines" in second.stdout
    assert "2 of 2 (costs 0.5 points): The program is curl" in second.stdout
    assert after.stdout.endswith("There are no more hints.\n")
    assert [told.exit_code for told in (first, second, after)] == [0, 0, 0]
    assert hints_taken(incident) == {"command": 2}


def test_a_count_that_someone_wrote_over_stays_what_it_was(incident: Operations) -> None:
    seat = incident.seats[0]
    ssm = demo_run.attendee(incident, seat).client("ssm")
    for value in ("0", "\u00b2", "none"):
        ssm.put_parameter(
            Name=f"/labkit/demo/{seat.id}/hints/command", Value=value, Type="String", Overwrite=True
        )

        assert hints_taken(incident) == {"command": 2}


def test_an_unknown_task_has_no_hint(attendee: Labkit) -> None:
    told = attendee("hint", "comand")

    assert told.exit_code == 2
    assert "Did you mean 'command'?" in told.stderr


def test_the_attendees_own_searches_are_told_and_labkits_are_not(
    incident: Operations, attendee: Labkit, file: Path, tmp_path: Path
) -> None:
    seat = incident.seats[0]
    lab = incident.deployed(seat).lab
    server = lab.instances[0].instance_id
    own = demo_run.attendee(incident, seat)
    own.client("logs").filter_log_events(
        logGroupName=f"{server}-commands-log", filterPattern='"wget"'
    )
    own.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "StopInstances"}]
    )
    assert attendee("check", "--json").exit_code in (1, 3)
    kept, out = tmp_path / "kept", tmp_path / "out"
    grade = ("grade", "--json", "--activity", "-w", str(file))

    live = run("--out", str(out), "--save-evidence", str(kept), words=grade)
    again = run("--evidence", str(kept), words=grade)

    told = [(act["kind"], act["detail"]) for act in json.loads(live)["seats"][0]["activity"]]
    assert ("log search", f'{server}-commands-log: for "wget"') in told
    assert ("event lookup", "by EventName StopInstances") in told
    assert ("hint", "command") in told
    assert not [detail for kind, detail in told if kind == "log search" and "everything" in detail]
    assert again == live
    assert "by EventName StopInstances" in (out / "report.html").read_text(encoding="utf-8")
    assert (
        "activity"
        not in json.loads(run("--evidence", str(kept), words=grade[:2] + grade[3:]))["seats"][0]
    )


def run(*more: str, words: tuple[str, ...]) -> str:
    """What a command prints for the instructor."""
    done = labkit(*words, *more)
    assert done.exit_code == 1, done.stderr
    return done.stdout


def labkit(*words: str) -> Result:
    return CliRunner().invoke(app, words, obj={"debug": True})


def test_the_debrief_has_the_lines_that_prove_it_and_the_attendees_searches_beside(
    incident: Operations, file: Path, tmp_path: Path
) -> None:
    live, again, kept = tmp_path / "live", tmp_path / "again", tmp_path / "kept"
    run("--save-evidence", str(kept), words=("grade", "--activity", "-w", str(file)))
    debrief = ("debrief", "-w", str(file))

    assert labkit(*debrief, "--out", str(live)).exit_code == 0
    assert labkit(*debrief, "--out", str(again), "--evidence", str(kept)).exit_code == 0

    seat = incident.seats[0].id
    names = ["index.html", "index.md", f"{seat}.html", f"{seat}.md"]
    assert sorted(path.name for path in live.iterdir()) == names
    text = (live / f"{seat}.md").read_text(encoding="utf-8")
    told = next(iter(collect_class(incident)))
    assert told.value is not None
    called = [r for r in told.value.evidence.commands if "curl" in r.command]
    assert called
    assert all(f"    {record.line}\n" in text for record in called)
    assert f"*{seat}*: event lookup, by EventName StopInstances" in text
    assert "doesn't include what the attendee did" not in text
    page = (live / f"{seat}.html").read_text(encoding="utf-8")
    assert all(html.escape(record.line) in page for record in called)
    assert (again / "index.html").read_bytes() == (live / "index.html").read_bytes()


def test_an_attendee_gets_no_debrief(attendee: Labkit, tmp_path: Path) -> None:
    told = attendee("debrief", "--out", str(tmp_path / "out"))

    assert told.exit_code != 0
    assert "curl" not in told.stdout + told.stderr
    assert not list((tmp_path / "out").glob("seat*"))


def test_no_hint_is_sold_for_a_task_that_is_already_solved(
    incident: Operations, attendee: Labkit
) -> None:
    lab = incident.deployed(incident.seats[0]).lab

    def is_right(server: str) -> bool:
        attendee("answer", "instance", server)
        verdicts = json.loads(attendee("check", "--json").stdout)["verdicts"]
        return any(v["task"] == "instance" and v["outcome"] == "passed" for v in verdicts)

    assert any(is_right(server.instance_id) for server in lab.instances)

    told = attendee("hint", "instance")

    assert told.exit_code == 1
    assert "Your answer is right, so you didn't take a hint." in told.stderr
    assert "instance" not in hints_taken(incident)
    # Whatever is handed in later, it stays right.
    assert is_right("i-00000000000000001")
    (graded,) = demo_run.judge(incident).seats
    assert next(v for v in graded.verdicts if v.task == "instance").outcome == "passed"


@pytest.mark.usefixtures("incident")
def test_check_shows_what_hints_cost(attendee: Labkit) -> None:
    assert "(hints: -1)" in " ".join(attendee("check").stdout.split())


def test_junk_among_the_answers_costs_nothing(incident: Operations) -> None:
    seat = incident.seats[0]
    account = incident.cloud.account(seat.account)
    ssm = account.client("ssm")
    for number in range(30):
        name = f"/labkit/demo/{seat.id}/answers/junk-{number}"
        ssm.put_parameter(Name=name, Value='["x"]', Type="String", Overwrite=True)

    found = read_answers(account, incident.workshop, seat.id, ["command", "instance"])

    assert {answer.task for answer in found} <= {"command", "instance"}


def test_where_only_the_grader_judges_attendees_learn_who_does(
    incident: Operations, attendee: Labkit, file: Path
) -> None:
    plain = file.read_text(encoding="utf-8")
    file.write_text(plain.replace("[access]", '[access]\ncheck = "grader"'), encoding="utf-8")
    try:
        check, hint = attendee("check"), attendee("hint", "command")
        answer = attendee("answer", "command", "id")
    finally:
        file.write_text(plain, encoding="utf-8")

    assert check.exit_code == 2
    assert "only the instructor's grader judges answers" in check.stderr
    # The hints of this mode are in the ledger, which attendees can't read.
    assert hint.exit_code == 2
    assert "the instructor gives the hints" in hint.stderr
    assert "Your instructor's grader judges it." in answer.stdout
    assert incident.workshop.check == "self"
