from __future__ import annotations

from dataclasses import replace

from classifier.windows import WindowShape
from tests.training.examples import cell
from training.distillation.shown import show

OWN = cell("corpus", "en", 30, smuggling=True) + cell("corpus", "en", 40)
PUBLIC = cell("brighter", "de", 50)


def test_all_adverts_are_shown_and_as_many_public_rows_as_asked_for() -> None:
    shown = show([*OWN, *PUBLIC], 20)
    sources = [example.source for example in shown.examples]
    assert sources.count("corpus") == len(OWN)
    assert sources.count("brighter") == 20


def test_every_violating_text_comes_in_a_disguise_as_well() -> None:
    shown = show([*OWN, *PUBLIC], 50)
    violating = {n for n, e in enumerate(shown.examples) if any(e.labels.values())}
    assert violating <= set(shown.owners)
    assert len(shown.owners) < 30 + 0.5 * (len(shown.examples) - 30)
    assert all(shown.disguises)


def test_a_disguise_is_of_the_fold_of_its_row() -> None:
    shown = show([replace(e, fold=number % 5) for number, e in enumerate(OWN)], 0)
    ids = [[5, 6, 7]] * len(shown.texts)
    texts = shown.as_texts(ids, WindowShape(size=10, overlap=2))
    assert texts.room == 8
    for place, owner in enumerate(shown.owners):
        assert texts.folds[len(shown.examples) + place] == shown.examples[owner].fold
    assert texts.is_own.all()
