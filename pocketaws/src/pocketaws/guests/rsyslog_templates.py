"""Messages of the system log, and the rsyslog templates that format them.

Source: rsyslog documentation, "Templates", "rsyslog Properties", "The Property Replacer".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
)  # fmt: skip
SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
PROPERTIES = frozenset(
    {"msg", "hostname", "programname", "syslogtag", "syslogfacility-text", "syslogseverity-text", "timegenerated",
     "timestamp"}
)  # fmt: skip
_OPTIONS = frozenset({"date-rfc3164", "date-rfc3339", "drop-last-lf", "sp-if-no-1st-sp"})
_PIECE = re.compile(r"%(\w[\w-]*)(?::::([^%]*))?%|(%%)|\\(.)|[^%\\]+")


class TemplateError(Exception):
    """The template is invalid."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the system log."""

    facility: str
    severity: str
    program: str
    pid: int
    text: str
    host: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """Literal text, or a property with its options."""

    text: str
    property: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """The pieces of a formatted line."""

    pieces: tuple[Piece, ...]

    def render(self, message: Message) -> str:
        """Format a message. The result ends in a newline if the template does."""
        return "".join(
            _value(piece, message) if piece.property else piece.text for piece in self.pieces
        )


def parse_template(text: str) -> Template:
    """Parse a template of type ``string``; raises ``TemplateError``."""
    pieces: list[Piece] = []
    at = 0
    while at < len(text):
        match = _PIECE.match(text, at)
        if match is None:
            raise TemplateError(f"invalid template near '{text[at : at + 20]}'")
        at = match.end()
        name, options, percent, escaped = match.groups()
        if name:
            pieces.append(_property(name.lower(), tuple((options or "").split(","))))
        elif escaped:
            pieces.append(Piece({"n": "\n", "t": "\t"}.get(escaped, escaped)))
        else:
            pieces.append(Piece("%" if percent else match.group()))
    return Template(tuple(pieces))


def _property(name: str, options: tuple[str, ...]) -> Piece:
    if name not in PROPERTIES:
        raise TemplateError(f"invalid property '{name}'")
    wrong = [option for option in options if option and option not in _OPTIONS]
    if wrong:
        raise TemplateError(f"invalid property option '{wrong[0]}'")
    return Piece("", name, options)


def property_value(name: str, message: Message) -> str:
    """A property of a message as text, without options."""
    if name == "msg":
        # By default, rsyslog escapes control characters that it receives ($EscapeControlCharactersOnReceive).
        return re.sub(r"[\x00-\x1f\x7f]", lambda m: f"#{ord(m.group()):03o}", message.text)
    values = {
        "hostname": message.host,
        "programname": message.program,
        "syslogtag": f"{message.program}[{message.pid}]:",
        "syslogfacility-text": message.facility,
        "syslogseverity-text": message.severity,
    }
    time = message.time
    return values.get(name, f"{time:%b} {time.day:>2} {time:%H:%M:%S}")


def _value(piece: Piece, message: Message) -> str:
    if "date-rfc3339" in piece.options:
        return f"{message.time:%Y-%m-%dT%H:%M:%S.%f+00:00}"
    value = property_value(piece.property, message)
    if "sp-if-no-1st-sp" in piece.options:
        return "" if value.startswith(" ") else " "
    return value.removesuffix("\n") if "drop-last-lf" in piece.options else value


DEFAULT_TEMPLATE = "RSYSLOG_TraditionalFileFormat"
BUILT_IN = {
    DEFAULT_TEMPLATE: parse_template(
        "%TIMESTAMP% %HOSTNAME% %syslogtag%%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\\n"
    ),
    "RSYSLOG_FileFormat": parse_template(
        "%TIMESTAMP:::date-rfc3339% %HOSTNAME% %syslogtag%%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\\n"
    ),
}
