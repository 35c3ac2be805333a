"""From splits and recipe to what the loop needs: tokenizer, word rows, model, batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer

from classifier.tokenizer import build_tokenizer
from classifier.windows import WindowShape
from classifier.word_table import pack, unpack
from data.languages import language_of
from data.records import Example
from training.base import BaseModel, load_base
from training.encode import FixedBatches, PlannedBatches, token_ids
from training.model import LureModel
from training.recipe import TINY_BASE, Recipe
from training.sampling import draw_epoch, plan_batches, pool_of
from training.vocabulary import VocabularyCut, cut_vocabulary

_SCORE_DECIMALS = 5
"""Of the pieces' log probabilities: what more digits would add is file size."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """`blocks` is the word table in 4-bit blocks, the form in which it also ships."""

    base: BaseModel
    vocabulary: VocabularyCut
    tokenizer: Tokenizer
    blocks: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    window: WindowShape


def prepare(train: Sequence[Example], recipe: Recipe) -> Prepared:
    """Load the base and cut its vocabulary to the texts of the training split."""
    letters = (
        sorted({letter for example in train for letter in example.text})
        if recipe.base == TINY_BASE
        else ()
    )
    base = load_base(recipe.base, recipe.seed, letters)
    texts: dict[str, list[str]] = defaultdict(list)
    written = {language_of(e.language) for e in train if e.source == "corpus"}
    for example in train:
        language = language_of(example.language)
        if language in written:
            texts[language].append(example.text)
    cut = cut_vocabulary(base.pieces, texts, min(recipe.vocabulary.size, len(base.pieces) - 1))
    kept = list(cut.kept)
    return Prepared(
        base=base,
        vocabulary=cut,
        tokenizer=build_tokenizer(
            [
                (piece, round(score, _SCORE_DECIMALS))
                for piece, score in map(base.pieces.__getitem__, kept)
            ]
        ),
        blocks=pack(base.word[kept]),
        window=WindowShape(recipe.shape.window, recipe.shape.overlap),
    )


def new_model(prepared: Prepared, recipe: Recipe) -> LureModel:
    torch.manual_seed(recipe.seed)
    word = torch.from_numpy(unpack(prepared.blocks))
    return LureModel.from_base(
        prepared.base, word, recipe.optimiser.dropout, recipe.optimiser.word_dropout
    )


def training_batches(
    train: Sequence[Example], prepared: Prepared, recipe: Recipe
) -> PlannedBatches:
    """The whole run's batches, all epochs in a row."""
    room = prepared.window.size - 2
    lengths = [
        min(len(ids), room) for ids in token_ids(prepared.tokenizer, [e.text for e in train])
    ]
    plan = [
        batch
        for epoch in range(recipe.sampling.epochs)
        for batch in plan_batches(
            draw_epoch(train, recipe.sampling, recipe.seed, epoch),
            lengths,
            recipe.optimiser.batch,
            recipe.seed,
            [e.group for e in train] if recipe.loss.pair_weight else None,
        )
    ]
    return PlannedBatches(
        train,
        plan,
        prepared.tokenizer,
        prepared.window,
        recipe.sampling.evasion,
        recipe.seed,
        twins=recipe.loss.consistency > 0,
    )


def validation_batches(
    validation: Sequence[Example], prepared: Prepared, recipe: Recipe
) -> FixedBatches:
    """All validation rows of the pools with a share of their own, and some public ones."""
    pools = tuple(pool for pool in recipe.sampling.share if pool != "public")
    own = [e for e in validation if pool_of(e, pools) in pools]
    public = [e for e in validation if pool_of(e, pools) not in pools]
    rng = np.random.default_rng(recipe.seed)
    some = rng.permutation(len(public))[: recipe.stopping.public_rows]
    shown = own + [public[index] for index in sorted(some)]
    return FixedBatches(shown, prepared.tokenizer, prepared.window, 2 * recipe.optimiser.batch)
