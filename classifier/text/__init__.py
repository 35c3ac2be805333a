"""Text as every part of the project sees it: one normalisation for training and scoring."""

from classifier.text.pipeline import (
    Change,
    NormalisedText,
    normalise,
    normalise_all,
    normalise_with_offsets,
)

__all__ = ["Change", "NormalisedText", "normalise", "normalise_all", "normalise_with_offsets"]
