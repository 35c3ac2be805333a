"""The normalisation: its steps, their order, and the way back to the text as it was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from classifier.text import arabic, characters, contacts, leet, lookalikes, phones, spacing
from classifier.text.alignment import Alignment, Edit, Finder, apply
from classifier.text.triggers import suspects

# The steps run in this order, again and again until none finds anything, so the outcome is a
# fixed point: normalising it again changes nothing. That ends because every edit lowers the first
# of these counts that it changes, and none can fall for ever: replacements of single characters
# still due; code points outside placeholders; digits and signs inside words; words that mix
# scripts; letters of the other Arabic convention; combining marks out of canonical order. Two
# rounds are the rule; hostile texts of any length were driven to six.
_STEPS: tuple[tuple[str, Finder], ...] = (
    ("unreadable_replaced", characters.find_unreadable),
    ("compatibility_forms", characters.find_styled),
    ("compatibility_forms", characters.find_compatibility_forms),
    ("invisible_removed", characters.find_invisible),
    ("contacts_masked", contacts.find_masks),
    ("contacts_masked", contacts.find_emails),
    ("contacts_masked", contacts.find_links),
    ("contacts_masked", contacts.find_handles),
    ("contacts_masked", phones.find_phones),
    ("lookalikes_folded", lookalikes.find_lookalikes),
    ("letters_joined", spacing.find_spaced_letters),
    ("leet_folded", leet.find_leet),
    ("tatweel_removed", arabic.find_ornaments),
    ("arabic_unified", arabic.find_variants),
    ("repeats_shortened", characters.find_repeats),
    ("spaces_tidied", characters.find_white_space),
)


_FEW = 16
"""Fewer texts than these are sooner normalised one by one than asked together."""


@dataclass(frozen=True, slots=True)
class Change:
    """What the steps of one kind did: `count` is the number of spots they altered.

    The kinds are stable: unreadable_replaced, compatibility_forms, invisible_removed,
    contacts_masked, lookalikes_folded, letters_joined, leet_folded, tatweel_removed,
    arabic_unified, repeats_shortened, spaces_tidied.
    """

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """A normalised text that knows where each of its code points came from."""

    text: str
    changes: tuple[Change, ...]
    _alignment: Alignment = field(repr=False)

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the text as sent that `text[start:end]` came from, in code points.

        Raises:
            IndexError: unless 0 <= start < end <= len(text).

        """
        if not 0 <= start < end <= len(self.text):
            raise IndexError(
                f"expected 0 <= start < end <= {len(self.text)}, got start {start} and end {end}"
            )
        return self._alignment.starts[start], self._alignment.ends[end - 1]


def normalise(text: str) -> str:
    """The text as the model sees it, in training and in scoring alike.

    Takes any str and never raises; normalising twice changes nothing more.
    """
    while True:
        before = text
        for _, find in _STEPS:
            if edits := find(text):
                text = apply(text, edits)
        if text == before:
            return text


def normalise_all(texts: Sequence[str]) -> list[str]:
    """What `normalise` makes of each text, most of which it leaves as they are.

    Each round asks of all texts at once which of them still change, and goes through the steps
    for those alone.
    """
    found = list(texts)
    pending = list(range(len(found)))
    while len(pending) >= _FEW:
        firsts = _first_edits([found[place] for place in pending])
        for index, (step, edits) in firsts.items():
            text = apply(found[pending[index]], edits)
            for _, find in _STEPS[step + 1 :]:
                if edits := find(text):
                    text = apply(text, edits)
            found[pending[index]] = text
        pending = [pending[index] for index in firsts]
    for place in pending:
        found[place] = normalise(found[place])
    return found


def _first_edits(texts: Sequence[str]) -> dict[int, tuple[int, list[Edit]]]:
    """By the places of the texts that change: the first step to find something, and what."""
    firsts: dict[int, tuple[int, list[Edit]]] = {}
    suspected = suspects(texts)
    for step, (_, find) in enumerate(_STEPS):
        for index in suspected[find]:
            if index not in firsts and (edits := find(texts[index])):
                firsts[index] = step, edits
    return firsts


def normalise_with_offsets(text: str) -> NormalisedText:
    """The same text as `normalise` gives, with the way back to the text as sent."""
    counts: Counter[str] = Counter()
    alignment = Alignment.identity(len(text))
    while True:
        before = text
        for kind, find in _STEPS:
            if edits := find(text):
                text = apply(text, edits)
                alignment = alignment.after(edits)
                counts[kind] += len(edits)
        if text == before:
            changes = tuple(Change(kind, count) for kind, count in counts.items())
            return NormalisedText(text, changes, alignment)
