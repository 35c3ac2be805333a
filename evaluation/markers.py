"""The generated part of a card, between two markers.

Apart from what is written there, so that training can leave room for figures in a new card without
loading the suites, and with them the attacks.
"""

from __future__ import annotations

from pathlib import Path

from evaluation.errors import EvaluationError

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def empty_block() -> str:
    """What a card holds before anything was measured."""
    return "\n".join([BEGIN, "## Figures\n", "Not measured yet.\n", END]) + "\n"


def replace_block(path: Path, block: str) -> None:
    """Replace what stands between the markers. Raises EvaluationError where they are not there."""
    try:
        text = path.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        _, after = rest.split(END)
    except (OSError, ValueError) as error:
        raise EvaluationError(
            f"{path} should hold the lines {BEGIN} and {END} once each, between which figures are "
            f"written ({error}); put them where the figures belong"
        ) from error
    part = path.with_name(f"{path.name}.part")
    part.write_text(f"{before}{BEGIN}\n{block.rstrip()}\n\n{END}{after}", encoding="utf-8")
    part.replace(path)
