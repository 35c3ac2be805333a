from __future__ import annotations

from training.screen.scripts import scripts_of_pieces


def test_pieces_are_of_the_script_of_their_first_letter() -> None:
    names, numbers = scripts_of_pieces(["<s>", "▁", "▁boat", "مركب", "船", "ふね", "フネ", "1 a"])
    assert [names[number] for number in numbers] == [
        *("latin", "none", "latin", "arabic", "cjk", "kana", "kana", "latin")
    ]
    assert names[0] == "none"
