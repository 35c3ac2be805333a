"""One row of an input file: a post to score, or the reason why it is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from classifier.errors import InputError, MalformedRowError
from classifier.records import Post, Rejection

FIELDS = ("text", "id", "title")
"""What is read from a row; every other field is ignored."""

_SHOWN_NAMES = 12
_SHOWN_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Row:
    """`line` is the 1-based line that the row starts on; in Parquet, the number of the row."""

    line: int
    item: Post | Rejection


def row_from_fields(fields: Mapping[str, object], line: int) -> Row:
    """Check one row's fields. An absent, null or empty `id` becomes the line number."""
    row_id = str(line)
    try:
        row_id = _row_id(fields.get("id"), line)
        return Row(line, Post(row_id, _text(fields), _title(fields.get("title"))))
    except InputError as error:
        return Row(line, Rejection(row_id, error, line))


def rejected(error: InputError, line: int) -> Row:
    """Build the row for a line whose fields could not even be read."""
    return Row(line, Rejection(str(line), error, line))


def shown_names(names: Iterable[str]) -> str:
    """List field names for a message: a few, cut short, since a hostile file chose them."""
    listed = [f"`{_encodable(name[:_SHOWN_CHARACTERS])}`" for name in names]
    shown = ", ".join(listed[:_SHOWN_NAMES]) or "none"
    return f"{shown} and {len(listed) - _SHOWN_NAMES} more" if len(listed) > _SHOWN_NAMES else shown


def _row_id(value: object, line: int) -> str:
    if value is None or value == "":
        return str(line)
    if isinstance(value, str):
        return _encodable(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise MalformedRowError(
        f"expected a string or a whole number in `id`, found {_json_type(value)}"
    )


def _text(fields: Mapping[str, object]) -> str:
    value = fields.get("text")
    if value is None:
        raise MalformedRowError(f"expected a field `text`, found {shown_names(fields)}")
    if not isinstance(value, str):
        raise MalformedRowError(f"expected a string in `text`, found {_json_type(value)}")
    return value


def _title(value: object) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise MalformedRowError(f"expected a string in `title`, found {_json_type(value)}")
    return value


def _encodable(text: str) -> str:
    # JSON can spell half a surrogate pair, and no output encoding can write one.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _json_type(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "a whole number"
    if isinstance(value, float):
        return "a decimal"
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, dict) else type(value).__name__
