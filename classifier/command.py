"""`lurewatch model show` and `lurewatch model verify`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from classifier.artifact import Manifest, read_manifest
from classifier.classifier import Classifier, shipped_model
from classifier.labels import LABELS
from classifier.records import Score
from classifier.screen import ScreenRule


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, told in (
        ("show", "what the model is: labels, thresholds, calibration, base, data, files"),
        ("verify", "check every hash, load the model and score a text with it"),
    ):
        action = actions.add_parser(name, help=told, description=told)
        action.add_argument(
            "--model", type=Path, metavar="DIR", help="a model folder (default: the shipped one)"
        )
        if name == "show":
            action.add_argument("--json", action="store_true", help="print the manifest itself")


def run(args: argparse.Namespace) -> int:
    folder: Path = args.model or shipped_model()
    manifest = read_manifest(folder)
    if args.action == "verify":
        (answer,) = Classifier.load(folder, threads=1).score(["A seat in a boat"])
        if not isinstance(answer, Score):
            raise answer.error
        size = sum((folder / name).stat().st_size for name in manifest.files)
        sys.stdout.write(
            f"{manifest.model}: {len(manifest.files)} files, {size:,} bytes, match their hashes; "
            "the model loads and scores\n"
        )
    else:
        sys.stdout.write(manifest.to_json() if args.json else _shown(manifest))
    return 0


def _screen(rule: ScreenRule | None) -> str:
    if rule is None:
        return "none; every text goes to the encoder"
    support = rule.support
    counts = (
        f"; lost {support['lost']:,} of {support['flagged']:,} flagged rows out of fold, at most "
        f"{support['lost_share_high']:.2%}"
        if "lost_share_high" in support
        else ""
    )
    return f"cut {rule.cut:.3f}; clears {', '.join(rule.evidenced)}{counts}"


def _shown(manifest: Manifest) -> str:
    lines = [
        f"model      {manifest.model}",
        f"policy     {manifest.policy}",
        f"base       {manifest.base}",
        f"data       {manifest.data[:12]}",
        f"window     {manifest.window.size} tokens, {manifest.window.overlap} shared",
        f"languages  {', '.join(manifest.languages)}",
    ]
    for label in LABELS:
        thresholds, curve = manifest.thresholds[label], manifest.calibration[label]
        priority = "none" if thresholds.priority is None else f"{thresholds.priority:.4f}"
        lines.append(
            f"{label.value:18} review {thresholds.review:.4f}  priority {priority}  "
            f"calibration {curve.kind} (a {curve.a:.3f}, b {curve.b:.3f}, c {curve.c:.3f})"
        )
    lines.append(f"screen     {_screen(manifest.screen)}")
    lines += [f"sha256     {digest}  {name}" for name, digest in manifest.files.items()]
    return "\n".join(lines) + "\n"
