"""`lurewatch train`: from a recipe to a model folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from data.partition import FOLDS
from training.oof import out_of_fold
from training.recipe import load_recipe, recipe_names
from training.run import run as run_recipe
from training.screen.distil import put_screen


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "recipe",
        metavar="RECIPE",
        help=f"{', '.join(recipe_names())}, or the path of a .toml file",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("artifacts/data"),
        metavar="DIR",
        help="what `lurewatch data build` wrote (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="where checkpoints and the model go (default: artifacts/training/RECIPE)",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on from the last checkpoint in --out"
    )
    parser.add_argument(
        "--out-of-fold",
        action="store_true",
        help="train once for each fold and write scores of the rows left out, no model",
    )
    parser.add_argument(
        "--screen",
        type=Path,
        metavar="DIR",
        help="only distil a screen, for the model folder DIR, and write it there",
    )
    parser.add_argument(
        "--fold",
        type=int,
        action="append",
        choices=range(FOLDS),
        help="with --out-of-fold: this fold only; may be repeated (default: all)",
    )


def run(args: argparse.Namespace) -> int:
    recipe = load_recipe(args.recipe)
    out: Path = args.out or Path("artifacts/training") / recipe.name
    if args.screen:
        put_screen(args.screen, args.data, recipe.screen, out / "screen", resume=args.resume)
        return 0
    if args.out_of_fold:
        path = out_of_fold(recipe, args.data, out, args.fold or range(FOLDS))
        told = f"Out-of-fold scores: {path}" if path else "Other folds are still to come"
        sys.stdout.write(told + "\n")
        return 0
    result = run_recipe(recipe, args.data, out, resume=args.resume)
    if result is not None:
        lines = [
            f"Validation average precision {result.fit.validation:.4f} "
            f"after {result.fit.steps:,} of {result.fit.planned:,} steps",
            *result.parity.lines(),
            f"Model: {result.model}",
        ]
        sys.stdout.write("\n".join(lines) + "\n")
    return 0
