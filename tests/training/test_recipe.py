from __future__ import annotations

from pathlib import Path

import pytest

from classifier.errors import UsageError
from classifier.windows import WindowShape
from training.errors import RecipeError
from training.recipe import load_recipe, recipe_names

SMOKE = Path(__file__).parent.parent.parent / "training" / "recipes" / "smoke.toml"


def changed(folder: Path, old: str, new: str) -> str:
    """A copy of the recipe `smoke` in which `old` reads `new`; the path of the copy."""
    text = SMOKE.read_text(encoding="utf-8")
    assert old in text
    path = folder / "own.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", recipe_names())
def test_every_shipped_recipe_loads(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    WindowShape(recipe.shape.window, recipe.shape.overlap)
    assert sum(recipe.sampling.share.values()) == pytest.approx(1)


def test_the_promised_recipes_ship() -> None:
    assert {"default", "smoke"} <= set(recipe_names())


def test_a_recipe_of_ones_own_is_loaded_by_path(tmp_path: Path) -> None:
    recipe = load_recipe(changed(tmp_path, "epochs = 2", "epochs = 3"))
    assert recipe.name == "own"
    assert recipe.sampling.epochs == 3


def test_an_unknown_recipe_is_told_which_are_known(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"'dflt'; known are default, .*smoke"):
        load_recipe("dflt")
    with pytest.raises(RecipeError, match=r"there is no file .*none\.toml"):
        load_recipe(str(tmp_path / "none.toml"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("epochs = 2\n", "", r"own, \[sampling\]: missing epochs; unknown nothing"),
        ("epochs = 2", "epochs = 2\nepoks = 2", r"\[sampling\]: missing nothing; unknown epoks"),
        ("epochs = 2", 'epochs = "2"', r"\[sampling\]: epochs should be int, found '2'"),
        ("epochs = 2", "epochs = 2.5", r"\[sampling\]: epochs should be int, found 2.5"),
        ("epochs = 2", "epochs = true", r"\[sampling\]: epochs should be int, found True"),
        ("temper = 0.5", 'temper = "x"', r"\[sampling\]: temper should be float, found 'x'"),
        ("corpus = 1.0", 'corpus = "all"', r"\[sampling\]: share.corpus should be float"),
        ("[optimiser]", "[optimizer]", "own: missing optimiser; unknown optimizer"),
        ("seed = 20261125\n", "", "own: missing seed; unknown nothing"),
        ("seed = 20261125", "seed = 'x'", "own: seed should be int, found 'x'"),
        ('base = "tiny"', "base = 4", "own: base should be str, found 4"),
        ("[shape]\nwindow = 64\noverlap = 16", "", "own: missing shape"),
        ("base =", "shape = 4\nbase =", "own: not valid TOML"),  # the table comes twice
        ("epochs = 2", "epochs =", "own: not valid TOML"),
        (
            "batch_tokens = 2_048",
            "batch_tokens = 0",
            r"\[depth\]: with layers batch_tokens should be 1 or more, found 0",
        ),
        ("restarts = 0", "restarts = 1", r"\[depth\]: restarts should be 0 or more and fewer than"),
        (
            "restarts = 0",
            "restarts = -1",
            r"\[depth\]: restarts should be 0 or more and fewer than",
        ),
        ("repeats = 1", "repeats = 0", r"\[screen\]: with channels repeats should be 1 or more"),
    ],
)
def test_a_faulty_key_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(RecipeError, match=told):
        load_recipe(changed(tmp_path, old, new))


def test_a_section_that_is_no_table_is_named(tmp_path: Path) -> None:
    text = SMOKE.read_text(encoding="utf-8").replace("[vocabulary]\nsize = 24_000\n", "")
    path = tmp_path / "own.toml"
    path.write_text("vocabulary = 5\n" + text, encoding="utf-8")
    with pytest.raises(RecipeError, match="vocabulary should be table, found 5"):
        load_recipe(str(path))


def test_a_recipe_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(RecipeError, match="own: not valid TOML"):
        load_recipe(str(path))


def test_a_faulty_recipe_is_a_usage_error() -> None:
    assert issubclass(RecipeError, UsageError)


def test_the_fingerprint_follows_every_setting(tmp_path: Path) -> None:
    same = load_recipe(changed(tmp_path, "epochs = 2", "epochs = 2")).fingerprint()
    assert load_recipe(changed(tmp_path, "# A tiny", "# The tiny")).fingerprint() == same
    other = load_recipe(changed(tmp_path, "evasion = 0.2", "evasion = 0.3")).fingerprint()
    assert other != same
