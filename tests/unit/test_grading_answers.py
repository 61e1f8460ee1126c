from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime, timedelta, timezone

import pytest

from labkit.grading import answers
from labkit.grading.outcomes import Wrong
from labkit.grading.types import Address, Command, InstanceId, Names, Text
from labkit.model import Answer

LINE = "curl -s --max-time 5 http://192.0.2.7/x"
NBSP, ZERO_WIDTH = "\u00a0", "\u200b"


def parameter(value: str, kind: str = "String") -> dict[str, object]:
    return {
        "Name": "/labkit/class/ada/answers/command", "Type": kind, "Value": value, "Version": 4,
        "LastModifiedDate": datetime(2026, 3, 2, 10, 0, tzinfo=timezone(timedelta(hours=1))),
    }  # fmt: skip


def test_an_answer_is_read_with_its_number_of_attempts() -> None:
    assert answers.parse(parameter('["a", "b c"]')) == Answer(
        "command", ("a", "b c"), 4, datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    )


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp1251", "cp850"])
def test_a_byte_order_mark_before_the_array_does_not_matter(encoding: str) -> None:
    read_by_the_client = '["192.0.2.7"]\r\n'.encode("utf-8-sig").decode(encoding)

    answer = answers.parse(parameter(read_by_the_client))

    assert (answer.values, answer.problem) == (("192.0.2.7",), None)


def test_what_is_stored_is_read_back() -> None:
    typed = ("\u201cl\u00e9s\u201d", "{{x}}", "")

    assert answers.parse(parameter(answers.store(typed))).values == typed


@pytest.mark.parametrize(
    ("value", "kind", "problem"),
    [
        ('["a"]', "SecureString", "its type is SecureString, not String"),
        ('["a"]', "StringList", "its type is StringList, not String"),
        ("curl", "String", "its value isn't a JSON array"),
        ('"curl"', "String", "its value isn't a JSON array of strings"),
        ('[["a"]]', "String", "its value isn't a JSON array of strings"),
        ("[null]", "String", "its value isn't a JSON array of strings"),
    ],
)
def test_anything_but_a_plain_array_of_texts_is_a_problem(
    value: str, kind: str, problem: str
) -> None:
    answer = answers.parse(parameter(value, kind))

    assert (answer.values, answer.problem) == ((), problem)


@pytest.mark.parametrize(
    "typed",
    [
        "192.0.2.7", " 192.0.2.7. ", "192.0.2.7:443", "192.0.2.7/32", "::ffff:192.0.2.7", "::FFFF:C000:207",
        "[::ffff:192.0.2.7]:22", "[192.0.2.7]", "<192.0.2.7>", "(192.0.2.7)", "'192.0.2.7'", "192[.]0[.]2[.]7",
        "http://192.0.2.7/x?y", "https://user@192.0.2.7:8443", "\uff11\uff19\uff12.0.2.7",
        f"192.0.2.7{ZERO_WIDTH}", f"{NBSP}192.0.2.7", "it is 192.0.2.7", "192.0.2.7, 192.0.2.7",
        "Mar  2 09:14:41 ip-10-0-0-9 ec2-user: ec2-user [9141]: curl 192.0.2.7 [0]",
        "2 008369042577 eni-089ede4605b710d97 10.0.0.13 192.0.2.7 22 65288 6 64 9505 1531474007 1531474065 ACCEPT OK",
        ("1531474065000 2 008369042577 eni-089ede4605b710d97 192.0.2.7 172.31.0.9 65288 22 6 4 756 1531474007 "
        "1531474065 ACCEPT OK"),
    ],
)  # fmt: skip
def test_an_address_is_understood_in_any_notation(typed: str) -> None:
    assert Address.from_typed((typed,)) == "192.0.2.7"


