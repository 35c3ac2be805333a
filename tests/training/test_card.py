from __future__ import annotations

from pathlib import Path

from classifier.screen import ScreenRule
from training.card import with_screen

ROOT = Path(__file__).parent.parent.parent
CARD = (ROOT / "models" / "default" / "README.md").read_text(encoding="utf-8")


def rule(**support: object) -> ScreenRule:
    return ScreenRule(0.0, ("latin",), ("latin",), {}, support)


def test_the_card_names_the_model_that_taught_the_screen() -> None:
    card = with_screen(CARD, rule(taught_by="default-0123abcd"))
    assert "distilled from default-0123abcd clears" in card
    assert "distilled from the encoder clears" in with_screen(CARD, rule())


def test_a_new_screen_replaces_the_section_and_leaves_the_figures() -> None:
    card = with_screen(with_screen(CARD, rule()), rule())
    assert card.count("## The screen") == 1
    assert card.endswith(CARD[CARD.index("<!-- figures: begin -->") :])
