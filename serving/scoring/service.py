"""From what a client sent to what it gets back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from classifier.errors import MalformedRowError, TextTooLongError
from classifier.reading import joined
from classifier.records import Post, Rejection, Score
from serving.metrics import Metrics
from serving.scoring.engine import Engine
from serving.scoring.schemas import PostIn


class ScoringService:
    """Scores with `engine` and counts in `metrics`."""

    def __init__(self, engine: Engine, metrics: Metrics) -> None:
        self._engine = engine
        self._metrics = metrics

    async def score_one(self, post: Post, *, explain: bool) -> Score:
        """Raises the `InputError` of a post that cannot be scored, and what the engine raises."""
        (result,) = await self.score_many([post], explain=explain)
        if isinstance(result, Rejection):
            raise result.error
        return result

    async def score_many(
        self, rows: Sequence[Post | Rejection], *, explain: bool
    ) -> list[Score | Rejection]:
        """One result for each row, in order; a rejection says its place as `line`."""
        rows = [_refuse_too_long(row) if isinstance(row, Post) else row for row in rows]
        posts = [row for row in rows if isinstance(row, Post)]
        scored = iter(await self._engine.score(posts, explain=explain))
        results = [next(scored) if isinstance(row, Post) else row for row in rows]
        self._metrics.count(results)
        return [
            replace(result, line=place) if isinstance(result, Rejection) else result
            for place, result in enumerate(results, start=1)
        ]


def read_posts(items: Sequence[Any]) -> list[Post | Rejection]:
    """A post for each item of a batch, or why it is none. An absent id is the place, from 1."""
    return [_read_post(item, str(place)) for place, item in enumerate(items, start=1)]


def to_post(sent: PostIn, default_id: str = "1") -> Post:
    return Post(default_id if sent.id is None else sent.id, sent.text, sent.title)


def characters(rows: Sequence[Post | Rejection]) -> int:
    """Code points in the posts among `rows`, titles included."""
    return sum(len(row.text) + len(row.title or "") for row in rows if isinstance(row, Post))


def _read_post(item: Any, default_id: str) -> Post | Rejection:
    try:
        return to_post(PostIn.model_validate(item), default_id)
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'the post'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        sent_id = item.get("id") if isinstance(item, dict) else None
        return Rejection(
            sent_id if isinstance(sent_id, str) else default_id,
            MalformedRowError(f'{found}. Expected {{"text": "…"}} with id and title optional.'),
        )


def _refuse_too_long(post: Post) -> Post | Rejection:
    # The classifier would say the same, after the text had taken up room in the queue.
    try:
        joined(post)
    except TextTooLongError as error:
        return Rejection(post.id, error)
    return post
