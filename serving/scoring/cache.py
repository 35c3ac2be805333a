"""The scores of the texts seen last: what is posted again and again is scored once.

What is looked up here is not the text but a hash of it, after normalisation, and of the model's
name. Inside the queue a post is named by that hash; whoever asked gets the answer under the id
that was sent.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from classifier.errors import TextTooLongError
from classifier.reading import joined
from classifier.records import Post, Rejection, Score
from classifier.text import normalise
from serving.metrics import Metrics
from serving.scoring.batcher import Batcher
from serving.scoring.pace import Scorer, characters_in

A = TypeVar("A")
B = TypeVar("B")

_INLINE_TEXTS = 20
_INLINE_CHARACTERS = 2_000  # read in well under a millisecond; more would hold up the event loop


class ScoreCache:
    """At most `size` scores by the names of their texts; the one unused longest goes first.

    Thread-safe. Rejections are not kept: they cost nothing to find again.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._scores: OrderedDict[str, Score] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._scores)

    def find(self, names: Iterable[str]) -> dict[str, Score]:
        """Those of `names` that are known."""
        found: dict[str, Score] = {}
        with self._lock:
            for name in names:
                if name in self._scores:
                    self._scores.move_to_end(name)
                    found[name] = self._scores[name]
        return found

    def keep(self, scores: Mapping[str, Score]) -> None:
        with self._lock:
            self._scores.update(scores)
            while len(self._scores) > self._size:
                self._scores.popitem(last=False)


class UnknownOnly:
    """Has `scorer` score each text that the cache does not know, once.

    For the thread that scores: posts are named by their texts, and what waited behind an identical
    text finds its score here.
    """

    def __init__(self, scorer: Scorer, cache: ScoreCache, metrics: Metrics) -> None:
        self._scorer = scorer
        self._cache = cache
        self._metrics = metrics

    def score(self, posts: Sequence[Post], *, explain: bool = False) -> list[Score | Rejection]:
        """As the scorer's own; explanations are neither kept nor looked up."""
        if explain:
            return self._scorer.score(posts, explain=True)
        known = self._cache.find(post.id for post in posts)
        unknown = {post.id: post for post in posts if post.id not in known}
        self._metrics.cache_hits.inc(len(posts) - len(unknown))
        self._metrics.cache_misses.inc(len(unknown))
        results = self._scorer.score(list(unknown.values())) if unknown else []
        self._cache.keep({r.id: r for r in results if isinstance(r, Score)})
        answers = {**known, **{result.id: result for result in results}}
        return [answers[post.id] for post in posts]


class CachedScoring:
    """Answers from the cache at once, and through the batcher's queue what it does not know."""

    def __init__(self, batcher: Batcher, cache: ScoreCache, model: str, metrics: Metrics) -> None:
        self._batcher = batcher
        self._cache = cache
        self._model = model
        self._metrics = metrics

    async def score(self, posts: Sequence[Post]) -> list[Score | Rejection]:
        """As `Batcher.score` without explanations; a queue that is full does not matter to what
        is known.
        """
        small = len(posts) <= _INLINE_TEXTS and characters_in(posts) <= _INLINE_CHARACTERS
        aside = _at_once if small else run_in_threadpool
        seen = await aside(self._look_up, posts)
        scored = await self._batcher.score(seen.unknown)
        self._metrics.cache_hits.inc(len(posts) - len(seen.unknown))
        return await aside(seen.answers, scored)

    def _look_up(self, posts: Sequence[Post]) -> _Seen:
        names = name_texts(posts, self._model)
        known = self._cache.find(names)
        unknown = {
            name: replace(post, id=name)
            for name, post in zip(names, posts, strict=True)
            if name not in known
        }
        return _Seen(posts, names, known, list(unknown.values()))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the cache knows of `posts`, which are called `names`; `unknown` once each."""

    posts: Sequence[Post]
    names: Sequence[str]
    known: Mapping[str, Score]
    unknown: Sequence[Post]

    def answers(self, scored: Sequence[Score | Rejection]) -> list[Score | Rejection]:
        """One for each post under its own id, with those of the unknown as `scored`."""
        found = {**self.known, **{result.id: result for result in scored}}
        return [
            replace(found[name], id=post.id)
            for name, post in zip(self.names, self.posts, strict=True)
        ]


async def _at_once(work: Callable[[A], B], argument: A) -> B:
    return work(argument)


def name_texts(posts: Sequence[Post], model: str) -> list[str]:
    """A name for what each post says, as `model` reads it: 64 hexadecimal digits.

    SHA-256, because two texts of one name would get one answer, and some would like that.
    """
    return [hashlib.sha256(f"{model}\0{_read(post)}".encode()).hexdigest() for post in posts]


def _read(post: Post) -> str:
    try:
        return normalise(joined(post))
    except TextTooLongError:  # the classifier will say so
        return f"{post.title}\n{post.text}"
