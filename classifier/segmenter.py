"""Cuts normalised texts into pieces as the model's tokenizer does, at a seventh of its cost.

`tokenizers` spends most of its time on a text's bookkeeping, not on the Unigram model; in
SentencePiece's own library the same vocabulary gives the same pieces. Only where two ways to cut a
word are worth the same to the last bits ("u uu" or "uu u") may it take the other one, so a model
is to be run by this one alone.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, chain, pairwise
from pathlib import Path
from typing import Self

from sentencepiece import SentencePieceProcessor

from classifier.tokenizer import BOS, EOS, PAD, SPECIAL_PIECES, UNKNOWN

_NORMAL, _UNKNOWN, _CONTROL = 1, 2, 3
_UNIGRAM = 1
_SCORE = b"\x15"
"""What opens field 2 of a piece, a float."""


@dataclass(frozen=True, slots=True)
class Segments:
    """A text's pieces: their numbers, and where each stands in the text, in code points.

    A span may take in the white space before the piece; none is empty.
    """

    ids: list[int]
    spans: list[tuple[int, int]]


class Segmenter:
    """A Unigram vocabulary at work. Safe to call from several threads, which run side by side."""

    def __init__(self, pieces: Iterable[tuple[str, float]]) -> None:
        """`pieces` (piece, log probability), the four special ones first, as in the tokenizer."""
        self._processor = SentencePieceProcessor(model_proto=_model_proto(pieces))

    @classmethod
    def load(cls, tokenizer: Path) -> Self:
        """The vocabulary of a model folder's tokenizer file."""
        return cls(json.loads(tokenizer.read_bytes())["model"]["vocab"])

    def ids(self, texts: Sequence[str], *, threads: int = 1) -> list[list[int]]:
        """The pieces of each text. `threads` of them are cut at once."""
        found: list[list[int]] = self._processor.encode(
            [_unbroken(text) for text in texts], out_type=int, num_threads=threads
        )
        return found

    def segments(self, text: str) -> Segments:
        """The same pieces of a text, and where they stand."""
        unbroken = _unbroken(text)
        ends = accumulate(len(piece) for piece in self._processor.encode(unbroken, out_type=str))
        # The first piece begins with the mark that was put before the text: where it is nothing
        # but that, it stands on the letter after it.
        spans = [
            (start := max(before - 1, 0), max(end - 1, start + 1))
            for before, end in pairwise(chain((0,), ends))
        ]
        return Segments(self._processor.encode(unbroken, out_type=int), spans)


def _unbroken(text: str) -> str:
    """A line break counts as a space, as it did in pretraining."""
    return text.replace("\n", " ")


def _model_proto(pieces: Iterable[tuple[str, float]]) -> bytes:
    """The vocabulary as a `ModelProto` of sentencepiece_model.proto; texts come normalised."""
    special = {number: _number(3, _CONTROL) for number in range(len(SPECIAL_PIECES))}
    special[UNKNOWN] = _number(3, _UNKNOWN)
    normal = _number(3, _NORMAL)
    as_float = struct.Struct("<f").pack
    fields: list[bytes] = []
    for number, (piece, score) in enumerate(pieces):
        name = piece.encode()
        kind = special.get(number, normal)
        entry = b"".join((_opening(len(name)), name, _SCORE, as_float(score), kind))
        fields += (_opening(len(entry)), entry)
    trainer = _number(3, _UNIGRAM)
    for field, number in ((40, UNKNOWN), (41, BOS), (42, EOS), (43, PAD)):
        trainer += _number(field, number)
    # Neither a normalisation map nor squeezed white space, but the mark before the first word.
    normaliser = _bytes(1, b"identity") + _number(3, 1) + _number(4, 0) + _number(5, 1)
    return b"".join((*fields, _bytes(2, trainer), _bytes(3, normaliser)))


@cache
def _opening(length: int) -> bytes:
    """What comes before so many bytes of field 1: few of a hundred thousand lengths differ."""
    return _varint(1 << 3 | 2) + _varint(length)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; all but the last have the highest bit set."""
    if value < 0x80:
        return bytes((value,))
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
