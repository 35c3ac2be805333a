"""What the pages call things: plain words for labels, facets, routes, warnings and changes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from classifier.labels import Facet, Label, Route

LABEL_NAMES: Mapping[Label, str] = MappingProxyType(
    {Label.SMUGGLING_SERVICE: "Smuggling service", Label.FAKE_JOB: "Fake job"}
)

FACET_NAMES: Mapping[Facet, str] = MappingProxyType(
    {
        Facet.TRANSPORT: "Crossing or transport",
        Facet.DOCUMENTS: "Forged or borrowed papers",
        Facet.STATUS: "Sham marriage, work or study",
        Facet.STAFF: "Drivers or guides wanted",
        Facet.LOGISTICS: "Boats, vests, safe houses",
        Facet.ADVANCE_FEE: "Applicant pays first",
        Facet.COMPOUND: "Overseas scam work",
        Facet.DEBT_OR_DOCUMENTS: "Debt or kept passport",
        Facet.EXPLOITATION: "Exploitative work",
        Facet.MULE: "Money or parcels passed on",
        Facet.TASK: "Pay per click or order",
        Facet.IMPERSONATION: "Borrowed employer's name",
        Facet.BAIT: "No employer, no duties",
    }
)

ROUTE_NAMES: Mapping[Route, str] = MappingProxyType(
    {Route.CLEAR: "Clear", Route.REVIEW: "Review", Route.PRIORITY: "Priority review"}
)

ROUTE_MEANINGS: Mapping[Route, str] = MappingProxyType(
    {
        Route.CLEAR: "Below both review thresholds. It would not be put in front of a moderator.",
        Route.REVIEW: "It would be put in front of a moderator, who decides.",
        Route.PRIORITY: "It would be put first in front of a moderator, who decides.",
    }
)

_CHANGES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "unreadable_replaced": ("unreadable character replaced", "unreadable characters replaced"),
        "invisible_removed": ("invisible character removed", "invisible characters removed"),
        "compatibility_forms": (
            "styled or full-width character made plain",
            "styled or full-width characters made plain",
        ),
        "contacts_masked": (
            "phone number, address, link or name masked",
            "phone numbers, addresses, links or names masked",
        ),
        "lookalikes_folded": (
            "look-alike letter from another script put back",
            "look-alike letters from another script put back",
        ),
        "letters_joined": (
            "gap between spaced-out letters closed",
            "gaps between spaced-out letters closed",
        ),
        "leet_folded": (
            "digit or sign standing in for a letter put back",
            "digits or signs standing in for letters put back",
        ),
        "arabic_unified": ("Arabic letter form unified", "Arabic letter forms unified"),
        "tatweel_removed": (
            "stretching or vowel mark removed",
            "stretching or vowel marks removed",
        ),
        "repeats_shortened": (
            "run of the same character shortened",
            "runs of the same character shortened",
        ),
        "spaces_tidied": ("stretch of white space tidied", "stretches of white space tidied"),
    }
)

_WARNINGS: Mapping[str, str] = MappingProxyType(
    {
        "many_unknown_pieces": (
            "Much of this text is in a script the model hardly knows. Take the score as a guess."
        ),
    }
)


def change_words(kind: str, count: int) -> str:
    """`invisible_removed`, 2 as "2 invisible characters removed"."""
    singular, plural = _CHANGES.get(kind, (_plain(kind), _plain(kind)))
    return f"{count} {singular if count == 1 else plural}"


def warning_words(warning: str) -> str:
    return _WARNINGS.get(warning, _plain(warning).capitalize() + ".")


def percent(probability: float) -> str:
    """A probability for reading: never "0.0 %" or "100.0 %", which no model can know."""
    if probability < 0.001:
        return "<\u202f0.1\u202f%"
    if probability > 0.999:
        return ">\u202f99.9\u202f%"
    return f"{probability * 100:.1f}\u202f%"


def _plain(identifier: str) -> str:
    return identifier.replace("_", " ")
