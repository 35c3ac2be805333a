"""A search for the disguise that works, by asking the model: greedy, black box, few queries.

First the text is scored without each of its pieces, which tells which of them the score hangs on
(as in TextFooler, Jin et al. 2020, and DeepWordBug, Gao et al. 2018). Then, the weightiest first,
each piece is disguised in several ways and the one that lowers the score most is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np

from classifier.labels import LABELS, Label
from data.progress import Track, untracked
from data.records import Example
from evaluation.attacks.attack import generator_for
from evaluation.attacks.gaps import pulled_apart
from evaluation.attacks.letters import look_alike
from evaluation.attacks.slips import swapped
from evaluation.attacks.victims import Victim
from evaluation.attacks.words import Span, letters_of, replaced, words_of
from evaluation.metrics import Floats

QUERIES = 50
"""For each text, those of the first step included."""

PIECES = 14
"""A longer text is asked about in stretches of several words."""

DROPPED = 0.2
"""The most words that may be left out: with more of them gone it is another text."""

_ROUNDS = 5
_TOGETHER = 32

_Questions = Generator[list[str], Floats, "Outcome"]


@dataclass(frozen=True, slots=True)
class Target:
    """A text that should get under the threshold of a label, and its score as it is."""

    example: Example
    label: Label
    threshold: float
    score: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The best disguise that was found, its score, and how often the model was asked."""

    text: str
    score: float
    queries: int


def search(
    victim: Victim,
    targets: Sequence[Target],
    *,
    queries: int = QUERIES,
    seed: int = 0,
    track: Track = untracked,
    step: str = "Searching",
) -> list[Outcome]:
    """An outcome for each target, in order; a search ends once the score is under the threshold.

    Many are led side by side, so that the model scores their questions as one batch.
    """
    outcomes: list[Outcome] = []
    chunks = [targets[start : start + _TOGETHER] for start in range(0, len(targets), _TOGETHER)]
    for chunk in track(chunks, step):
        outcomes += _lead(
            victim, [(target.label, _greedy(target, queries, seed)) for target in chunk]
        )
    return outcomes


def _lead(victim: Victim, searches: Sequence[tuple[Label, _Questions]]) -> list[Outcome]:
    outcomes: dict[int, Outcome] = {}
    asked: dict[int, list[str]] = {}

    def advance(number: int, scores: Floats | None) -> None:
        questions = searches[number][1]
        try:
            asked[number] = next(questions) if scores is None else questions.send(scores)
        except StopIteration as finished:
            outcomes[number] = finished.value

    for number in range(len(searches)):
        advance(number, None)
    while asked:
        together, asked = asked, {}
        scores = victim.probabilities(list(chain.from_iterable(together.values())))
        start = 0
        for number, texts in together.items():
            column = LABELS.index(searches[number][0])
            advance(number, scores[start : start + len(texts), column])
            start += len(texts)
    return [outcomes[number] for number in range(len(searches))]


def _greedy(target: Target, queries: int, seed: int) -> _Questions:
    """Yields texts to be scored and is sent their scores."""
    text = target.example.text
    generator = generator_for(seed, "search", target.label, target.example.id)
    spans = _pieces(text)
    pieces = [span.of(text) for span in spans]
    best, spent = target.score, 0
    order = list(range(len(pieces)))
    if 1 < len(pieces) < queries:
        scores = yield [replaced(text, [span], [""]) for span in spans]
        spent = len(spans)
        order = np.argsort(scores, kind="stable").tolist()
    may_drop = int(DROPPED * len(words_of(text)))
    for place in chain.from_iterable(repeat(order, _ROUNDS)):
        words = len(words_of(pieces[place]))
        options = _disguises(pieces[place], generator)
        if 0 < words <= may_drop:
            options.append("")
        options = options[: queries - spent]
        if best < target.threshold or spent >= queries:
            break
        if not options:
            continue
        texts = [
            replaced(text, spans, [*pieces[:place], option, *pieces[place + 1 :]])
            for option in options
        ]
        scores = yield texts
        spent += len(texts)
        chosen = int(scores.argmin())
        if scores[chosen] < best:
            best = float(scores[chosen])
            pieces[place] = options[chosen]
            may_drop -= words if not options[chosen] else 0
    return Outcome(replaced(text, spans, pieces), best, spent)


def _pieces(text: str) -> list[Span]:
    """The text's words, or at most PIECES stretches of as many words each."""
    words = words_of(text)
    shares = np.array_split(np.arange(len(words)), min(PIECES, len(words)) or 1)
    return [Span(words[share[0]].start, words[share[-1]].end) for share in shares if len(share)]


def _disguises(piece: str, generator: np.random.Generator) -> list[str]:
    """What differs from the piece: letters swapped, look-alikes, words split by a space or sign."""

    def split(sign: str) -> Callable[[list[str]], str]:
        return lambda letters: pulled_apart(letters, sign, generator)

    ways: tuple[Callable[[list[str]], str], ...] = (
        lambda letters: swapped(letters, generator),
        lambda letters: look_alike(letters, generator),
        split(" "),
        split(str(generator.choice(list(".-*'")))),
    )
    disguised = [_each_word(piece, way) for way in ways]
    return list(dict.fromkeys(option for option in disguised if option != piece))


def _each_word(piece: str, change: Callable[[list[str]], str]) -> str:
    """The change on every word of two letters or more."""
    spans = [span for span in words_of(piece) if len(letters_of(span.of(piece))) > 1]
    return replaced(piece, spans, [change(letters_of(span.of(piece))) for span in spans])
