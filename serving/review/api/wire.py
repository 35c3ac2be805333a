"""Types of single fields: what may be sent, and what a database can always hold."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from classifier.labels import Facet, Label
from serving.body import scrub
from serving.review.arrivals import language_tag
from serving.review.desk import ITEM_ID
from serving.review.records import MAX_NOTE_CHARACTERS
from serving.scoring.schemas import Answer

MAX_ID_CHARACTERS = 500

MAX_REACH = 2**53
"""The largest whole number that every JSON reader holds exactly."""

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# RFC 3339, section 5.6. `datetime.fromisoformat` reads far more than that.
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_TAG = r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*"


def _number_to_text(value: object) -> object:
    return str(value) if type(value) is int else value


def _moment(value: object) -> object:
    """A datetime in UTC from RFC 3339 text; raises a ValueError that says what is wrong."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("expected a moment with its zone, as in 2026-05-17T09:30:00Z (RFC 3339)")
    # Nothing measures finer than a microsecond here, and Python's clock cannot.
    shortened = re.sub(r"(\.\d{6})\d+", r"\1", value.upper())
    moment = datetime.fromisoformat(shortened)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("expected a moment between the years 1 and 9999 in UTC") from None
    if moment < _EARLIEST:
        raise ValueError(f"expected a moment from {_EARLIEST.year} on")
    return moment


def _language(value: object) -> object:
    """Reduced to what a queue filters by: the primary subtag, and the script where it says one."""
    if isinstance(value, str) and re.fullmatch(_TAG, value):
        return language_tag(value) or value
    return value


def _id_schema(shortest: int) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": ["string", "integer"], "minLength": shortest, "maxLength": MAX_ID_CHARACTERS}
    )


PostId = Annotated[
    str,
    Field(min_length=1, max_length=MAX_ID_CHARACTERS),
    BeforeValidator(_number_to_text),
    _id_schema(shortest=1),
]

Author = Annotated[
    str,
    Field(max_length=MAX_ID_CHARACTERS),
    BeforeValidator(_number_to_text),
    _id_schema(shortest=0),
]

Platform = Annotated[str, Field(min_length=1, max_length=100)]

Url = Annotated[str, Field(max_length=2_000, pattern=r"^(https?://[^\s/?#][^\s]*)?$")]

Moment = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]

Language = Annotated[str, Field(max_length=35, pattern=f"^{_TAG}$"), BeforeValidator(_language)]
"""A BCP 47 tag, of which the primary subtag and the script are kept."""

Languages = Annotated[list[Language], Field(min_length=1, max_length=100)]

LanguageOrBlank = Annotated[
    str, Field(max_length=35, pattern=f"^({_TAG})?$"), BeforeValidator(_language)
]

Word = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(scrub)]
"""Part of a query, which no body reader has scrubbed."""

ItemId = Annotated[str, Field(pattern=f"^{ITEM_ID.pattern}$")]

Reach = Annotated[int, Field(strict=True, ge=0, le=MAX_REACH)]

Flag = Annotated[bool, Field(strict=True)]

Version = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]

Note = Annotated[str, Field(max_length=MAX_NOTE_CHARACTERS)]


def _only(names: type[StrEnum]) -> BeforeValidator:
    """Refuses other fields without naming them: an error never repeats what was sent."""
    listed = {name.value for name in names}

    def check(value: object) -> object:
        if isinstance(value, dict) and not listed.issuperset(value):
            raise ValueError(f"expected no other fields than {', '.join(sorted(listed))}")
        return value

    return BeforeValidator(check)


class LabelVerdicts(Answer):
    """Each label true, false, or null where it cannot be told."""

    smuggling_service: Flag | None
    fake_job: Flag | None


JudgedLabels = Annotated[LabelVerdicts, _only(Label)]

JudgedFacets = Annotated[dict[Facet, Flag], _only(Facet)]
