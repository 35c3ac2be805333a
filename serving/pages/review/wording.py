"""What the pages of the queue call things: states, sources, actions, events, spans of time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from serving.audit.records import EventKind
from serving.policy import Role
from serving.review.ranking import Strategy
from serving.review.records import Decided, PostKind, QueuedFor, Source, State

STATE_NAMES: Mapping[State, str] = MappingProxyType(
    {
        State.CLEARED: "Cleared by the model",
        State.OPEN: "Waiting",
        State.ESCALATED: "Escalated to a lead",
        State.DECIDED: "Decided",
    }
)

KIND_NAMES: Mapping[PostKind, str] = MappingProxyType(
    {
        PostKind.POST: "Post",
        PostKind.ADVERT: "Advert",
        PostKind.JOB_ADVERT: "Job advert",
        PostKind.MESSAGE: "Message",
    }
)

SOURCE_NAMES: Mapping[Source, str] = MappingProxyType(
    {
        Source.VOLUNTARY: "Found by the platform",
        Source.USER_NOTICE: "Reported by a user",
        Source.TRUSTED_FLAGGER: "Reported by a trusted flagger",
    }
)

QUEUED_FOR_NAMES: Mapping[QueuedFor, str] = MappingProxyType(
    {
        QueuedFor.SCORE: "its score",
        QueuedFor.NOTICE: "a notice",
        QueuedFor.SAMPLE: "a random draw from what the model cleared",
    }
)

ACTION_NAMES: Mapping[Decided, str] = MappingProxyType(
    {
        Decided.REMOVE: "Remove",
        Decided.RESTRICT: "Restrict",
        Decided.LABEL: "Label",
        Decided.NONE: "No action",
    }
)

ACTION_MEANINGS: Mapping[Decided, str] = MappingProxyType(
    {
        Decided.REMOVE: "take the post down",
        Decided.RESTRICT: "show it to fewer people",
        Decided.LABEL: "leave it up with a warning",
        Decided.NONE: "leave it as it is",
    }
)

ACTION_DONE: Mapping[Decided, str] = MappingProxyType(
    {
        Decided.REMOVE: "to be removed",
        Decided.RESTRICT: "to be restricted",
        Decided.LABEL: "to be labelled",
        Decided.NONE: "left as it is",
    }
)

STRATEGY_MEANINGS: Mapping[Strategy, str] = MappingProxyType(
    {
        Strategy.HARM: "Most expected harm per minute first, with some doubtful and random posts",
        Strategy.OLDEST: "The oldest first",
        Strategy.DOUBT: "The least certain first, with a share of random posts",
    }
)

ROLE_NAMES: Mapping[Role, str] = MappingProxyType(
    {
        Role.PLATFORM: "Platform",
        Role.MODERATOR: "Moderator",
        Role.LEAD: "Lead",
        Role.RESEARCHER: "Researcher",
        Role.ADMIN: "Admin",
    }
)

JUDGEMENT_WORDS: Mapping[bool | None, str] = MappingProxyType(
    {True: "yes", False: "no", None: "can't tell"}
)

_EVENT_WORDS: Mapping[EventKind, str] = MappingProxyType(
    {
        EventKind.RECEIVED: "Received",
        EventKind.QUEUED: "Put into the queue",
        EventKind.NOTICE: "Reported",
        EventKind.REACH: "Seen by more people",
        EventKind.CLAIMED: "Taken up",
        EventKind.RELEASED: "Put back",
        EventKind.SKIPPED: "Skipped",
        EventKind.DECIDED: "Decided",
        EventKind.UNDONE: "Decision undone",
        EventKind.ESCALATED: "Escalated to a lead",
        EventKind.RESCORED: "Scored anew",
        EventKind.NEW_TEXT: "Text changed by its author",
        EventKind.ERASED: "Text erased",
        EventKind.VIEWED: "Looked at",
        EventKind.EXPORTED: "Decisions exported",
        EventKind.SIGNED_IN: "Signed in",
        EventKind.SIGN_IN_FAILED: "Sign-in failed",
        EventKind.SIGNED_OUT: "Signed out",
        EventKind.USER_CREATED: "Person added",
        EventKind.USER_DISABLED: "Person disabled",
        EventKind.LANGUAGES_SET: "Languages set",
        EventKind.SESSIONS_ENDED: "Everybody signed out",
        EventKind.LINK_MADE: "Sign-in link made",
        EventKind.PASSWORD_SET: "Password set",
        EventKind.KEY_CREATED: "Key made",
        EventKind.KEY_REVOKED: "Key revoked",
    }
)


def event_words(kind: str) -> str:
    """As it stands where it is no kind: a log that was tampered with has to be shown, too."""
    return _EVENT_WORDS[EventKind(kind)] if kind in set(EventKind) else kind


def span_words(span: timedelta) -> str:
    """A span of time in its one or two largest units: "3 d 4 h", "12 min", "under a minute"."""
    minutes = int(span.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days}\u202fd {hours}\u202fh" if hours and days < 10 else f"{days}\u202fd"
    if hours:
        return f"{hours}\u202fh {rest}\u202fmin" if rest and hours < 10 else f"{hours}\u202fh"
    return f"{rest}\u202fmin" if rest > 0 else "under a minute"


def age_words(moment: datetime, now: datetime) -> str:
    return f"{span_words(max(now - moment, timedelta()))} ago"


def moment_words(moment: datetime) -> str:
    """To the minute, in UTC, as every moment of the pages."""
    return f"{moment:%d %b %Y, %H:%M} UTC"


def number(value: int) -> str:
    """With thin spaces between thousands, which no language reads as a decimal sign."""
    return f"{value:,}".replace(",", "\u202f")


def of_hundred(share: float) -> str:
    return f"{round(100 * share)}"
