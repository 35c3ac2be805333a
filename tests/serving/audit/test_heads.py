from __future__ import annotations

import json
from dataclasses import replace

import pytest

from classifier.errors import UsageError
from serving.audit.heads import is_signed, parse_heads, render_heads
from serving.secret import Keyring
from tests.serving.audit.history import BEGIN, NEW, OLD, ROTATED, History


def test_heads_come_back_from_their_lines(history: History) -> None:
    early = history.heads()
    history.write(10)
    late = history.heads()
    lines = [render_heads(early, BEGIN), "", render_heads(late, BEGIN)]
    assert parse_heads(lines, ROTATED) == early + late
    assert all("\n" not in line for line in lines)
    assert json.loads(lines[0])["taken_at"] == "2026-03-01 12:00:00.000000"


def test_a_signature_covers_the_whole_head(history: History) -> None:
    head = history.heads()[0]
    others = [
        replace(head, lane=1),
        replace(head, position=head.position + 1),
        replace(head, mac="0" * 64),
        replace(head, key_id=Keyring((OLD,)).key_id),
        replace(head, signature="0" * 64),
    ]
    assert is_signed(ROTATED, head)
    assert not any(is_signed(ROTATED, other) for other in others)


def test_heads_of_another_installation_are_refused(history: History) -> None:
    line = render_heads(history.heads(), BEGIN)
    with pytest.raises(UsageError, match="line 1"):
        parse_heads([line], Keyring((b"quite another secret, of another house", OLD)))
    assert parse_heads([line], Keyring((NEW,)))


@pytest.mark.parametrize(
    "line", ["{", "[]", "{}", '{"heads": [{"lane": 1}]}', '{"heads": 3}', "null", '{"heads": [7]}']
)
def test_lines_of_another_form_are_refused(line: str) -> None:
    with pytest.raises(UsageError, match="line 2"):
        parse_heads(["", line], ROTATED)
