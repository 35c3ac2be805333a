"""The lesson: texts as token ids, and what the encoder says of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from classifier.calibration import BetaCalibration
from classifier.labels import LABELS, Label
from classifier.rows import rows_of
from classifier.windows import WindowShape
from training.distillation.texts import Texts
from training.errors import CheckpointError

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Encoder:
    """What of an encoder's manifest tells how it reads a text and when it flags one."""

    layers: int
    heads: int
    layer_norm_eps: float
    window: WindowShape
    calibration: Mapping[Label, BetaCalibration]
    review: Mapping[Label, float]

    def excess(self, logits: Floats) -> npt.NDArray[np.float64]:
        """Log odds `[texts, labels]` less those of the review thresholds: 0 and more is flagged."""
        columns = [
            _log_odds(self.calibration[label].apply(logits[:, index]))
            - _log_odds(np.array(self.review[label]))
            for index, label in enumerate(LABELS)
        ]
        return np.stack(columns, axis=1)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        table = json.loads(text)
        return cls(
            **{key: table[key] for key in ("layers", "heads", "layer_norm_eps")},
            window=WindowShape(**table["window"]),
            calibration={la: BetaCalibration(**table["calibration"][la]) for la in LABELS},
            review={label: table["review"][label] for label in LABELS},
        )


@dataclass(frozen=True, slots=True)
class Lesson:
    """Texts, of which the first `examples` are rows of the data, the others disguises of such.

    `logits` `[texts, labels]` are the encoder's, uncalibrated.
    """

    encoder: Encoder
    texts: Texts
    logits: npt.NDArray[np.float32]
    examples: int

    def save(self, path: Path, identity: str) -> None:
        """`identity` tells of which model and data this is the lesson."""
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            np.savez_compressed(
                file,
                identity=np.array(identity),
                encoder=np.array(self.encoder.to_json()),
                ids=self.texts.rows.ids.astype(np.int32),
                lengths=self.texts.rows.lengths.astype(np.int32),
                folds=self.texts.folds,
                is_own=self.texts.is_own,
                logits=self.logits,
                examples=np.array(self.examples),
            )
        unfinished.replace(path)

    @classmethod
    def load(cls, path: Path, identity: str) -> Self:
        """Raises CheckpointError where the file is of another `identity`."""
        with np.load(path) as kept:
            if (found := str(kept["identity"])) != identity:
                raise CheckpointError(
                    f"{path} was made for {found}, expected {identity}; leave out --resume to ask "
                    "the encoder anew"
                )
            encoder = Encoder.from_json(str(kept["encoder"]))
            return cls(
                encoder=encoder,
                texts=Texts(
                    rows_of(kept["ids"].astype(np.int64), kept["lengths"].astype(np.int64)),
                    kept["folds"],
                    kept["is_own"],
                    encoder.window.size - 2,
                ),
                logits=kept["logits"],
                examples=int(kept["examples"]),
            )


def _log_odds(probabilities: Floats) -> npt.NDArray[np.float64]:
    return np.asarray(np.log(probabilities) - np.log1p(-probabilities))
