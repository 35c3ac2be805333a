"""A post on its way in: what can be stored of it, its marks, and whether chance picks it."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass, replace

from classifier.records import Post
from serving.body import scrub
from serving.review.records import Submission
from serving.secret import Keyring

POST_MARK = "post"
AUTHOR_MARK = "author"
TEXT_MARK = "text"
_DRAW = "sample"

_TAG = re.compile(r"(?P<primary>[a-z]{2,3})(?:-[a-z]{3})?(?:-(?P<script>[a-z]{4}))?(?:-.*)?")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A submission without what no database can hold, and the marks it is found by.

    `post_marks` and `text_marks` are under every secret, the current one first. `draw` is uniform
    in [0, 1) and the same for the same text of the same post.
    """

    submission: Submission
    post_marks: tuple[str, ...]
    text_marks: tuple[str, ...]
    author_mark: str | None
    draw: float

    @property
    def post(self) -> Post:
        return Post(self.post_marks[0], self.submission.text, self.submission.title)

    @property
    def characters(self) -> int:
        return len(self.submission.text) + len(self.submission.title or "")


def arrival_of(submission: Submission, keyring: Keyring) -> Arrival:
    sent = _scrubbed(submission)
    return Arrival(
        submission=sent,
        post_marks=post_marks(keyring, sent.platform, sent.post_id),
        text_marks=keyring.marks(TEXT_MARK, sent.title or "", sent.text),
        author_mark=sent.author and keyring.mark(AUTHOR_MARK, sent.platform, sent.author),
        draw=draw_of(keyring, sent.platform, sent.post_id, sent.title, sent.text),
    )


def draw_of(keyring: Keyring, platform: str, post_id: str, title: str | None, text: str) -> float:
    """Uniform in [0, 1): chance that cannot be foreseen without the secret, nor drawn twice."""
    drawn = keyring.mark(_DRAW, platform, post_id, title or "", text)
    return int(drawn[:13], 16) / 16**13  # 52 bits, which a float holds exactly


def post_marks(keyring: Keyring, platform: str, post_id: str) -> tuple[str, ...]:
    """What a post may be found by, under every secret."""
    return keyring.marks(POST_MARK, platform, scrub(post_id))


def language_tag(sent: str | None) -> str | None:
    """The primary subtag of a BCP 47 tag, and its script where it names one; None for neither."""
    match = _TAG.fullmatch((sent or "").strip().lower().replace("_", "-"))
    if match is None:
        return None
    script = match["script"]
    return match["primary"] + (f"-{script.title()}" if script else "")


def language_of(sent: str | None, told_apart: Set[str]) -> str | None:
    """The language that an item is filed under; None where `sent` names none.

    A script stays where it is in `told_apart`, the tags that the model gives: nobody is asked
    whether he reads `en-Latn`, or `zh-Hans` beside `zh`.
    """
    tag = language_tag(sent)
    return tag if tag is None or tag in told_apart else tag.partition("-")[0]


def _scrubbed(sent: Submission) -> Submission:
    return replace(
        sent,
        platform=scrub(sent.platform),
        post_id=scrub(sent.post_id),
        text=scrub(sent.text),
        title=scrub(sent.title) if sent.title else None,
        author=None if sent.author is None else scrub(sent.author),
        url=None if sent.url is None else scrub(sent.url),
    )
