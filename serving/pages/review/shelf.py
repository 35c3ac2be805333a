"""What is shown of an item, fetched from the services: card, past, other posts of its author."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from classifier.labels import LABELS
from serving.clock import utc_now
from serving.pages.languages import language_name
from serving.pages.review import wording
from serving.pages.review.card import Card, build_card, language_attribute
from serving.pages.review.history import Line, history_lines
from serving.pages.review.standing import standing_reasons
from serving.pages.wording import LABEL_NAMES, percent
from serving.review.items import WholeItem
from serving.review.records import ItemView
from serving.services import Services

_EXCERPT_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as one line of a list."""

    id: str
    text: str
    lang: str
    language: str
    state: str
    age: str
    received: str
    platform: str
    scores: str
    outcome: str


def card_of(services: Services, item: ItemView) -> Card:
    """Everything about the post itself."""
    precision = [
        services.insights.precision_at(label, probability)
        for label, probability in item.score.scores.items()
    ]
    manifest = services.engine.classifier.manifest
    now = utc_now()
    ranking = standing_reasons(item, manifest.thresholds, now)
    return build_card(item, manifest, precision, ranking=ranking, now=now)


def history_of(services: Services, whole: WholeItem) -> tuple[Line, ...]:
    """What happened to it, the newest first."""
    names = services.users.names({entry.actor for entry in whole.history})
    return history_lines(whole.history, names)


def author_entries(whole: WholeItem) -> tuple[Entry, ...]:
    """What else its author wrote."""
    now = utc_now()
    return tuple(entry(other, now) for other in whole.others)


def entry(item: ItemView, now: datetime) -> Entry:
    """`item` in a list."""
    words = " · ".join(filter(None, (item.title, item.text)))
    text = " ".join(words.split())
    clipped = text if len(text) <= _EXCERPT_CHARACTERS else f"{text[:_EXCERPT_CHARACTERS]}…"
    return Entry(
        id=item.id,
        text=clipped,
        lang=language_attribute(item.language),
        language=language_name(item.language),
        state=wording.STATE_NAMES[item.state],
        age=wording.age_words(item.received_at, now),
        received=wording.moment_words(item.received_at),
        platform=item.platform,
        scores=", ".join(
            f"{LABEL_NAMES[label]} {percent(item.score.scores[label])}" for label in LABELS
        ),
        outcome=_outcome(item),
    )


def _outcome(item: ItemView) -> str:
    if item.outcome is None:
        return ""
    judgement = item.outcome.judgement
    true = [LABEL_NAMES[label] for label in LABELS if judgement.labels.get(label)]
    return ": ".join((wording.ACTION_NAMES[judgement.action], " and ".join(true) or "no label"))
