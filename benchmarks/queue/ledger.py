"""What the clients were told, kept beside the servers to be held against the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Operation(StrEnum):
    """What a client asked for."""

    SUBMIT = "submit"
    CLAIM = "claim"
    DECIDE = "decide"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing asked for, and what is known of it.

    `item_id` and `version` are those of the answer. `token` is what the client wrote into the
    request, never twice, to find it again: the post's id, or the note of a decision. Where
    `answered` is false the connection broke: it may have happened, or not.
    """

    operation: Operation
    actor: str
    answered: bool
    item_id: str | None = None
    version: int | None = None
    token: str | None = None


class Ledger:
    """Every 2xx answer, and every request whose answer was lost; for one event loop."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)

    def answered(self, operation: Operation) -> Iterator[Entry]:
        return (e for e in self._entries if e.operation is operation and e.answered)

    def lost(self, operation: Operation) -> Iterator[Entry]:
        return (e for e in self._entries if e.operation is operation and not e.answered)

    def __len__(self) -> int:
        return len(self._entries)
