"""Undo what word processors, chats, and input methods do to typed text."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = dict.fromkeys(
    (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)
)
_QUOTES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\uff07", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\uff02", '"')
)
_SHORT_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2212\ufe63\uff0d", "-"))
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
LONG_DASHES = re.compile("[\u2013\u2014\u2015]")


def normalize_text(text: str) -> str:
    """Replace typographic quotation marks, spaces, dashes, and wide letters with plain ones; strip invisible characters."""
    return LONG_DASHES.sub("-", normalize_except_long_dashes(text))


def normalize_except_long_dashes(text: str) -> str:
    """Like ``normalize_text``, for text in which a long dash might mean two short ones (``--max-time``)."""
    if text.isascii():
        return text.strip()
    text = text.translate(_INVISIBLE).translate(_QUOTES).translate(_SHORT_DASHES)
    text = text.translate(_FULL_WIDTH)
    return "".join(" " if _is_blank(character) else character for character in text).strip()


def _is_blank(character: str) -> bool:
    return not character.isascii() and unicodedata.category(character) == "Zs"
