"""Pages of lists whose tokens are positions."""

from __future__ import annotations

import pytest

from pocketaws.errors import AwsError
from pocketaws.paging import page

REFUSAL = AwsError("InvalidToken", "The token is not valid.")


def test_pages_follow_one_another_and_the_last_has_no_token() -> None:
    first = page("Things", "abcde", None, 2, REFUSAL)
    second = page("Things", "abcde", first["NextToken"], 2, REFUSAL)
    third = page("Things", "abcde", second["NextToken"], 2, REFUSAL)
    assert [answer["Things"] for answer in (first, second, third)] == [
        ["a", "b"],
        ["c", "d"],
        ["e"],
    ]
    assert "NextToken" not in third


def test_a_full_last_page_has_no_token() -> None:
    assert page("Things", "ab", "", 2, REFUSAL) == {"Things": ["a", "b"]}


@pytest.mark.parametrize("token", ["-1", "nonsense", "²", "9" * 5000, "LTE="])
def test_a_token_that_nobody_issued_is_refused(token: str) -> None:
    with pytest.raises(AwsError) as caught:
        page("Things", "abcde", token, 2, REFUSAL)
    assert caught.value is REFUSAL
