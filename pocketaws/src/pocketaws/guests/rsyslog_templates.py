"""rsyslog's templates and the properties of messages.

Source: rsyslog documentation, "Templates", "rsyslog Properties", "The Property Replacer".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .rsyslog import Message

_PIECE = re.compile(
    r"%(\$?[\w-]+|\$!\w+)(?::([^:%]*))?(?::([^:%]*))?(?::([^%]*))?%|%%|\\(.)|[^%\\]+"
)
_DATES = {
    "date-rfc3164",
    "date-rfc3339",
    "date-year",
    "date-month",
    "date-day",
    "date-hour",
    "date-unixtimestamp",
}
_OPTIONS = _DATES | {
    "drop-last-lf", "sp-if-no-1st-sp", "uppercase", "lowercase", "escape-cc", "space-cc", "drop-cc",
    "json", "csv", "", "compressspace", "pos-end-relative", "date-utc", "mandatory-field",
}  # fmt: skip
PROPERTIES = {
    "msg", "rawmsg", "hostname", "source", "fromhost", "fromhost-ip", "syslogtag", "programname", "pri",
    "pri-text", "iut", "syslogfacility", "syslogfacility-text", "syslogseverity", "syslogseverity-text",
    "syslogpriority", "syslogpriority-text", "timegenerated", "timereported", "timestamp", "app-name",
    "procid", "msgid", "$now", "$year", "$month", "$day", "$hour", "$minute", "$myhostname",
}  # fmt: skip


class TemplateError(Exception):
    """A template that is wrong."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Literal text, or a property with its options."""

    text: str
    property: str = ""
    options: tuple[str, ...] = ()
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """What a line is made of."""

    pieces: tuple[Piece, ...]

    def render(self, message: Message) -> str:
        """A message as a line (with the line's end where the template has one)."""
        return "".join(_piece(piece, message) for piece in self.pieces)


def parse_string(text: str) -> Template:
    """A ``string`` template; raises ``TemplateError``."""
    pieces: list[Piece] = []
    at = 0
    while at < len(text):
        match = _PIECE.match(text, at)
        if match is None:
            raise TemplateError(f"invalid template near '{text[at : at + 20]}'")
        at = match.end()
        if match.group(1):
            pieces.append(_property(match.group(1), match.group(2), match.group(3), match.group(4)))
        elif match.group() == "%%":
            pieces.append(Piece("%"))
        elif match.group(5):
            pieces.append(Piece({"n": "\n", "t": "\t"}.get(match.group(5), match.group(5))))
        else:
            pieces.append(Piece(match.group()))
    return Template(tuple(pieces))


def parse_list(text: str) -> Template:
    """The inside of a ``list`` template; raises ``TemplateError``."""
    pieces: list[Piece] = []
    item = re.compile(r"\s*(property|constant)\s*\(([^)]*)\)")
    at = 0
    while text[at:].strip():
        match = item.match(text, at)
        if match is None:
            raise TemplateError(f"syntax error in template near '{text[at:].strip()[:20]}'")
        at = match.end()
        values = dict(re.findall(r'([\w.]+)\s*=\s*"((?:[^"\\]|\\.)*)"', match.group(2)))
        if match.group(1) == "constant":
            pieces.extend(parse_string(values.get("value", "").replace("%", "%%")).pieces)
            continue
        options = []
        if "dateFormat" in values:
            options.append(f"date-{values['dateFormat']}")
        if values.get("droplastlf") == "on":
            options.append("drop-last-lf")
        if values.get("spifno1stsp") == "on":
            options.append("sp-if-no-1st-sp")
        pieces.append(_property(values.get("name", ""), None, None, ",".join(options)))
    return Template(tuple(pieces))


def _property(name: str, first: str | None, last: str | None, options: str | None) -> Piece:
    if name.lower() not in PROPERTIES:
        raise TemplateError(f"invalid property '{name}'")
    chosen = tuple(option.strip().lower() for option in (options or "").split(","))
    unknown = [option for option in chosen if option not in _OPTIONS]
    if unknown:
        raise TemplateError(f"template option '{unknown[0]}' is not known")
    number = {key: int(v) if v and v.isdigit() else None for key, v in (("a", first), ("b", last))}
    return Piece("", name, chosen, number["a"], number["b"])


def _piece(piece: Piece, message: Message) -> str:
    if not piece.property:
        return piece.text
    value = property_value(message, piece.property, piece.options)
    if piece.first is not None or piece.last is not None:
        value = value[(piece.first or 1) - 1 : piece.last]
    if "sp-if-no-1st-sp" in piece.options:
        return "" if value.startswith(" ") else " "
    if "drop-last-lf" in piece.options:
        value = value.removesuffix("\n")
    if "uppercase" in piece.options:
        value = value.upper()
    if "lowercase" in piece.options:
        value = value.lower()
    if "escape-cc" in piece.options:
        value = re.sub(r"[\x00-\x1f\x7f]", lambda m: f"#{ord(m.group()):03o}", value)
    return value


def property_value(message: Message, name: str, options: tuple[str, ...] = ()) -> str:  # noqa: C901, PLR0911, PLR0912 - one branch for each kind
    """A property of a message as text (empty where there is none of this name)."""
    from .rsyslog import FACILITIES, SEVERITIES  # noqa: PLC0415 - which reads templates

    facility, severity = FACILITIES.index(message.facility), SEVERITIES.index(message.severity)
    match name.lower():
        case "msg" | "rawmsg":
            # Control characters are escaped on the way in ($EscapeControlCharactersOnReceive is on).
            return re.sub(r"[\x00-\x1f\x7f]", lambda m: f"#{ord(m.group()):03o}", message.text)
        case "hostname" | "source" | "fromhost" | "$myhostname":
            return message.host
        case "fromhost-ip":
            return "127.0.0.1"
        case "programname" | "app-name":
            return message.program
        case "syslogtag":
            return f"{message.program}[{message.pid}]:"
        case "procid":
            return str(message.pid)
        case "pri":
            return str(facility * 8 + severity)
        case "pri-text":
            return f"{message.facility}.{message.severity}"
        case "syslogfacility":
            return str(facility)
        case "syslogfacility-text":
            return message.facility
        case "syslogseverity" | "syslogpriority":
            return str(severity)
        case "syslogseverity-text" | "syslogpriority-text":
            return message.severity
        case "timegenerated" | "timereported" | "timestamp":
            return _time(message, options)
        case "$now":
            return f"{message.time:%Y-%m-%d}"
        case "$year" | "$month" | "$day" | "$hour" | "$minute":
            form = {"year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M"}
            return message.time.strftime(form[name.lower()[1:]])
        case _:
            return ""


def _time(message: Message, options: tuple[str, ...]) -> str:
    time = message.time
    for option in options:
        match option:
            case "date-rfc3339":
                return f"{time:%Y-%m-%dT%H:%M:%S.%f+00:00}"
            case "date-unixtimestamp":
                return str(int(time.timestamp()))
            case "date-year" | "date-month" | "date-day" | "date-hour":
                return time.strftime({"y": "%Y", "m": "%m", "d": "%d", "h": "%H"}[option[5]])
            case _:
                continue
    return f"{time:%b} {time.day:>2} {time:%H:%M:%S}"


BUILT_IN = {
    "RSYSLOG_TraditionalFileFormat": parse_string(
        "%TIMESTAMP% %HOSTNAME% %syslogtag%%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\\n"
    ),
    "RSYSLOG_FileFormat": parse_string(
        "%TIMESTAMP:::date-rfc3339% %HOSTNAME% %syslogtag%%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\\n"
    ),
}
