"""Chooses which rows of the data a student is shown, and disguises some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.rows import end_to_end
from classifier.windows import WindowShape
from data.records import Example
from training.augment import disguise
from training.distillation.texts import Texts

OWN_SOURCES = ("corpus", "emscad", "govuk_visa", "job_sentences_uk", "tgspam", "sms_mishra_soni")
"""Sources of which every row is shown: adverts, and what is often taken for one."""

_DISGUISED_NEGATIVES = 0.1
_SEED = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """Rows of the data, and disguised copies of some: `disguises` of the examples at `owners`."""

    examples: Sequence[Example]
    disguises: Sequence[str]
    owners: Sequence[int]

    @property
    def texts(self) -> list[str]:
        return [*(example.text for example in self.examples), *self.disguises]

    def as_texts(self, ids: Sequence[Sequence[int]], window: WindowShape) -> Texts:
        """`ids` are the token ids of `texts`."""
        rows = [*self.examples, *(self.examples[owner] for owner in self.owners)]
        return Texts(
            end_to_end(ids),
            folds=np.array([row.fold for row in rows], np.int8),
            is_own=np.array([row.source in OWN_SOURCES for row in rows]),
            room=window.size - 2,
        )


def show(every: Sequence[Example], public_rows: int) -> Shown:
    """Every row of OWN_SOURCES, `public_rows` others, and disguises of all that violate and of some
    that do not.
    """
    rng = np.random.default_rng(_SEED)
    public = [place for place, e in enumerate(every) if e.source not in OWN_SOURCES]
    chosen = set(rng.permutation(public)[:public_rows].tolist())
    examples = [e for place, e in enumerate(every) if e.source in OWN_SOURCES or place in chosen]
    owners = [
        place
        for place, e in enumerate(examples)
        if any(e.labels.values()) or rng.random() < _DISGUISED_NEGATIVES
    ]
    disguises = [disguise(text := examples[place].text, rng) or text for place in owners]
    return Shown(examples, disguises, owners)
