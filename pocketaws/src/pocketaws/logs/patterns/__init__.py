"""Filter patterns, which select log events by their messages.

Source: CloudWatch Logs user guide, "Filter pattern syntax for metric filters, subscription filters,
filter log events, and Live Tail".
"""

from __future__ import annotations

from .compiling import compile_pattern
from .pattern import EVERYTHING, Pattern

__all__ = ["EVERYTHING", "Pattern", "compile_pattern"]
