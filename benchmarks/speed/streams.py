"""The streams of texts that are scored: `corpus`, and `firehose` as a platform would see it.

All of it is of the test split. A firehose is 1 % positives, 10 % hard negatives (the corpus's, job
adverts, news on migration, official pages, chat spam), and for the rest real multilingual posts:
at random from the sources that lie in test whole, which make up two thirds, and the test rows of
the others. No text comes twice, not even in another spelling that normalises alike.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from benchmarks.speed.scripts import script_of
from classifier.labels import LABELS
from classifier.records import MAX_TEXT_CHARACTERS
from classifier.text import normalise
from data.records import Example

_HARD_SLICES = frozenset({"news_migration_terms", "gov_visa_information"})
_HARD_SOURCES = frozenset({"corpus", "emscad", "job_sentences_uk", "tgspam"})


class Kind(StrEnum):
    """What a text is in a firehose."""

    POSITIVE = "positive"
    HARD = "hard negative"
    POST = "post"


SHARES: Mapping[Kind, float] = MappingProxyType(
    {Kind.POSITIVE: 0.01, Kind.HARD: 0.10, Kind.POST: 0.89}
)


@dataclass(frozen=True, slots=True)
class Item:
    """A text to score and what is known of it; `truths` are in the order of LABELS."""

    id: str
    source: str
    text: str
    script: str
    kind: Kind
    truths: tuple[bool | None, ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """Distinct texts in random order. `notes` say where it is not what was asked for."""

    name: str
    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()

    def parts(self, rounds: int, most: int) -> list[tuple[Item, ...]]:
        """As many equal parts of at most `most` texts as there are rounds, no text in two."""
        size = min(len(self.items) // rounds, most)
        return [self.items[n * size : (n + 1) * size] for n in range(rounds)]


def distinct_items(examples: Iterable[Example], cut: Callable[[str], str]) -> list[Item]:
    """Every text once, in order of id, cut to the window that all contenders share."""
    seen: set[str] = set()
    items = []
    for example in sorted(examples, key=lambda example: example.id):
        kind = kind_of(example)
        text = cut(example.text[:MAX_TEXT_CHARACTERS])
        normalised = normalise(text)
        if kind is None or not normalised or normalised in seen:
            continue
        seen.add(normalised)
        truths = tuple(example.labels[label] for label in LABELS)
        items.append(Item(example.id, example.source, text, script_of(text), kind, truths))
    return items


def kind_of(example: Example) -> Kind | None:
    """What an example can be in a firehose; None where no label tells.

    Posts of real sources are taken as they come, as a platform's stream is: where a label of one
    is unknown it stays unknown in the figures.
    """
    if any(example.labels.values()):
        return Kind.POSITIVE
    if example.source in _HARD_SOURCES or example.slice in _HARD_SLICES:
        # A genuine job advert is known to be no fake one; whether it smuggles was not asked.
        return Kind.HARD if False in example.labels.values() else None
    return Kind.POST


def corpus_stream(items: Iterable[Item], *, seed: int, most: int) -> Stream:
    """The corpus's texts, at most `most`, evenly at random."""
    own = [item for item in items if item.source == "corpus"]
    return Stream("corpus", tuple(_shuffled(own, seed, "corpus")[:most]))


def firehose_stream(
    items: Iterable[Item],
    *,
    name: str,
    seed: int,
    most: int,
    scripts: Collection[str] | None = None,
) -> Stream:
    """At most `most` texts in a firehose's shares, of `scripts` or of all.

    The scarcest kind sets the size: shares are kept, texts are not repeated. Empty where a kind
    is missing.
    """
    pools: dict[Kind, list[Item]] = {kind: [] for kind in Kind}
    for item in _shuffled(items, seed, name):
        if scripts is None or item.script in scripts:
            pools[item.kind].append(item)
    room = {kind: int(len(pools[kind]) / share + 1e-9) for kind, share in SHARES.items()}
    size = min(most, *room.values())
    taken = {kind: round(size * SHARES[kind]) for kind in (Kind.POSITIVE, Kind.HARD)}
    taken[Kind.POST] = size - sum(taken.values())
    chosen = [item for kind, number in taken.items() for item in pools[kind][:number]]
    notes = []
    if size < most:
        scarcest = min(room, key=lambda kind: room[kind])
        notes.append(
            f"{size:,} texts instead of {most:,}: there are {len(pools[scarcest]):,} distinct "
            f"texts of the kind `{scarcest}`, {SHARES[scarcest]:.0%} of the stream"
        )
    return Stream(name, tuple(_shuffled(chosen, seed, f"{name} order")), tuple(notes))


def _shuffled(items: Iterable[Item], seed: int, name: str) -> list[Item]:
    shuffled = sorted(items, key=lambda item: item.id)
    random.Random(f"{seed} {name}").shuffle(shuffled)
    return shuffled
