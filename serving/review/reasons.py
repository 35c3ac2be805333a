"""The reasons a decision can have: the offers of the policy, what is lawful, and not knowing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from classifier.labels import Label


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a decision was made. `label` is the one that it says is true; None for no label."""

    code: str
    words: str
    label: Label | None = None


_SMUGGLING = (
    ("offers_crossing", "Offers or sells a way over a border past the controls"),
    ("sells_papers", "Sells, rents or forges papers"),
    ("sells_status", "Sells a sham marriage, job, course or asylum story"),
    ("recruits_staff", "Looks for drivers, skippers, guides or hosts for crossings"),
    ("supplies_crossings", "Sells boats, vests, safe houses or escrow for crossings"),
)
_FAKE_JOBS = (
    ("fee_before_work", "The applicant pays before any work"),
    ("scam_compound", "Overseas work on the pattern of a scam compound"),
    ("debt_or_kept_papers", "Debts, a kept passport, or no way to leave"),
    ("exploitative_work", "Lure pay with secrecy, or demands on looks and age"),
    ("money_mule", "Passes on money or parcels, or rents out an account"),
    ("paid_tasks", "Pays by the like, review or order"),
    ("borrowed_name", "Uses the name of an employer it is not"),
    ("no_real_job", "No employer, no duties, pay far above the market"),
)
_LAWFUL = (
    ("asks_for_help", "Someone asks for help or for a way: demand, not an offer"),
    ("warns_or_reports", "News, research, a warning or a victim's account"),
    ("helps_or_rescues", "Rescue, humanitarian help, or advice on the law"),
    ("lawful_service", "A licensed service, ordinary travel or trade"),
    ("real_vacancy", "A real vacancy, or someone looking for work"),
    ("quotes_or_jokes", "Quotes an advert to condemn it, satire or fiction"),
    ("something_else", "Shares the words, is about something else"),
)

CANNOT_TELL = Reason("cannot_tell", "The text does not show enough to tell")

REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        reason.code: reason
        for reason in (
            *(Reason(code, words, Label.SMUGGLING_SERVICE) for code, words in _SMUGGLING),
            *(Reason(code, words, Label.FAKE_JOB) for code, words in _FAKE_JOBS),
            *(Reason(code, words) for code, words in _LAWFUL),
            CANNOT_TELL,
        )
    }
)
"""By code, in the order in which they are offered."""
