"""What people are called here, and how languages they read are written."""

from __future__ import annotations

import re
import unicodedata

from classifier.errors import UsageError
from serving.body import scrub

MAX_NAME_CHARACTERS = 100
MAX_LANGUAGES = 100
"""Of one person, which the database has room for; whoever reads more reads them all."""

_NAME = re.compile(r"\w(?:[\w.@+'-]*\w)?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?")


def plain_name(name: str) -> str:
    """`name` as it is stored: one spelling for all that look or are typed alike."""
    return unicodedata.normalize("NFKC", scrub(name[:MAX_NAME_CHARACTERS])).casefold().strip()


def new_name(name: str) -> str:
    """The stored form of a new person's `name`; raises `UsageError` where it cannot be one."""
    plain = plain_name(name)
    if len(name) > MAX_NAME_CHARACTERS or not _NAME.fullmatch(plain):
        raise UsageError(
            f"a person's name has 1 to {MAX_NAME_CHARACTERS} letters and digits, with any of "
            f". @ + ' - _ between them and no space; {name!r} has not."
        )
    return plain


def read_languages(tags: str) -> frozenset[str]:
    """The languages of a list such as "en, ar, hi-Latn"; raises `UsageError` for another form."""
    found = [tag.strip() for tag in tags.split(",")]
    wrong = [tag for tag in found if not _LANGUAGE.fullmatch(tag)]
    if wrong:
        raise UsageError(
            f"{wrong[0]!r} is no language tag; expected tags such as en, ar or hi-Latn, with "
            "commas between them."
        )
    if len(found) > MAX_LANGUAGES:
        raise UsageError(
            f"{len(found)} languages are named; a list holds at most {MAX_LANGUAGES}. Without a "
            "list a person gets posts in all languages."
        )
    return frozenset(found)
