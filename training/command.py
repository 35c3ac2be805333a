"""`lurewatch train`: from a recipe to a model folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from training.oof import out_of_fold
from training.recipe import load_recipe, recipe_names
from training.run import run as run_recipe


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


def run(args: argparse.Namespace) -> int:
    recipe = load_recipe(args.recipe)
    out: Path = args.out or Path("artifacts/training") / recipe.name
    if args.out_of_fold:
        path = out_of_fold(recipe, args.data, out)
        sys.stdout.write(f"Out-of-fold scores: {path}\n")
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
