"""A recipe: everything that decides a training run, read from a TOML file."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from classifier.windows import WindowShape
from training.errors import RecipeError

TINY_BASE = "tiny"
"""The base that is built from a config with random weights, for tests and CI."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    size: int


@dataclass(frozen=True, slots=True)
class Ngrams:
    """The lexical part of the score: how many n-grams it keeps, 0 for none of it."""

    size: int
    public_rows: int
    inverse_penalty: float


@dataclass(frozen=True, slots=True)
class DepthPlan:
    """How an encoder of fewer layers is distilled from the fine-tuned one; 0 `layers` for not.

    It is shown the training split, of which `public_rows` public rows, and in each of `epochs` as
    many new `variations` of these texts, in batches of about `batch_tokens`. The learning rate
    rises to `rate` and falls to 0, and that again at each of so many `restarts`.
    """

    layers: int
    public_rows: int
    variations: int
    epochs: int
    restarts: int
    batch_tokens: int
    rate: float

    def __post_init__(self) -> None:
        _expect_some(self, of="layers", needs=("variations", "epochs", "batch_tokens"))
        if self.layers and not 0 <= self.restarts < self.epochs:
            raise ValueError(
                f"restarts should be 0 or more and fewer than the {self.epochs} epochs, found "
                f"{self.restarts}"
            )


@dataclass(frozen=True, slots=True)
class ScreenPlan:
    """How the screen in front of the encoder is distilled.

    Its widths: `projected` of a word row, `channels` of the convolutions, `mixed` of what is made
    of their mean and maximum; 0 channels for no screen at all. `public_rows` are shown to it beside
    adverts and what is taken for them, and `variations` of all of these texts. In each of `epochs`
    it sees every variation once and every text `repeats` times.
    """

    projected: int
    channels: int
    mixed: int
    public_rows: int
    variations: int
    epochs: int
    repeats: int

    def __post_init__(self) -> None:
        _expect_some(self, of="channels", needs=("projected", "mixed", "epochs", "repeats"))


@dataclass(frozen=True, slots=True)
class Shape:
    """`window` and `overlap` in tokens; a window's two special tokens included."""

    window: int
    overlap: int

    def __post_init__(self) -> None:
        WindowShape(self.window, self.overlap)  # refuses sizes that do not fit each other


@dataclass(frozen=True, slots=True)
class Sampling:
    """`share` gives the part of each epoch's texts that comes from each pool of sources."""

    epochs: int
    texts_per_epoch: int
    temper: float
    share: Mapping[str, float]
    evasion: float


@dataclass(frozen=True, slots=True)
class Optimiser:
    batch: int
    encoder_rate: float
    head_rate: float
    weight_decay: float
    warm_up: float
    dropout: float
    word_dropout: float
    layer_decay: float


@dataclass(frozen=True, slots=True)
class Loss:
    """How the parts of `training.objective` weigh; a weight of 0 leaves a part out."""

    facet_weight: float
    label_smoothing: float
    focus: float
    pair_weight: float
    contrast_weight: float
    consistency: float


@dataclass(frozen=True, slots=True)
class Stopping:
    evaluations: int
    patience: int
    public_rows: int


@dataclass(frozen=True, slots=True)
class Recipe:
    name: str
    base: str
    seed: int
    vocabulary: Vocabulary
    ngrams: Ngrams
    shape: Shape
    sampling: Sampling
    optimiser: Optimiser
    loss: Loss
    stopping: Stopping
    depth: DepthPlan
    screen: ScreenPlan

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def fingerprint(self) -> str:
        """A hash of every setting, by which a resumed run knows its own recipe."""
        return hashlib.sha256(repr(self.to_dict()).encode()).hexdigest()[:16]


def recipe_names() -> tuple[str, ...]:
    folder = files("training") / "recipes"
    return tuple(
        sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name[-5:] == ".toml")
    )


def load_recipe(name: str) -> Recipe:
    """The shipped recipe `name`, or the one in the file of that path.

    Raises:
        RecipeError: no such recipe, or a key that is missing, unknown or of the wrong type.
    """
    path = Path(name)
    if path.suffix == ".toml":
        if not path.is_file():
            raise RecipeError(f"there is no file {path}")
        content, title = path.read_bytes(), path.stem
    elif name in recipe_names():
        content, title = (files("training") / "recipes" / f"{name}.toml").read_bytes(), name
    else:
        known = ", ".join(recipe_names())
        raise RecipeError(f"there is no recipe {name!r}; known are {known}, or give a .toml file")
    try:
        table = tomllib.loads(content.decode())
    except ValueError as error:
        raise RecipeError(f"{title}: not valid TOML: {error}") from error
    sections = {
        "vocabulary": Vocabulary,
        "ngrams": Ngrams,
        "shape": Shape,
        "sampling": Sampling,
        "optimiser": Optimiser,
        "loss": Loss,
        "stopping": Stopping,
        "depth": DepthPlan,
        "screen": ScreenPlan,
    }
    _expect_keys(title, table, {"base", "seed", *sections})
    _expect_type(title, "base", table["base"], "str")
    _expect_type(title, "seed", table["seed"], "int")
    return Recipe(
        name=title,
        base=table["base"],
        seed=table["seed"],
        **{key: _section(title, key, kind, table[key]) for key, kind in sections.items()},
    )


Section = TypeVar("Section")


def _section(title: str, key: str, kind: type[Section], table: Mapping[str, Any]) -> Section:
    where = f"{title}, [{key}]"
    _expect_type(title, key, table, "table")
    names = {field.name: str(field.type) for field in fields(kind)}  # type: ignore[arg-type]
    _expect_keys(where, table, set(names))
    for name, type_name in names.items():
        if type_name in _TOML_TYPES:
            _expect_type(where, name, table[name], type_name)
        else:
            _expect_type(where, name, table[name], "table")
            for part, value in table[name].items():
                _expect_type(where, f"{name}.{part}", value, "float")
    try:
        return kind(**table)
    except ValueError as error:
        raise RecipeError(f"{where}: {error}") from error


_TOML_TYPES: Mapping[str, type | tuple[type, ...]] = MappingProxyType(
    {"str": str, "int": int, "float": (int, float), "table": dict}
)


def _expect_some(plan: DepthPlan | ScreenPlan, of: str, needs: Sequence[str]) -> None:
    """A plan for something needs all that makes it."""
    if getattr(plan, of):
        for name in needs:
            if (found := getattr(plan, name)) < 1:
                raise ValueError(f"with {of} {name} should be 1 or more, found {found}")


def _expect_type(where: str, name: str, value: object, type_name: str) -> None:
    if not isinstance(value, _TOML_TYPES[type_name]) or isinstance(value, bool):
        raise RecipeError(f"{where}: {name} should be {type_name}, found {value!r}")


def _expect_keys(where: str, table: Mapping[str, Any], expected: set[str]) -> None:
    missing, unknown = sorted(expected - set(table)), sorted(set(table) - expected)
    if missing or unknown:
        raise RecipeError(
            f"{where}: missing {', '.join(missing) or 'nothing'}; "
            f"unknown {', '.join(unknown) or 'nothing'}"
        )
