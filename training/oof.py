"""Out-of-fold scores: each corpus row scored by a model that never saw its group."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from classifier.calibration import sigmoid
from classifier.labels import LABELS
from data.partition import FOLDS, HELD_OUT_SOURCES
from data.records import Example
from data.splits import SPLITS, load_manifest, load_split
from training.fit import fit
from training.fitted import add_lexical_part, load_fitted, save_fitted
from training.float_model import float_logits
from training.lexical import fit_lexical_part
from training.prepare import new_model, prepare, training_batches, validation_batches
from training.recipe import Recipe
from training.run import say

_STOPPING_EVERY = 12


def out_of_fold(
    recipe: Recipe, data: Path, out: Path, folds: Sequence[int] = range(FOLDS)
) -> Path | None:
    """Train `recipe` once for each fold and score the fold's corpus rows with the float model.

    All splits take part, but for the sources that no model may learn from: a fold's rows are test
    rows to its model. Every twelfth group of the rest watches for the best step. A finished fold is
    kept, so a broken run goes on where it was, and `folds` can be shared out among several
    processes.

    Returns a JSON Lines file with the rows' probabilities before calibration, None while some
    fold is still to come.
    """
    paths = [out / f"fold-{fold}.jsonl" for fold in range(FOLDS)]
    missing = [fold for fold in folds if not paths[fold].is_file()]
    if missing:
        examples = [
            example
            for name in SPLITS
            for example in load_split(data, name)
            if example.source not in HELD_OUT_SOURCES
        ]
        data_hash = load_manifest(data)["hash"]
        for fold in missing:
            say(f"fold {fold}")
            _one_fold(recipe, examples, fold, data_hash, out / f"fold-{fold}", paths[fold])
    if not all(path.is_file() for path in paths):
        return None
    joined = out / "out-of-fold.jsonl"
    joined.write_text("".join(path.read_text(encoding="utf-8") for path in paths), "utf-8")
    return joined


def _one_fold(
    recipe: Recipe,
    examples: Sequence[Example],
    fold: int,
    data_hash: str,
    folder: Path,
    path: Path,
) -> None:
    left_out = [e for e in examples if e.fold == fold and e.source == "corpus"]
    rest = [e for e in examples if e.fold != fold]
    watching = {
        group
        for number, group in enumerate(sorted({e.group for e in rest}))
        if number % _STOPPING_EVERY == 0
    }
    train = [e for e in rest if e.group not in watching]
    watched = [e for e in rest if e.group in watching]
    prepared = prepare(train, recipe)
    model = new_model(prepared, recipe)
    result = fit(
        model,
        training_batches(train, prepared, recipe),
        validation_batches(watched, prepared, recipe),
        recipe,
        folder / "checkpoints",
        identity=f"{recipe.fingerprint()} {data_hash} fold {fold}",
    )
    save_fitted(folder / "fitted", model, prepared, recipe, result, data_hash)
    lexical = fit_lexical_part(load_fitted(folder / "fitted"), train, watched, recipe)
    add_lexical_part(folder / "fitted", lexical)
    logits = float_logits(load_fitted(folder / "fitted"), [e.text for e in left_out])
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        for example, row in zip(left_out, sigmoid(logits), strict=True):
            scores = {label.value: round(float(row[i]), 6) for i, label in enumerate(LABELS)}
            file.write(json.dumps({"id": example.id, "fold": fold, **scores}) + "\n")
    part.replace(path)
