"""What a model should beat: a keyword lexicon, TF-IDF, frozen embeddings, the model before."""

from __future__ import annotations

from evaluation.baselines.sources import (
    BASELINES,
    BEFORE,
    FROZEN,
    LEXICON,
    TFIDF,
    BaselineSources,
)

__all__ = ["BASELINES", "BEFORE", "FROZEN", "LEXICON", "TFIDF", "BaselineSources"]
