"""Read ``workshop.toml`` and ``roster.csv``, and explain errors in them in one line."""

from __future__ import annotations

import csv
import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from labkit.errors import UsageError
from labkit.model import Seat, Workshop
from labkit.scenario import find_scenario
from labkit.scenarios import DEFAULT

FILE_NAME = "workshop.toml"
ROSTER_COLUMNS = ("id", "account", "email")

_NAME = re.compile(r"[a-z](?:-?[a-z0-9])*")
_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d")
# ARNs and the console have other names there (IAM user guide, "Identify AWS resources with ARNs").
_OTHER_PARTITIONS = re.compile(r"(cn|us-gov|us-isob?|us-isof|eu-isoe|eusc)-")
# The characters of names and paths (IAM user guide, "IAM and AWS STS quotas"). The leading slash of a path is omitted.
_SIGN_IN = re.compile(r"(?!/)[\w+=,.@/*-]*[\w+=,.@-][\w+=,.@/*-]*", re.ASCII)
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+")
_TTL = re.compile(r"(?:(?P<days>\d+)d)?(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?")
_TTL_LEAST, _TTL_MOST = timedelta(minutes=10), timedelta(days=14)


def _word(what: str, least: int, most: int) -> Any:
    def check(value: str) -> str:
        if not (least <= len(value) <= most and _NAME.fullmatch(value)):
            raise ValueError(
                f"{what} {value!r} isn't {least} to {most} characters of a-z, 0-9, and single hyphens, "
                "beginning with a letter and ending with a letter or digit"
            )
        return value

    return AfterValidator(check)


def _matching(pattern: re.Pattern[str], complaint: str) -> Any:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(complaint.format(value=value, length=len(value)))
        return value

    return AfterValidator(check)


# These continue a workshop's name in the names of its stacks. Another workshop's name must not look like that.
_RESERVED = re.compile(r".+-(seat|evidence)(-.*)?")


def _unreserved(name: str) -> str:
    if found := _RESERVED.fullmatch(name):
        raise ValueError(
            f"the name {name!r} contains '-{found[1]}', which labkit uses in names of stacks"
        )
    return name


Name = Annotated[str, _word("the name", 3, 24), AfterValidator(_unreserved)]
SeatId = Annotated[str, _word("the seat ID", 1, 20)]
AccountId = Annotated[
    str,
    _matching(
        _ACCOUNT, "account {value!r} has {length} characters, but an account ID has 12 digits"
    ),
]


def _in_partition(region: str) -> str:
    if found := _OTHER_PARTITIONS.match(region):
        raise ValueError(
            f"{region!r} is in another partition of AWS ({found[1]}), which labkit doesn't support"
        )
    return region


Region = Annotated[
    str,
    _matching(_REGION, "{value!r} isn't a Region such as eu-west-1"),
    AfterValidator(_in_partition),
]
SignIn = Annotated[
    str,
    _matching(
        _SIGN_IN,
        "{value!r} isn't a role name (optionally with its path in front, and * for parts that vary)",
    ),
]
Email = Annotated[str, _matching(_EMAIL, "{value!r} isn't an email address")]


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(
            f"{moment} has no time zone; for UTC, append Z, as in 2026-12-01T09:00:00Z"
        )
    return moment.astimezone(UTC)


