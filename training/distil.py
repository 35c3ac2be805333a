"""Gives a published model its screen: teach, distil out of fold, choose the cut, write it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from classifier import artifact
from classifier.artifact import Manifest, file_hash
from classifier.calibration import UNCALIBRATED, BetaCalibration
from classifier.classifier import Classifier
from classifier.labels import LABELS, Label
from classifier.screen import Screen, ScreenRule
from classifier.segmenter import Segmenter
from classifier.windows import windows_of
from classifier.word_table import WordTable
from data.partition import FOLDS
from data.records import Example
from data.splits import load_split
from evaluation.calibration import fit_calibration
from evaluation.errors import TooFewRowsError
from evaluation.guarantee import control_risk
from evaluation.rare import estimate_rare
from training.augment import disguise
from training.card import with_screen
from training.publish import rewrite
from training.screen import Lesson, Tensors, fit_student, screen_tensors, scripts_of_pieces

RISK = 0.005
"""Of the posts that the encoder flags, the share that the screen may clear, as a point value."""

HIGHEST_RISK = 0.01
"""The same as an exact 95 % upper bound."""

FEWEST_POSITIVES = 100
"""A script with fewer flagged posts as evidence goes to the encoder whole."""

OWN_SOURCES = ("corpus", "emscad", "govuk_visa", "job_sentences_uk", "tgspam", "sms_mishra_soni")
"""Sources of which every row is shown: adverts, and what is often taken for one."""

LABELLED = ("corpus", "emscad")

_DISGUISED_NEGATIVES = 0.1
_CHUNK = 2_048
_SEED = 0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Taught:
    """Texts with what the encoder says of them.

    `owners` tells for each text the row of `examples` that it is, or is a disguise of; the first
    `len(examples)` are the rows themselves. `logits` `[texts, labels]` are the encoder's.
    """

    examples: Sequence[Example]
    texts: Sequence[str]
    owners: npt.NDArray[np.intp]
    logits: Floats


def teach(classifier: Classifier, data: Path, public_rows: int) -> Taught:
    """Ask the encoder about all that is not test: some 65,000 texts, ten minutes on two cores."""
    rng = np.random.default_rng(_SEED)
    every = [e for name in ("train", "validation", "calibration") for e in load_split(data, name)]
    public = [place for place, e in enumerate(every) if e.source not in OWN_SOURCES]
    shown = set(rng.permutation(public)[:public_rows].tolist())
    examples = [e for place, e in enumerate(every) if e.source in OWN_SOURCES or place in shown]
    disguised = [
        place
        for place, e in enumerate(examples)
        if any(e.labels.values()) or rng.random() < _DISGUISED_NEGATIVES
    ]
    texts = [e.text for e in examples]
    texts += [disguise(texts[place], rng) or texts[place] for place in disguised]
    logits = [
        classifier.logits(texts[at : at + _CHUNK])[:, : len(LABELS)]
        for at in range(0, len(texts), _CHUNK)
    ]
    owners = np.concatenate([np.arange(len(examples)), np.array(disguised, np.intp)])
    return Taught(examples, texts, owners, np.concatenate(logits))


def distil(folder: Path, taught: Taught, hidden: int) -> tuple[Tensors, ScreenRule]:
    """The screen of the model in `folder`, and what it may clear.

    Each row is scored by a screen that learnt from no row of its fold. On these scores the cut is
    chosen, and on those of the calibration split the screen's calibration fitted.
    """
    manifest = artifact.read_manifest(folder)
    segmenter = Segmenter.load(folder / artifact.TOKENIZER)
    words = WordTable(load_file(folder / artifact.WEIGHTS)["word.blocks"])
    vocabulary = json.loads((folder / artifact.TOKENIZER).read_bytes())["model"]["vocab"]
    scripts, of_piece = scripts_of_pieces([piece for piece, _ in vocabulary])
    ids = segmenter.ids(taught.texts)
    room = manifest.window.size - 2
    opening = [row[:room] for row in ids]
    means = np.stack([words.rows(np.array(row)).mean(axis=0) for row in opening])
    excess = _log_odds(taught.logits, manifest) - _bars(manifest)
    lesson = Lesson(opening, means, excess)
    provisional = ScreenRule(np.inf, scripts, (), dict.fromkeys(LABELS, UNCALIBRATED), {})

    windows = [windows_of(row, manifest.window) for row in ids]
    folds = np.array([taught.examples[owner].fold for owner in taught.owners])
    out_of_fold = np.zeros((len(taught.examples), len(LABELS)))
    for fold in range(FOLDS):
        student = fit_student(lesson, np.flatnonzero(folds != fold), len(words), hidden, _SEED)
        screen = Screen(screen_tensors(student, of_piece), provisional, words)
        left_out = np.flatnonzero(folds[: len(taught.examples)] == fold)
        out_of_fold[left_out] = _in_chunks(screen, [windows[row] for row in left_out])
    tensors = screen_tensors(
        fit_student(lesson, np.arange(len(ids)), len(words), hidden, _SEED), of_piece
    )
    screen = Screen(tensors, provisional, words)
    rows = ids[: len(taught.examples)]
    of_row = screen.scripts(rows)
    rule = choose_rule(
        out_of_fold,
        np.asarray((excess[: len(taught.examples)] >= 0).any(axis=1)),
        taught.examples,
        [scripts[number] for number in of_row],
    )
    return tensors, replace(rule, scripts=scripts)


def choose_rule(
    logits: Floats,
    flagged: npt.NDArray[np.bool_],
    examples: Sequence[Example],
    scripts: Sequence[str],
) -> ScreenRule:
    """The highest cut that clears few enough of what the encoder flags.

    `logits` `[examples, labels]` are the screen's out of fold, `flagged` says what the encoder
    flags, `scripts` names each text's script group. The evidence are the labelled sources' rows of
    scripts with enough flagged ones; the risk is controlled over contrast groups
    (`evaluation.guarantee`), and the cut lowered until the exact bound holds too.

    Raises TooFewRowsError where no cut holds it.
    """
    labelled = [row for row, example in enumerate(examples) if example.source in LABELLED]
    counts = Counter(scripts[row] for row in labelled if flagged[row])
    evidenced = tuple(sorted(s for s, n in counts.items() if n >= FEWEST_POSITIVES and s != "none"))
    evidence = [row for row in labelled if flagged[row] and scripts[row] in evidenced]
    highest = logits[evidence].max(axis=1, initial=-np.inf)
    groups = [examples[row].group for row in evidence]
    risk = RISK
    while True:
        guarantee = control_risk(highest, [True] * len(evidence), groups, risk)
        if guarantee.threshold is None:
            raise TooFewRowsError(
                f"a screen needs more flagged rows of one script; found {len(evidence):,} in "
                f"scripts with {FEWEST_POSITIVES} or more"
            )
        lost = highest < guarantee.threshold
        found = estimate_rare(lost, groups)
        if found.high is None or found.high <= HIGHEST_RISK:
            break
        risk *= 0.9
    by_script = {
        name: {
            "flagged": counts[name],
            "lost": int(sum(lost[i] for i, row in enumerate(evidence) if scripts[row] == name)),
        }
        for name in evidenced
    }
    return ScreenRule(
        cut=float(guarantee.threshold),
        scripts=(),
        evidenced=evidenced,
        calibration=_calibrations(logits, examples),
        support={
            "risk": risk,
            "flagged": len(evidence),
            "groups": guarantee.groups,
            "lost": int(lost.sum()),
            "lost_share": found.value,
            "lost_share_high": found.high,
            "by_script": by_script,
        },
    )


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


def _calibrations(logits: Floats, examples: Sequence[Example]) -> dict[Label, BetaCalibration]:
    curves = {}
    groups = [example.group for example in examples]
    for index, label in enumerate(LABELS):
        truths = [example.labels[label] for example in examples]
        curves[label] = fit_calibration(logits[:, index], truths, groups).calibration
    return curves


def _log_odds(logits: Floats, manifest: Manifest) -> Floats:
    likely = np.stack(
        [manifest.calibration[label].apply(logits[:, i]) for i, label in enumerate(LABELS)], axis=1
    )
    return np.asarray(np.log(likely) - np.log1p(-likely))


def _bars(manifest: Manifest) -> Floats:
    review = np.array([manifest.thresholds[label].review for label in LABELS])
    return np.asarray(np.log(review) - np.log1p(-review))


def _in_chunks(screen: Screen, texts: Sequence[Sequence[Sequence[int]]]) -> Floats:
    return np.concatenate(
        [screen.worst(texts[at : at + _CHUNK]) for at in range(0, len(texts), _CHUNK)]
    )
