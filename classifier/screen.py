"""The screen: a small model on the encoder's own tokens that clears what is plainly harmless.

A label's logit is a sum of one weight for each token, one for each hashed pair of neighbours, and
what a small network (`classifier.screen_network`) makes of the word rows. The screen was distilled
from the encoder, and its cut is chosen so that hardly a post is cleared that the encoder would
flag; `ScreenRule.support` says on what evidence. Where there is too little of it, for a script or
for a text of unknown pieces, the encoder decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from classifier.calibration import BetaCalibration
from classifier.labels import LABELS, Label
from classifier.rows import Rows, end_to_end
from classifier.screen_network import ScreenNetwork
from classifier.tokenizer import UNKNOWN
from classifier.word_table import WordTable

TOKENS, TOKEN_SCALE, PAIRS, PAIR_SCALE, SCRIPT = (
    "screen.tokens",
    "screen.token_scale",
    "screen.pairs",
    "screen.pair_scale",
    "screen.script",
)
"""Its own tensors in a model folder's `screen.safetensors`, beside the network's."""

PAIR_BITS = 17
"""Pairs of neighbouring tokens share 2 ** PAIR_BITS weights a label."""

PAIR_MIX = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
"""By which the first and the second token of a pair are multiplied, in 64 bits without a sign."""

MOST_UNKNOWN = 0.1
"""Share of unknown pieces from which a text goes to the encoder."""

_DECIMALS = 3
_PAIR_SHIFT = np.uint64(64 - PAIR_BITS)

Floats = npt.NDArray[np.float64]
Windows = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class ScreenRule:
    """What the screen may clear: the manifest's word on it.

    `cut` is the logit at or above which a text goes on to the encoder, `scripts` are the names of
    the script groups by number, and only a text of one of `evidenced` may be cleared.
    `calibration` makes probabilities of the screen's own logits. `support` is for the reader: the
    guarantee, and the counts behind it.
    """

    cut: float
    scripts: tuple[str, ...]
    evidenced: tuple[str, ...]
    calibration: Mapping[Label, BetaCalibration]
    support: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return {
            "cut": self.cut,
            "scripts": list(self.scripts),
            "evidenced": list(self.evidenced),
            "calibration": {k.value: asdict(v) for k, v in self.calibration.items()},
            "support": dict(self.support),
        }

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError or ValueError where the table is no rule."""
        return cls(
            cut=float(table["cut"]),
            scripts=tuple(table["scripts"]),
            evidenced=tuple(table["evidenced"]),
            calibration={label: BetaCalibration(**table["calibration"][label]) for label in LABELS},
            support=table["support"],
        )


class Screen:
    """Safe to call from several threads; what it says of a text depends on that text alone."""

    def __init__(
        self, tensors: Mapping[str, npt.NDArray[Any]], rule: ScreenRule, words: WordTable
    ) -> None:
        self.rule = rule
        self._tokens, self._pairs = tensors[TOKENS], tensors[PAIRS]
        self._token_scale = tensors[TOKEN_SCALE].astype(np.float64)
        self._pair_scale = tensors[PAIR_SCALE].astype(np.float64)
        self._network = ScreenNetwork(tensors, words)
        self._script = tensors[SCRIPT]
        self._may_clear = np.array([name in rule.evidenced for name in rule.scripts])

    def logits(self, windows: Windows) -> Floats:
        """`[windows, labels]` of windows of one token at least."""
        rows = end_to_end(windows)
        ids, starts, lengths = rows.ids, rows.starts, rows.lengths
        follows = np.ones(len(ids), np.bool_)
        follows[starts + lengths - 1] = False
        pairs = np.zeros((len(ids), len(LABELS)), np.int32)
        pairs[follows] = self._pairs[pair_keys(ids[:-1], ids[1:])[follows[:-1]]]
        counted = np.add.reduceat(self._tokens[ids].astype(np.int32), starts) * self._token_scale
        counted += np.add.reduceat(pairs, starts) * self._pair_scale
        logits = counted / np.sqrt(lengths + 2)[:, None] + self._network.logits(windows)
        # A product of matrices differs in its last digits with the number of rows.
        return np.asarray(np.round(logits, _DECIMALS))

    def worst(self, texts: Sequence[Windows]) -> Floats:
        """`[texts, labels]`: of each text, given by its windows, the highest logits of any."""
        if not texts:
            return np.zeros((0, len(LABELS)))
        many = np.fromiter(map(len, texts), np.int64, len(texts))
        logits = self.logits([window for windows in texts for window in windows])
        return np.asarray(np.maximum.reduceat(logits, np.cumsum(many) - many))

    def scripts(self, texts: Windows) -> npt.NDArray[np.intp]:
        """The number of the script group that most of a text's pieces with letters are of; 0 is
        a text without letters.
        """
        return self._scripts(end_to_end(texts))

    def may_clear(self, texts: Windows) -> npt.NDArray[np.bool_]:
        """Which texts are of an evidenced script, and of known pieces nearly all."""
        rows = end_to_end(texts)
        unknown = np.add.reduceat((rows.ids == UNKNOWN).astype(np.int32), rows.starts)
        is_known = unknown < MOST_UNKNOWN * rows.lengths
        return np.asarray(self._may_clear[self._scripts(rows)] & is_known)

    def _scripts(self, rows: Rows) -> npt.NDArray[np.intp]:
        groups = len(self.rule.scripts)
        owners = np.repeat(np.arange(len(rows.lengths)), rows.lengths)
        places = owners * groups + self._script[rows.ids]
        counts = np.bincount(places, minlength=len(rows.lengths) * groups).reshape(-1, groups)
        counts[:, 0] = 0
        return np.asarray(counts.argmax(axis=1))

    def probabilities(self, logits: Floats) -> Floats:
        """The screen's own calibrated estimates `[texts, labels]`."""
        return np.stack(
            [
                self.rule.calibration[label].apply(logits[:, index])
                for index, label in enumerate(LABELS)
            ],
            axis=1,
        )


def pair_keys(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The weight that each pair of neighbouring tokens shares, in [0, 2 ** PAIR_BITS)."""
    mixed = first.astype(np.uint64) * np.uint64(PAIR_MIX[0])
    mixed += second.astype(np.uint64) * np.uint64(PAIR_MIX[1])
    return np.asarray((mixed >> _PAIR_SHIFT).astype(np.int64))
