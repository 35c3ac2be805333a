"""The script a text is mostly written in, and the scripts that the data has evidence for."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache

from data.records import Example

ENOUGH_POSITIVES = 100
"""A script with fewer positives has too little evidence for a screen to clear its texts."""

NO_SCRIPT = "none"
"""Of a text without letters."""

_JAPANESE = frozenset({"hiragana", "katakana"})


def script_of(text: str) -> str:
    """The script of most letters, in lower case as Unicode's names begin: `latin`, `cjk`."""
    counts = Counter(script for script in map(_script, text) if script is not None)
    if not counts:
        return NO_SCRIPT
    if counts.keys() & _JAPANESE and counts.keys() <= {*_JAPANESE, "cjk"}:
        return "kana"
    script, _ = max(counts.items(), key=lambda pair: (pair[1], pair[0]))
    return "kana" if script in _JAPANESE else script


def evidenced_scripts(examples: Iterable[Example]) -> tuple[str, ...]:
    """The scripts with at least ENOUGH_POSITIVES positives among `examples`, by name."""
    counts = Counter(
        script_of(example.text) for example in examples if any(example.labels.values())
    )
    return tuple(sorted(script for script, n in counts.items() if n >= ENOUGH_POSITIVES))


@cache
def _script(character: str) -> str | None:
    if not character.isalpha():
        return None
    # Full-width and mathematical letters are disguised Latin, whatever their names begin with.
    folded = unicodedata.normalize("NFKC", character)[0]
    return unicodedata.name(folded, "unnamed").split()[0].split("-")[0].lower()
