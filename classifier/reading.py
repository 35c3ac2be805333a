"""From posts to the normalised texts that are scored, or the reason why one cannot be."""

from __future__ import annotations

from collections.abc import Sequence

from classifier.errors import EmptyTextError, InputError, TextTooLongError
from classifier.records import MAX_TEXT_CHARACTERS, Post, Rejection
from classifier.text import NormalisedText, normalise_all, normalise_with_offsets


def joined(post: Post) -> str:
    """Title, newline, text, as one text; the text alone where there is no title.

    Raises:
        TextTooLongError: longer than MAX_TEXT_CHARACTERS.
    """
    text = post.text if post.title is None else f"{post.title}\n{post.text}"
    if len(text) > MAX_TEXT_CHARACTERS:
        raise TextTooLongError(
            f"expected at most {MAX_TEXT_CHARACTERS:,} characters, found {len(text):,}; "
            "send the part that matters, or split it into several posts"
        )
    return text


def read_posts(posts: Sequence[Post]) -> tuple[dict[int, str], dict[int, Rejection]]:
    """By their places: the texts of the posts that can be read, and why the others cannot."""
    raw, rejections = _joined_each(posts)
    texts: dict[int, str] = {}
    for place, text in zip(raw, normalise_all(list(raw.values())), strict=True):
        if text:
            texts[place] = text
        else:
            rejections[place] = Rejection(posts[place].id, _nothing_left())
    return texts, rejections


def read_posts_with_offsets(
    posts: Sequence[Post],
) -> tuple[dict[int, NormalisedText], dict[int, Rejection]]:
    """As `read_posts`, with the way back from each normalised text to what was sent."""
    raw, rejections = _joined_each(posts)
    texts: dict[int, NormalisedText] = {}
    for place, text in raw.items():
        normalised = normalise_with_offsets(text)
        if normalised.text:
            texts[place] = normalised
        else:
            rejections[place] = Rejection(posts[place].id, _nothing_left())
    return texts, rejections


def _joined_each(posts: Sequence[Post]) -> tuple[dict[int, str], dict[int, Rejection]]:
    texts: dict[int, str] = {}
    rejections: dict[int, Rejection] = {}
    for place, post in enumerate(posts):
        try:
            texts[place] = joined(post)
        except InputError as error:
            rejections[place] = Rejection(post.id, error)
    return texts, rejections


def _nothing_left() -> EmptyTextError:
    return EmptyTextError(
        "expected text, found nothing but white space or invisible characters; send the "
        "words of the post"
    )
