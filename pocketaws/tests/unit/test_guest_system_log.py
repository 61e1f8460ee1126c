"""rsyslog's configuration and the agent's, as pure functions of texts."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from pocketaws.guests import rsyslog
from pocketaws.guests.agent import parse_time, read_configuration
from pocketaws.guests.agent_schema import SchemaError
from pocketaws.guests.files import FileTree, Node
from pocketaws.guests.rsyslog import ConfigurationError
from pocketaws.guests.rsyslog_templates import Message

NOW = datetime(2026, 3, 2, 9, 5, 7, tzinfo=UTC)


def message(
    text: str = "hello", program: str = "app", facility: str = "local6", severity: str = "info"
) -> Message:
    return Message(facility, severity, program, 77, text, "ip-10-0-0-9", NOW)


def load(text: str, **others: str) -> rsyslog.Configuration:
    files = FileTree("none", base={})
    for path, content in {"/etc/rsyslog.conf": text, **others}.items():
        files.put(path, Node("file", content))
    files.put("/etc/rsyslog.d", Node("directory"))
    return rsyslog.load(files)


def written(text: str, *messages: Message) -> list[tuple[str, str]]:
    configuration = load(text)
    return [(action.path, line) for m in messages for action, line in configuration.lines_for(m)]


def test_the_usual_line_has_the_tag_with_its_process() -> None:
    assert written("*.* /var/log/all", message()) == [
        ("/var/log/all", "Mar  2 09:05:07 ip-10-0-0-9 app[77]: hello\n")
    ]


@pytest.mark.parametrize(
    ("selector", "passing"),
    [
        ("local6.info", True),
        ("local6.err", False),
        ("*.info;local6.none", False),
        ("mail,local6.debug", True),
        ("user.*", False),
    ],
)
def test_selectors_choose(selector: str, passing: bool) -> None:  # noqa: FBT001
    assert bool(written(f"{selector} -/var/log/x", message())) is passing


@pytest.mark.parametrize(
    ("condition", "passing"),
    [('$programname == "app"', True), ('$syslogfacility-text == "local5"', False)],
)
def test_conditions_choose(condition: str, passing: bool) -> None:  # noqa: FBT001
    block = f'if {condition} then {{ action(type="omfile" file="/x") }}'
    assert bool(written(block, message())) is passing


def test_stop_keeps_a_message_from_what_follows() -> None:
    block = (
        'if $programname == "app" then {\n  action(type="omfile" file="/var/log/app")\n  stop\n}\n'
    )
    for rule in (block, "local6.* /var/log/app\n& stop\n"):
        other = message(program="other", facility="user")
        found = written(f"{rule}*.* /var/log/all\n", message(), other)
        assert [path for path, _ in found] == ["/var/log/app", "/var/log/all"]


def test_templates_are_filled() -> None:
    template = (
        'template(name="T" type="string" string="%timegenerated:::date-rfc3339%|%HOSTNAME%|%programname%:'
        '%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%|%timegenerated:::date-rfc3164%|100%%\\n")\n'
        "*.* -/a;T\n"
    )
    (first,) = written(template, message("some\ttext"))
    assert first[1] == (
        "2026-03-02T09:05:07.000000+00:00|ip-10-0-0-9|app: some#011text|Mar  2 09:05:07|100%\n"
    )


def test_included_files_are_read() -> None:
    found = load(
        'include(file="/etc/rsyslog.d/*.conf" mode="optional")',
        **{"/etc/rsyslog.d/a.conf": "*.* /a\n"},
    ).lines_for(message())
    assert [action.path for action, _ in found] == ["/a"]


@pytest.mark.parametrize(
    "wrong",
    [
        "loca16.* /var/log/x",
        "local6.imfo /var/log/x",
        'action(type="omfiel" file="/x")',
        'action(type="omfile" fiel="/x")',
        '*.* action(type="omfile" file="/x" template="Nobodys")',
        'if $programname == "x" the { stop }',
        'if $programname = "x" then { stop }',
        'if $colour == "x" then { stop }',
        'if $programname == "x" then { *.* /var/log/x }',
        ':programname, isequal, "x" /var/log/x',
        "& stop",
        '$template T,"%msg%"',
        'template(name="T" type="string" string="%colour%")',
        'template(name="T" type="string" string="%msg:::sp-if-no-first%")',
        "if $msg == 'x' then { stop",
        "just some words",
    ],
)
def test_faults_are_found(wrong: str) -> None:
    with pytest.raises(ConfigurationError):
        load(wrong)


@pytest.mark.parametrize(
    ("line", "form", "wanted"),
    [
        ("Mar  2 08:00:01 host x", "%b %d %H:%M:%S", datetime(2026, 3, 2, 8, 0, 1, tzinfo=UTC)),
        ("Mar 12 08:00:01 host x", "%b %d %H:%M:%S", datetime(2025, 3, 12, 8, 0, 1, tzinfo=UTC)),
        (
            "[2026-01-31T23:59:59Z] x",
            "%Y-%m-%dT%H:%M:%S",
            datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC),
        ),
        ("no time at all", "%b %d %H:%M:%S", None),
        ("Feb 31 08:00:01 x", "%b %d %H:%M:%S", None),
    ],
)
def test_times_are_read_from_lines(line: str, form: str, wanted: datetime | None) -> None:
    assert parse_time(line, form, NOW) == wanted


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"log": {}}, "Additional property log is not allowed"),
        ({"agent": {"run_as": "root"}}, "Additional property run_as is not allowed"),
        (
            {"logs": {"logs_collected": {"files": {"collect_list": [{"log_group_name": "x"}]}}}},
            "file_path is required",
        ),
        (
            {
                "logs": {
                    "logs_collected": {
                        "files": {"collect_list": [{"file_path": "/x", "retention_in_days": 8}]}
                    }
                }
            },
            "retention_in_days",
        ),
        (
            {
                "logs": {
                    "logs_collected": {
                        "files": {
                            "collect_list": [{"file_path": "/x", "timestamp_format": "%H:%M %p"}]
                        }
                    }
                }
            },
            "pocketaws doesn't emulate %p",
        ),
    ],
)
def test_the_agent_refuses_what_its_schema_does_not_know(
    change: dict[str, object], wanted: str
) -> None:
    good = {"logs": {"logs_collected": {"files": {"collect_list": [{"file_path": "/x"}]}}}}
    assert read_configuration(json.dumps(good)) == good
    with pytest.raises(SchemaError, match=wanted):
        read_configuration(json.dumps({**good, **change}))
