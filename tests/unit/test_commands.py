from __future__ import annotations

from datetime import UTC, datetime

import pytest

from labkit.evidence import commands
from labkit.evidence.commands import LoggedCommand, read_line

SEEN = "Jul 13 08:31:08 ip-10-0-0-9 ec2-user: ec2-user [9141]: curl 209.85.202.94 [0]"


def test_the_line_of_the_original_workshop_is_read() -> None:
    assert read_line(SEEN) == LoggedCommand("ec2-user", 9141, "curl 209.85.202.94", 0)


@pytest.mark.parametrize(
    ("line", "command", "status"),
    [
        (SEEN.replace("ec2-user:", "ec2-user[777]:"), "curl 209.85.202.94", 0),
        (SEEN.replace("Jul 13", "Jul  3"), "curl 209.85.202.94", 0),
        (SEEN.replace("[0]", "[127]"), "curl 209.85.202.94", 127),
        ("x ec2-user: ec2-user [1]: echo '[3]' [0]", "echo '[3]'", 0),
        ("x ec2-user: ec2-user [1]:   ls  -l  [0]", "  ls  -l ", 0),
        ("x ec2-user: ec2-user [1]: root [5]: x [1] [0]", "root [5]: x [1]", 0),
        (r"x ec2-user: ec2-user [1]: $'for i in 1 2\ndo\techo \'$i\'\ndone' [0]",
         "for i in 1 2\ndo\techo '$i'\ndone", 0),
        (r"x ec2-user: ec2-user [1]: $'\E[1m \\ \x41\101' [0]", "\x1b[1m \\ AA", 0),
        ("x ec2-user: ec2-user [1]: echo $'a' [0]", "echo $'a'", 0),
    ],
)  # fmt: skip
def test_what_was_typed_is_read_back(line: str, command: str, status: int) -> None:
    typed = read_line(line)

    assert typed is not None
    assert (typed.command, typed.exit_status) == (command, status)


@pytest.mark.parametrize(
    "line",
    [
        "Jul 13 08:30:57 ip-10-0-0-9 ec2-user: ec2-user [9141]: [0]",
        "Jul 13 08:30:57 ip-10-0-0-9 probe: the command log is delivered",
        "Jul 13 08:30:57 ip-10-0-0-9 sshd: ec2-user [9141]: curl 192.0.2.1 [0]",
        "Jul 13 08:30:57 ip-10-0-0-9 systemd[1]: Started session 4 of user ec2-user.",
        "",
    ],
)
def test_lines_that_record_no_command_are_passed_over(line: str) -> None:
    assert read_line(line) is None


def test_a_record_has_the_time_of_its_event_and_keeps_its_line() -> None:
    events = [{"timestamp": 1531470668123, "message": SEEN + "\n"}]

    (record,) = commands.parse(events, "i-0123456789abcdef0")

    assert record.instance_id == "i-0123456789abcdef0"
    assert record.logged_at == datetime(2018, 7, 13, 8, 31, 8, 123000, UTC)
    assert record.line == SEEN