Starts = Annotated[datetime, AfterValidator(_in_utc)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _WorkshopTable(_Table):
    name: Name
    scenario: str = DEFAULT
    region: Region
    ttl: str = "8h"
    starts: Starts | None = None
    roster: str | None = None


class _AccessTable(_Table):
    role: str | None = None
    attendees: SignIn | None = None
    check: Literal["self", "grader"] = "self"


class _SeatTable(_Table):
    id: SeatId
    account: AccountId | None = None
    email: Email | None = None


class _File(_Table):
    workshop: _WorkshopTable
    access: _AccessTable = Field(default_factory=_AccessTable)
    scenario: dict[str, Any] = Field(default_factory=dict)
    seat: list[_SeatTable] = Field(default_factory=list)


def load_workshop(path: Path) -> Workshop:
    """Read a workshop's file and, if it names one, its roster.

    Raises ``UsageError``, which says in one line what's wrong and in one what to do.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(
            f"There is no {path}.",
            "Create one with 'labkit init NAME', or name another with -w FILE.",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"Can't read {path}: {error}", "Check the file and its permissions."
        ) from error
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} isn't valid TOML: {error}", "Fix that line.") from error
    return parse_workshop(raw, path)


def parse_workshop(raw: Mapping[str, Any], path: Path) -> Workshop:
    """Return the workshop in a parsed ``workshop.toml``; ``path`` is the file."""
    try:
        file = _File.model_validate(raw)
    except ValidationError as error:
        raise _complaint(error, str(path), _File) from error
    scenario = find_scenario(file.workshop.scenario)
    try:
        settings = scenario.settings.model_validate(file.scenario)
    except ValidationError as error:
        raise _complaint(error, str(path), scenario.settings, ("scenario",)) from error
    seats = tuple(Seat(s.id, s.account, s.email) for s in file.seat)
    if file.workshop.roster is not None:
        if seats:
            raise UsageError(
                f"{path} has both [[seat]] tables and a roster.", "Keep only one of them."
            )
        seats = read_roster(path.parent / file.workshop.roster)
    _refuse_doubles(seats, path)
    return Workshop(
        name=file.workshop.name,
        scenario=scenario.name,
        region=file.workshop.region,
        ttl=parse_ttl(file.workshop.ttl),
        starts=file.workshop.starts,
        seats=seats,
        access_role=file.access.role,
        attendee_sign_in=file.access.attendees,
        check=file.access.check,
        settings=settings.model_dump(),
        folder=path.parent,
    )


def read_roster(path: Path) -> tuple[Seat, ...]:
    """Return the seats in a CSV file with the columns ``id,account,email`` (the last two can be empty)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"Can't read the roster {path}: {error}", "Check 'roster' in workshop.toml."
        ) from error
    rows = csv.DictReader(text.splitlines())
    columns = [name.strip() for name in rows.fieldnames or []]
    if sorted(columns) != sorted(ROSTER_COLUMNS):
        raise UsageError(
            f"The roster {path} has the columns {','.join(columns) or 'none'}.",
            f"Its first line must be {','.join(ROSTER_COLUMNS)}.",
        )
    rows.fieldnames = columns
    seats = []
    for row in rows:
        values = {
            key: value.strip() for key, value in row.items() if key and value and value.strip()
        }
        try:
            seat = _SeatTable.model_validate(values)
        except ValidationError as error:
            raise _complaint(error, f"{path}, line {rows.line_num}", _SeatTable) from error
        seats.append(Seat(seat.id, seat.account, seat.email))
    return tuple(seats)


def parse_span(text: str, what: str) -> timedelta:
    """Parse a duration such as ``8h``, ``90m``, or ``1d12h``; ``what`` names it in the error."""
    match = _TTL.fullmatch(text)
    parts = (
        {unit: int(value) for unit, value in match.groupdict().items() if value} if match else {}
    )
    if not parts:
        raise UsageError(
            f"{what} {text!r} isn't a duration such as 8h, 90m, or 1d12h.", "Correct it."
        )
    return timedelta(**parts)


def parse_ttl(text: str) -> timedelta:
    """Parse a time to live, between 10 minutes and 14 days."""
    ttl = parse_span(text, "ttl")
    if not _TTL_LEAST <= ttl <= _TTL_MOST:
        raise UsageError(f"ttl {text!r} isn't between 10m and 14d.", "Correct it in workshop.toml.")
    return ttl


def _refuse_doubles(seats: Iterable[Seat], path: Path) -> None:
    twice = [seat_id for seat_id, count in Counter(seat.id for seat in seats).items() if count > 1]
    if twice:
        raise UsageError(
            f"{path} has more than one seat with the ID {twice[0]!r}.",
            "Give each seat its own ID.",
        )
    if not seats:
        raise UsageError(f"{path} has no seats.", "Add a [[seat]] table or a roster.")


def _complaint(
    error: ValidationError, where: str, model: type[BaseModel], prefix: tuple[str, ...] = ()
) -> UsageError:
    """Explain the most helpful of the errors."""
    # A misspelled key also counts as missing; the spelling helps more.
    errors = sorted(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    first = errors[0]
    place = ".".join(str(part) for part in (*prefix, *first["loc"]) if not isinstance(part, int))
    if first["type"] == "extra_forbidden":
        key = str(first["loc"][-1])
        known = _keys_beside(model, first["loc"])
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]!r}?" if near else f"Valid settings: {', '.join(known)}."
        return UsageError(f"{where}: there is no setting {place!r}.", hint)
    if first["type"] == "missing":
        return UsageError(f"{where}: {place!r} is missing.", "Add it.")
    message = first["msg"].removeprefix("Value error, ")
    return UsageError(f"{where}: {place}: {message}.", "Correct it.")


def _keys_beside(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Return the valid keys of the table at ``location``, whose last part is the wrong key."""
    for part in location[:-1]:
        if isinstance(part, int):
            continue
        inner = _model_in(model.model_fields[part].annotation)
        if inner is None:
            return []
        model = inner
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
