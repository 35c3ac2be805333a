"""The same sentences in another order."""

from __future__ import annotations

import re

import numpy as np

from evaluation.attacks.attack import Attack

# A full stop ends a sentence only before white space: "3.500" is one number.
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?؟…])\s+|(?<=[。！？।۔።])|\n+")
_BETWEEN_CLAUSES = re.compile(r"(?<=[,;:،؛|/])\s+|(?<=[，、；])|\s+[-–—]\s+")


def sentence_shuffle(text: str, generator: np.random.Generator) -> str:
    """Sentences change places; in a text of one sentence its clauses do."""
    for pattern in (_BETWEEN_SENTENCES, _BETWEEN_CLAUSES):
        pieces = [piece for piece in pattern.split(text) if piece.strip()]
        if len(pieces) > 1:
            order = generator.permutation(len(pieces))
            if (order == np.arange(len(pieces))).all():
                order = np.roll(order, 1)
            return " ".join(pieces[place] for place in order)
    return text


SENTENCE_SHUFFLE = Attack(
    "sentence_shuffle", "the sentences in another order", sentence_shuffle, in_training=False
)
