from __future__ import annotations

import pytest

from labkit.grading.shell_words import is_operator, same, words

LINE = "curl -s -m 5 -o /dev/null http://192.0.2.7/x"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LINE, f"  {LINE.replace(' ', '   ')}\t"),
        (LINE, "curl -s -m '5' -o \"/dev/null\" 'http://192.0.2.7/x'"),
        (LINE, LINE.replace("curl", "c'ur'l").replace("null", 'nu"ll"')),
        (LINE, f"{LINE} &"),
        (LINE, f"{LINE}&"),
        ("a|b&&c;d", "a | b && c ; d"),
        ("echo it\\'s", 'echo "it\'s"'),
        ("echo a\\ b", "echo 'a b'"),
        ("echo '$x'", "echo \\$x"),
        ("echo $x", 'echo "$x"'),
        ("ls >out 2>&1", "ls > out 2>& 1"),
        ("curl 'http://192.0.2.7/?a=1'", "curl http://192.0.2.7/?a=1"),
        ("echo ''", 'echo ""'),
        ("echo a#b", "echo 'a#b'"),
    ],
)
def test_spacing_quoting_and_a_trailing_ampersand_do_not_matter(one: str, other: str) -> None:
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LINE, LINE.replace("-m 5", "-m 6")),
        (LINE, LINE.replace("-m 5", "-m5")),
        (LINE, LINE.replace("-s -m 5", "-m 5 -s")),
        (LINE, LINE.replace("curl", "CURL")),
        (LINE, LINE.replace("http:", "https:")),
        (LINE, f"{LINE};"),
        (LINE, f"{LINE} & &"),
        (LINE, f"sudo {LINE}"),
        (LINE, f"{LINE} # x"),
        (LINE, LINE.rpartition("/")[0]),
        ("a & b", "a b"),
        ("echo '|' b", "echo | b"),
        ("echo '$x'", "echo $x"),
        ("ls '*.txt'", "ls *.txt"),
        ("ls 2>x", "ls 2 >x"),
        ("ls >> x", "ls > > x"),
        ("echo 'a b'", "echo a b"),
        ("echo ''", "echo"),
        ("echo '#' x", "echo # x"),
        ("echo '", "echo"),
    ],
)
def test_everything_else_matters(one: str, other: str) -> None:
    assert not same(one, other)


def test_a_quote_that_is_not_closed_is_compared_as_it_stands() -> None:
    assert same("echo  it's", "echo it's")


def test_backslashes_in_double_quotes_are_kept_before_other_characters() -> None:
    assert words(r'"a\n\"\\"') == (r'a\n"' + "\\",)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("curl \\\n -s x", ("curl", "-s", "x")),
        ("curl\\\n -s x", ("curl", "-s", "x")),
        ("cu\\\nrl -s x", ("curl", "-s", "x")),
        ('curl "a\\\nb"', ("curl", "ab")),
        ("curl 'a\\\nb'", ("curl", "a\\\nb")),
        ("curl a\\ b", ("curl", "a b")),
    ],
)
def test_a_backslash_at_the_end_continues_the_line(line: str, found: tuple[str, ...]) -> None:
    assert words(line) == found


@pytest.mark.parametrize(
    ("line", "operators"),
    [
        ("a && b", ["&&"]), ("a; b", [";"]), ("a | b", ["|"]), ("a 2>&1", ["2>&"]), ("a > b", [">"]), ("a '&&' b", []),
        ('a "$(b)"', []), ("a (b)", ["(", ")"]), ("a 12>>b", ["12>>"]),
    ],
)  # fmt: skip
def test_operators_are_told_from_words(line: str, operators: list[str]) -> None:
    assert [word[1:] for word in words(line) if is_operator(word)] == operators