def test_an_ipv6_address_has_one_notation() -> None:
    for typed in ("2001:DB8::0001", "[2001:db8::1]:22", "2001:db8:0:0:0:0:0:1", "2001:db8::1%eth0"):
        assert Address.from_typed((typed,)) == "2001:db8::1"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("192.0.2.277", "isn't an IP address"),
        ("192.0.2", "isn't an IP address"),
        ("192.000.002.007", "isn't an IP address"),
        ("i-0123456789abcdef0", "isn't an IP address"),
        ("192.0.2.7 192.0.2.8", "more than one address"),
        ("10.0.0.13 209.85.202.94 41118 80 6 6 397", "more than one address"),
        (
            "2 008369042577 eni-089ede4605b710d97 10.0.0.12 10.0.0.13 5 8080 6 5 397 1531474007 1531474065 ACCEPT OK",
            "more than one address",
        ),
    ],
)
def test_what_is_not_one_address_is_told(typed: str, says: str) -> None:
    with pytest.raises(Wrong, match=says):
        Address.from_typed((typed,))


@pytest.mark.parametrize(
    "typed",
    [
        "i-036c394ba8fe4cd39", "I-036C394BA8FE4CD39", "i-036c394ba8fe4cd39-commands-log",
        "arn:aws:ec2:eu-west-1:1:instance/i-036c394ba8fe4cd39", '"i-036c394ba8fe4cd39",',
        "i\u2013036c394ba8fe4cd39", "EC2 instance i-036c394ba8fe4cd39 communicating with disallowed IP",
    ],
)  # fmt: skip
def test_an_instance_id_is_found_in_what_was_typed(typed: str) -> None:
    assert InstanceId.from_typed((typed,)) == "i-036c394ba8fe4cd39"


@pytest.mark.parametrize("typed", ["i-036c394", "eni-036c394ba8fe4cd39", "web-i-12345678x", "ada"])
def test_what_is_no_instance_id_is_told(typed: str) -> None:
    with pytest.raises(Wrong, match="isn't an instance ID"):
        InstanceId.from_typed((typed,))


@pytest.mark.parametrize(
    "values",
    [
        ("RunInstances", "StopInstances"),
        ("RunInstances,StopInstances",),
        ("  ec2:RunInstances;\n ec2.amazonaws.com/StopInstances ",),
        ('["RunInstances", "StopInstances"]',),
        ("RunInstances", "runinstances", "StopInstances."),
    ],
)
def test_a_list_of_names_is_understood_however_it_is_separated(values: tuple[str, ...]) -> None:
    names = Names.from_typed(values)

    assert names == ("RunInstances", "StopInstances")
    assert names.missing(["stopinstances", "StartInstances"]) == ("StartInstances",)
    assert names.beyond(["RUNINSTANCES"]) == ("StopInstances",)


@pytest.mark.parametrize(
    "values",
    [
        (LINE,),
        tuple(LINE.split()),
        (f"`{LINE}`",),
        (f"'{LINE}'",),
        (f"{LINE} [0]",),
        (f"ec2-user [9141]: {LINE} [28]",),
        (f"[9141]: {LINE}",),
        (f"Jul 13 08:31:08 ip-10-0-0-9 ec2-user[1]: ec2-user [9141]: {LINE} [0]",),
        (f"2026-03-02T09:14:41.000Z i-0a Jul 13 08:31:08 ip ec2-user: ec2-user [1]: {LINE} [0]",),
        (LINE.replace("--", "\u2014").replace(" ", NBSP),),
        (LINE.replace("--", "\u2013\u2013").replace("-s", "\u2011s"),),
        (f"{LINE}{ZERO_WIDTH}",),
        ("\uff43url -s --max-time 5 \u201chttp://192.0.2.7/x\u201d",),
    ],
)
def test_a_command_is_understood_as_people_paste_it(values: tuple[str, ...]) -> None:
    assert Command.from_typed(values).same_as(LINE)


def test_words_are_the_command_that_a_shell_took_them_from() -> None:
    line = "curl -s -H 'X-Key: a b' -d '' http://192.0.2.7/x"

    assert Command.from_typed(tuple(shlex.split(line))).same_as(line)
    assert not Command.from_typed(tuple(line.replace("a b", "a").split())).same_as(line)


