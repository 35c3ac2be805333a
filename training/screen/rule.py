"""Chooses what a screen may clear, from what it says out of fold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from classifier.calibration import BetaCalibration
from classifier.labels import LABELS, Label
from classifier.screen import ScreenRule
from data.records import Example
from evaluation.bootstrap import Estimate
from evaluation.calibration import fit_calibration
from evaluation.errors import TooFewRowsError
from evaluation.guarantee import control_risk
from evaluation.rare import estimate_rare

RISK = 0.005
"""Of the posts that the encoder flags, the share that the screen may clear, as a point value."""

HIGHEST_RISK = 0.01
"""The same as an exact 95 % upper bound."""

FEWEST_POSITIVES = 100
"""A script with fewer flagged posts as evidence goes to the encoder whole."""

LABELLED = ("corpus", "emscad")
"""Sources whose rows are evidence of what is lost."""

Floats = npt.NDArray[np.float64]


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
    (`evaluation.guarantee`), and the cut lowered until share and exact bound hold over rows too.

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
        if _keeps(found):
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


def _keeps(lost: Estimate) -> bool:
    """Over rows, too, no more is lost than over groups, by which the cut was chosen."""
    return (lost.value is None or lost.value <= RISK) and (
        lost.high is None or lost.high <= HIGHEST_RISK
    )


def _calibrations(logits: Floats, examples: Sequence[Example]) -> dict[Label, BetaCalibration]:
    curves = {}
    groups = [example.group for example in examples]
    for index, label in enumerate(LABELS):
        truths = [example.labels[label] for example in examples]
        curves[label] = fit_calibration(logits[:, index], truths, groups).calibration
    return curves
