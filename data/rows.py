"""Strict JSONL: every row is checked against its schema and every fault is reported at once."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from data.errors import RowFault, SchemaError, SourceError

T = TypeVar("T")


class InvalidRowError(Exception):
    """Raised by a row parser; `messages` says all that is wrong with the row."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


class RowFields:
    """Takes the fields of one row, noting each fault so that one pass finds them all.

    A field that is at fault comes back as a harmless value of its type; `finish` raises
    `InvalidRowError` before it can be used.
    """

    def __init__(self, row: dict[str, Any]) -> None:
        self._row = row
        self._taken: set[str] = set()
        self.faults: list[str] = []

    def _take(self, key: str) -> Any:
        self._taken.add(key)
        if key not in self._row:
            self.faults.append(f"`{key}` is missing")
            return None
        return self._row[key]

    def text(self, key: str) -> str:
        """A string with something in it."""
        return self.optional_text(key, required=True) or ""

    def optional_text(self, key: str, *, required: bool = False) -> str | None:
        """A string with something in it, or null unless `required`."""
        missing = key not in self._row
        value = self._take(key)
        if value is None and (missing or not required):
            return None
        if not isinstance(value, str):
            self.faults.append(f"`{key}` must be a string, found {_shown(value)}")
            return None
        if not value.strip():
            self.faults.append(f"`{key}` is blank")
        return value

    def choice(self, key: str, allowed: Collection[str]) -> str:
        value = self.text(key)
        if value and value not in allowed:
            self.faults.append(
                f"`{key}` must be one of {', '.join(sorted(allowed))}, found {value!r}"
            )
        return value

    def optional_choice(
        self, key: str, allowed: Collection[str], *, absent: bool = False
    ) -> str | None:
        """One of `allowed` or null; with `absent` the field may be left out too."""
        if absent and key not in self._row:
            return None
        value = self._take(key)
        if value is None or (isinstance(value, str) and value in allowed):
            return value
        self.faults.append(
            f"`{key}` must be null or one of {', '.join(sorted(allowed))}, found {_shown(value)}"
        )
        return None

    def label(self, key: str) -> bool | None:
        """1, 0, or null for unknown."""
        value = self._take(key)
        if type(value) is int and value in (0, 1):
            return bool(value)
        if value is not None:
            self.faults.append(f"`{key}` must be 0, 1 or null, found {_shown(value)}")
        return None

    def flag(self, key: str) -> bool | None:
        """True, false or null."""
        value = self._take(key)
        if value is not None and not isinstance(value, bool):
            self.faults.append(f"`{key}` must be true, false or null, found {_shown(value)}")
            return None
        return value

    def whole_number(self, key: str) -> int | None:
        value = self._take(key)
        if value is not None and type(value) is not int:
            self.faults.append(f"`{key}` must be a whole number or null, found {_shown(value)}")
            return None
        return value

    def mapping(self, key: str) -> RowFields:
        """An object, whose own fields are taken from what is returned; then `absorb` it."""
        value = self._take(key)
        if not isinstance(value, dict):
            if key in self._row:
                self.faults.append(f"`{key}` must be an object, found {_shown(value)}")
            value = {}
        return RowFields(value)

    def absorb(self, key: str, inner: RowFields) -> None:
        """Count the faults of an object's fields as faults of the row."""
        try:
            inner.finish()
        except InvalidRowError as error:
            self.faults.extend(f"in `{key}`: {message}" for message in error.messages)

    def value(self, key: str) -> Any:
        """Whatever JSON stands there, to be handed on as it is."""
        return self._take(key)

    def ignore(self, keys: Collection[str]) -> None:
        """Fields that are known and not used here."""
        self._taken.update(keys)

    def finish(self) -> None:
        """Raises InvalidRowError when a field was at fault or one is left that nobody knows."""
        unknown = sorted(set(self._row) - self._taken)
        self.faults.extend(f"`{key}` is not a known field" for key in unknown)
        if self.faults:
            raise InvalidRowError(self.faults)


@dataclass(frozen=True, slots=True)
class Scan(Generic[T]):
    """The rows of a file that fit, each with its line number, and what is wrong with the others."""

    rows: list[tuple[int, T]]
    faults: list[RowFault]


def scan_rows(path: Path, parse: Callable[[RowFields, int], T]) -> Scan[T]:
    """Parse a JSONL file, gzip-compressed where the name ends in .gz, to its end.

    `parse` gets the fields and the line number, counted from 1. Raises SourceError when the file
    itself cannot be read.
    """
    scan: Scan[T] = Scan([], [])
    for number, line in _lines(path):
        try:
            scan.rows.append((number, parse(RowFields(_object(line)), number)))
        except InvalidRowError as error:
            scan.faults.extend(RowFault(path, number, message) for message in error.messages)
    return scan


def read_rows(path: Path, parse: Callable[[RowFields, int], T]) -> list[T]:
    """As `scan_rows`, but raises SchemaError with the faults of all rows if there are any."""
    scan = scan_rows(path, parse)
    if scan.faults:
        raise SchemaError(scan.faults)
    return [row for _, row in scan.rows]


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield from enumerate(file, start=1)
    except (OSError, EOFError) as error:
        raise SourceError(f"{path} cannot be read: {error}") from error


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidRowError([f"not UTF-8 at byte {error.start}"]) from error
    except json.JSONDecodeError as error:
        reason = f"not JSON: {error.msg} at column {error.colno}"
        raise InvalidRowError([reason]) from error
    except RecursionError as error:
        raise InvalidRowError(["not JSON: nested too deeply"]) from error
    if not isinstance(value, dict):
        raise InvalidRowError([f"must be a JSON object, found {_shown(value)}"])
    return value


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}..."
