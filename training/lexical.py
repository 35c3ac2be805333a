"""The lexical part of a fitted model: made once the encoder is, so that the two can be weighed."""

from __future__ import annotations

from collections.abc import Sequence

from classifier.labels import LABELS
from data.records import Example
from training.encode import token_ids
from training.fitted import FittedModel, LexicalPart
from training.float_model import encoder_logits
from training.ngrams import choose_says, fit_ngrams, with_says
from training.recipe import Recipe


def fit_lexical_part(
    fitted: FittedModel, train: Sequence[Example], validation: Sequence[Example], recipe: Recipe
) -> LexicalPart:
    """Fit it on the training rows; its say is chosen on the labelled validation rows."""
    tensors = fit_ngrams(train, fitted.tokenizer, recipe.ngrams, recipe.seed)
    if not tensors:
        return LexicalPart({}, {})
    judged = [example for example in validation if example.source in recipe.sampling.share]
    texts = [example.text for example in judged]
    ids = token_ids(fitted.tokenizer, texts)
    says = choose_says(tensors, encoder_logits(fitted, texts), judged, ids)
    return LexicalPart(with_says(tensors, says), dict(zip(LABELS, says, strict=True)))