def test_a_command_of_several_lines_is_understood_from_its_log_line() -> None:
    typed = r"ip ec2-user: ec2-user [1]: $'for i in 1 2\ndo\ncurl 192.0.2.7\ndone' [0]"

    assert Command.from_typed((typed,)).same_as("for i in 1 2\ndo\ncurl 192.0.2.7\ndone")


def test_another_command_is_another_command() -> None:
    for other in (
        LINE.replace("7/x", "7/y"),
        LINE.replace("-s ", ""),
        "[0]",
        "ec2-user [1]: id [0]",
    ):
        assert not Command.from_typed((other,)).same_as(LINE)


def test_text_is_compared_without_capitals_and_decoration() -> None:
    assert Text.from_typed(("\u201cAmara\u2011Backup-417\u201d ",)).same_as("amara-backup-417")
    assert not Text.from_typed(("amara-backup-41",)).same_as("amara-backup-417")


@pytest.mark.parametrize("kind", [Text, Names, Command])
def test_an_answer_of_invisible_characters_is_empty(kind: type[Text | Names | Command]) -> None:
    with pytest.raises(Wrong, match="empty"):
        kind.from_typed((ZERO_WIDTH, NBSP))


def test_blanks_alone_are_no_answer() -> None:
    assert answers.is_empty(answers.parse(parameter(json.dumps(["", " "]))))
    assert not answers.is_empty(answers.parse(parameter('["", "x"]')))


@pytest.mark.parametrize("value", ["[" * 4000, '["\\ud800"]', "[1e999]", "[" + "9" * 4000 + "]"])
def test_no_stored_value_takes_the_grader_down(value: str) -> None:
    """Attendees can store anything, so reports and snapshots must be able to hold it."""
    answer = answers.parse(
        {"Name": "/labkit/w/s/answers/command", "Type": "String", "Value": value}
    )

    assert "".join(answer.values).encode() or answer.problem


@pytest.mark.parametrize(
    "near", ["10.0.0.1", "10.255.255.254", "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.255.9", "fd00::4"]
)  # fmt: skip
def test_the_far_end_of_a_flow_line_is_the_one_that_is_not_private(near: str) -> None:
    for source, target in ((near, "192.0.2.7"), ("192.0.2.7", near)):
        line = f"2 210000000001 eni-0a {source} {target} 50000 443 6 6 397 1531474007 1531474065 ACCEPT OK"
        assert Address.from_typed((line,)) == "192.0.2.7"


@pytest.mark.parametrize("near", ["11.0.0.1", "172.15.0.1", "172.32.0.1", "192.169.0.1", "fe00::1"])
def test_of_two_public_ends_neither_is_taken(near: str) -> None:
    line = (
        f"2 210000000001 eni-0a {near} 192.0.2.7 50000 443 6 6 397 1531474007 1531474065 ACCEPT OK"
    )

    with pytest.raises(Wrong, match="more than one address"):
        Address.from_typed((line,))


def test_the_history_of_an_answer_is_what_it_replaced() -> None:
    texts = ['["a"]', "no array", '["b"]', '["a"]', '[" "]', '["c"]']
    versions = [{**parameter(text), "Version": n} for n, text in enumerate(texts, 1)]

    found = answers.with_history(answers.parse(versions[-1]), reversed(versions))

    assert [(one.values, one.attempt) for one in found.earlier] == [(("a",), 1), (("b",), 3)]
    assert (found.values, found.attempts) == (("c",), 6)


def test_only_the_last_earlier_answers_are_kept() -> None:
    versions = [{**parameter(f'["{n}"]'), "Version": n} for n in range(1, 101)]

    found = answers.with_history(answers.parse(versions[-1]), versions)

    assert [one.attempt for one in found.earlier] == list(range(90, 100))
