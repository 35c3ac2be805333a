"""Writes the model card from the manifest, so that it cannot say anything else."""

from __future__ import annotations

from classifier.artifact import Manifest
from classifier.labels import LABELS
from classifier.screen import ScreenRule
from evaluation.markers import BEGIN, empty_block

_SCREEN = "## The screen"

_INTENDED = """\
## What it is for

It scores posts and adverts for two labels of the project's policy, so that a **person** looks at
the likely ones first:

- `smuggling_service`: offers, brokers or recruits for unlawful crossings, papers or status;
- `fake_job`: offers work deceptively.

## What it must not be used for

- to remove, report or punish without a person's decision;
- to judge an author, a nationality, a language, a religion or a migration status: it reads one
  text, and none of these is evidence under the policy;
- to find or act against people who ask for help or for a way: that is demand, and label 0;
- on images, audio or video, or on text in languages it was not measured on, as if it had been.
"""

_LIMITS = """\
## Known limits

- The corpus is written by hand. Its class balance says nothing about prevalence, and its own test
  split flatters a model. There is no public set of real smuggling adverts to test on.
- Real labelled fake-job adverts are English and from 2012-2014, or Russian chat spam.
- Languages with few rows are weaker, and native speakers have not reviewed the rarest.
- A score is calibrated on data like the calibration split; elsewhere, recalibrate.
- Figures by language and slice: `lurewatch evaluate` writes them to `report.html`.
"""


def model_card(manifest: Manifest) -> str:
    """The README.md of a model folder."""
    recipe = manifest.facts["recipe"]
    fit = manifest.facts["fit"]
    sections = [
        f"# {manifest.model}\n",
        f"Policy version {manifest.policy}. Base: `{recipe['base']}` ({manifest.base}), "
        f"{manifest.encoder.layers} layers, {manifest.encoder.width} wide, "
        f"{recipe['vocabulary']['size']:,} of its pieces kept. Fine-tuned by recipe "
        f"`{recipe['name']}`, seed {recipe['seed']}, {fit['steps']:,} of {fit['planned']:,} "
        f"steps; best mean average precision on validation {fit['validation']:.3f}. "
        f"{_depth(manifest)}"
        f"Data build `{manifest.data[:12]}`. Licence: Apache-2.0 (base model MIT).\n",
        _INTENDED,
        _calibration(manifest),
        _parity(manifest),
        f"Languages it names: {', '.join(manifest.languages)}.\n",
        empty_block(),
        _LIMITS,
    ]
    return "\n".join(sections)


def _depth(manifest: Manifest) -> str:
    teacher = manifest.facts.get("distilled_from")
    if teacher is None:
        return ""
    return f"That was with {teacher['layers']} layers, which then taught the present ones. "


def _calibration(manifest: Manifest) -> str:
    lines = [
        "## Calibration and thresholds\n",
        "Fitted on the calibration split, which nothing else uses. `review` is the highest "
        "threshold under which, by conformal risk control over contrast groups, at most 3 % of a "
        "label's positives are expected to fall on data like that split; `priority` the lowest "
        "with precision of at least 0.95 after reweighting to 1 % positives.\n",
        "| label | calibration | review | priority | positives | negatives |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for label in LABELS:
        support = manifest.facts["calibration_support"][label.value]
        thresholds = manifest.thresholds[label]
        priority = "none" if thresholds.priority is None else f"{thresholds.priority:.4f}"
        lines.append(
            f"| `{label.value}` | {manifest.calibration[label].kind} | {thresholds.review:.4f} "
            f"| {priority} | {support['positives']:,} | {support['negatives']:,} |"
        )
    return "\n".join(lines) + "\n"


def _parity(manifest: Manifest) -> str:
    parity = manifest.facts["parity_with_float"]
    lines = [
        "## The runtime beside the float model\n",
        f"Int8 weights against float32, on the {parity['rows']:,} labelled test rows: "
        f"{parity['route_flips']} rows change route.\n",
    ]
    for name, figures in parity["labels"].items():
        lines.append(
            f"- `{name}`: largest difference of probability {figures['largest']:.4f}, mean "
            f"{figures['mean']:.5f}, {figures['flips']} flips"
        )
    return "\n".join(lines) + "\n"


def with_screen(card: str, rule: ScreenRule) -> str:
    """The model card with what is to be known of the screen, before its figures."""
    support = rule.support
    section = (
        f"{_SCREEN}\n\nA small model distilled from {support.get('taught_by', 'the encoder')} "
        "clears posts before the encoder: per-token and pair weights and two convolutions over "
        "the word rows. Its cut was chosen by conformal risk control on scores of screens that "
        "had not seen the row's fold"
    )
    if "lost_share_high" in support:
        section += (
            f": of {support['flagged']:,} rows that the encoder flags it clears "
            f"{support['lost']:,} ({support['lost_share']:.2%}, at most "
            f"{support['lost_share_high']:.2%} with 95 % certainty), on data like the corpus"
        )
    section += (
        f". Only texts mostly in {', '.join(rule.evidenced)} letters are cleared; others go to the "
        "encoder. `--stage encoder` and `LUREWATCH_SCREEN=0` switch it off.\n\n"
    )
    before, mark, after = card.partition(BEGIN)
    return before.partition(_SCREEN)[0] + section + mark + after
