"""Disguises of a text and a search for the one that works: for judging, never for training.

What the model was trained on says little about what it withstands, so nothing here may be imported
by `classifier` or `training`. Training has augmentations of its own (`training/augment.py`);
`Attack.in_training` says which attacks have a like there.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from evaluation.attacks.attack import Attack
from evaluation.attacks.gaps import PUNCTUATION, SPACING, SPLIT_HASHTAGS
from evaluation.attacks.invisible import ZERO_WIDTH
from evaluation.attacks.letters import HOMOGLYPH, LEET
from evaluation.attacks.order import SENTENCE_SHUFFLE
from evaluation.attacks.romanisation import ROMANISATION
from evaluation.attacks.slips import TYPOS
from evaluation.attacks.substitution import CODE_SWITCHING, EMOJI_FOR_WORDS

ATTACKS: Mapping[str, Attack] = MappingProxyType(
    {
        attack.name: attack
        for attack in (
            ZERO_WIDTH,
            HOMOGLYPH,
            LEET,
            SPACING,
            PUNCTUATION,
            EMOJI_FOR_WORDS,
            SPLIT_HASHTAGS,
            ROMANISATION,
            CODE_SWITCHING,
            TYPOS,
            SENTENCE_SHUFFLE,
        )
    }
)
