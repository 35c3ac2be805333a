"""What the forms of the queue offer to choose from, and the keys that choose it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from classifier.labels import FACET_LABEL, FACETS, LABELS, Label
from serving.pages.review import wording
from serving.pages.wording import FACET_NAMES, LABEL_NAMES
from serving.review.reasons import CANNOT_TELL, REASONS
from serving.review.records import Decided

_ACTION_KEYS = {
    Decided.REMOVE: "R",
    Decided.RESTRICT: "T",
    Decided.LABEL: "L",
    Decided.NONE: "K",
}
_FIRST_KIND_KEY = 3  # 1 and 2 are the labels


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: its value, its name, its key, and more words where it needs them."""

    value: str
    name: str
    key: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Select:
    """A list to choose one thing from, or nothing."""

    name: str
    title: str
    choices: Sequence[Choice]
    chosen: str = ""

    @property
    def words(self) -> str:
        """The name of what is chosen."""
        return next((c.name for c in self.choices if c.value == self.chosen), self.chosen)


@dataclass(frozen=True, slots=True)
class LabelForm:
    """A label to be judged, and the kinds of offer it has."""

    label: Label
    name: str
    key: str
    kinds: tuple[Choice, ...]


LABEL_FORMS = tuple(
    LabelForm(
        label,
        LABEL_NAMES[label],
        str(number),
        tuple(
            Choice(facet, FACET_NAMES[facet], str((_FIRST_KIND_KEY + place) % 10))
            for place, facet in enumerate(f for f in FACETS if FACET_LABEL[f] is label)
        ),
    )
    for number, label in enumerate(LABELS, start=1)
)

ACTIONS = tuple(
    Choice(action, wording.ACTION_NAMES[action], key, wording.ACTION_MEANINGS[action])
    for action, key in _ACTION_KEYS.items()
)

LAWFUL = tuple(
    Choice(reason.code, reason.words, str(_FIRST_KIND_KEY + place))
    for place, reason in enumerate(
        reason for reason in REASONS.values() if reason.label is None and reason != CANNOT_TELL
    )
)
"""What a post is when it is neither: the answers to the third question."""
