"""Gives a published model its screen: ask the encoder, fit, choose what it may clear, write it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track
from safetensors.numpy import load_file, save_file

from classifier import artifact
from classifier.artifact import Manifest, file_hash, read_manifest
from classifier.classifier import Classifier
from classifier.labels import LABELS
from classifier.screen import Screen, ScreenRule
from classifier.segmenter import Segmenter
from classifier.word_table import WordTable
from data.records import Example
from data.splits import load_manifest, load_split
from evaluation.errors import TooFewRowsError
from training.card import with_screen
from training.distillation.shown import Shown, show
from training.publish import rewrite
from training.recipe import ScreenPlan
from training.screen.fitting import Effort, Fitted, fit_screens
from training.screen.lesson import Encoder, Lesson
from training.screen.rule import choose_rule
from training.screen.scripts import scripts_of_pieces
from training.screen.student import StudentSize, Tensors

LESSON, FITTED = "lesson.npz", "fitted.safetensors"
"""The files between the steps."""

_CHUNK = 2_048
_SEED = 0


def put_screen(
    folder: Path, data: Path, plan: ScreenPlan, between: Path, *, resume: bool = False
) -> None:
    """Distil a screen for the model in `folder` and write it there; none where the rows are too few
    to promise anything.

    The files between the steps go to `between`; `resume` goes on from those it finds there.

    Raises CheckpointError where they are of another model, other data or another plan.
    """
    between.mkdir(parents=True, exist_ok=True)
    known = [e for name in ("train", "validation", "calibration") for e in load_split(data, name)]
    shown = show(known, plan.public_rows)
    model, build = read_manifest(folder).model, load_manifest(data)["hash"][:12]
    identity = f"{model} {build} {plan.public_rows}"
    if resume and (between / LESSON).is_file():
        lesson = Lesson.load(between / LESSON, identity)
    else:
        _say("distilling the screen: the encoder is asked about all that is not test")
        lesson = teach(folder, shown)
        lesson.save(between / LESSON, identity)
    identity += f" {plan}"
    if not (resume and (between / FITTED).is_file()):
        fit_lesson(folder, lesson, plan).save(between / FITTED, identity)
    fitted = Fitted.load(between / FITTED, identity)
    try:
        rule = rule_of(folder, lesson, fitted, shown.examples)
    except TooFewRowsError as error:
        _say(f"no screen: {error}")
        return
    support = {**rule.support, "taught_by": model}
    add_screen(folder, fitted.tensors, replace(rule, support=support))


def teach(folder: Path, shown: Shown) -> Lesson:
    """Ask the encoder about every text: some hundred a second and core."""
    classifier = Classifier.load(folder, screen=False)
    texts = shown.texts
    logits = [
        classifier.logits(texts[at : at + _CHUNK])[:, : len(LABELS)]
        for at in track(
            range(0, len(texts), _CHUNK), "asking the encoder", console=Console(stderr=True)
        )
    ]
    manifest = classifier.manifest
    return Lesson(
        encoder=encoder_of(manifest),
        texts=shown.as_texts(
            Segmenter.load(folder / artifact.TOKENIZER).ids(texts), manifest.window
        ),
        logits=np.concatenate(logits).astype(np.float32),
        examples=len(shown.examples),
    )


def encoder_of(manifest: Manifest) -> Encoder:
    return Encoder(
        layers=manifest.encoder.layers,
        heads=manifest.encoder.heads,
        layer_norm_eps=manifest.encoder.layer_norm_eps,
        window=manifest.window,
        calibration=manifest.calibration,
        review={label: manifest.thresholds[label].review for label in LABELS},
    )


def fit_lesson(folder: Path, lesson: Lesson, plan: ScreenPlan) -> Fitted:
    """Fit screens to the lesson, with the weights of the model in `folder`."""
    _, scripts = _scripts(folder)
    return fit_screens(
        lesson,
        load_file(folder / artifact.WEIGHTS),
        scripts,
        StudentSize(plan.projected, plan.channels, plan.mixed),
        Effort(plan.variations, plan.epochs, plan.repeats, _SEED),
    )


def rule_of(
    folder: Path, lesson: Lesson, fitted: Fitted, examples: Sequence[Example]
) -> ScreenRule:
    """What the fitted screen may clear, by what the others said out of fold.

    Raises TooFewRowsError where no cut keeps the promise.
    """
    names, _ = _scripts(folder)
    words = WordTable(load_file(folder / artifact.WEIGHTS)["word.blocks"])
    unruled = ScreenRule(np.inf, names, (), {}, {})
    rows = [lesson.texts.rows.row(number).tolist() for number in range(lesson.examples)]
    of_row = Screen(fitted.tensors, unruled, words).scripts(rows)
    excess = lesson.encoder.excess(lesson.logits[: lesson.examples])
    rule = choose_rule(
        fitted.out_of_fold,
        np.asarray((excess >= 0).any(axis=1)),
        examples,
        [names[number] for number in of_row],
    )
    return replace(rule, scripts=names)


def add_screen(folder: Path, tensors: Tensors, rule: ScreenRule) -> Manifest:
    """Write the screen into a model folder; the manifest that names it comes last."""
    manifest = artifact.read_manifest(folder)
    path = folder / artifact.SCREEN
    save_file({name: np.ascontiguousarray(values) for name, values in tensors.items()}, path)
    path.chmod(0o644)
    files = {**manifest.files, artifact.SCREEN: file_hash(path)}
    final = replace(manifest, files=files, screen=rule)
    card = (folder / artifact.CARD).read_text(encoding="utf-8")
    rewrite(folder, final, with_screen(card, rule))
    return final


def _scripts(folder: Path) -> tuple[tuple[str, ...], npt.NDArray[np.uint8]]:
    vocabulary = json.loads((folder / artifact.TOKENIZER).read_bytes())["model"]["vocab"]
    return scripts_of_pieces([piece for piece, _ in vocabulary])


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
