"""What the forms of the queue send, read into records; nothing here is trusted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from fastapi import Request
from starlette.datastructures import FormData, QueryParams, UploadFile

from classifier.labels import FACET_LABEL, FACETS, LABELS, Facet, Label
from serving.body import scrub
from serving.errors import FieldError, InvalidRequestError
from serving.pages.posted import posted_form
from serving.review.ranking import Slot
from serving.review.reasons import CANNOT_TELL
from serving.review.records import MAX_NOTE_CHARACTERS, Decided, Filters, Judgement, PostKind

WAITING_HOURS = (1, 6, 24, 72, 168)
"""The choices of "waiting for at least"."""

_ANSWERS: Mapping[str, bool | None] = MappingProxyType({"yes": True, "no": False, "unclear": None})

FACET_REASONS: Mapping[Facet, str] = MappingProxyType(
    {
        Facet.TRANSPORT: "offers_crossing",
        Facet.DOCUMENTS: "sells_papers",
        Facet.STATUS: "sells_status",
        Facet.STAFF: "recruits_staff",
        Facet.LOGISTICS: "supplies_crossings",
        Facet.ADVANCE_FEE: "fee_before_work",
        Facet.COMPOUND: "scam_compound",
        Facet.DEBT_OR_DOCUMENTS: "debt_or_kept_papers",
        Facet.EXPLOITATION: "exploitative_work",
        Facet.MULE: "money_mule",
        Facet.TASK: "paid_tasks",
        Facet.IMPERSONATION: "borrowed_name",
        Facet.BAIT: "no_real_job",
    }
)
"""The reason that goes with each kind of offer, so that nobody is asked the same thing twice."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The decision form as it was filled in, for showing it again. Empty where nothing was."""

    labels: Mapping[Label, str] = field(default_factory=dict)
    facets: frozenset[Facet] = frozenset()
    action: str = ""
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The filters of the queue page as its address holds them; "" leaves a field open."""

    label: str = ""
    language: str = ""
    kind: str = ""
    hours: str = ""
    escalated: str = ""

    def filled(self) -> list[tuple[str, str]]:
        return [(name, value) for name in _NARROWING if (value := getattr(self, name))]

    def filters(self, now: datetime) -> Filters:
        return Filters(
            languages=frozenset({self.language}) if self.language else None,
            label=Label(self.label) if self.label else None,
            kind=PostKind(self.kind) if self.kind else None,
            older_than=now - timedelta(hours=int(self.hours)) if self.hours else None,
        )

    @property
    def slot(self) -> Slot | None:
        return Slot.ESCALATED if self.escalated else None


_NARROWING = ("label", "language", "kind", "hours", "escalated")


async def read_form(request: Request) -> FormData:
    """The form that was posted, its texts without what a database refuses."""
    form = await posted_form(request)
    fields: list[tuple[str, str | UploadFile]] = [
        (name, scrub(value)) for name, value in form.multi_items() if isinstance(value, str)
    ]
    return FormData(fields)


def field_text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


def read_narrowing(source: FormData | QueryParams) -> Narrowing:
    """Values that cannot be are left out: the address is typed by people, too."""
    language = source.get("language")
    return Narrowing(
        label=_known(source, "label", set(Label)),
        language=scrub(language)[:20] if isinstance(language, str) else "",
        kind=_known(source, "kind", set(PostKind)),
        hours=_known(source, "hours", {str(hours) for hours in WAITING_HOURS}),
        escalated=_known(source, "escalated", {"1"}),
    )


def _known(source: FormData | QueryParams, name: str, values: Collection[str]) -> str:
    value = source.get(name)
    return value if isinstance(value, str) and value in values else ""


def read_version(form: FormData) -> int:
    """The version of the item that the form was made for."""
    version = field_text(form, "version")
    if version.isascii() and version.isdigit() and len(version) < 10:
        return int(version)
    raise InvalidRequestError("The form does not say which version it is about. Reload the page.")


def read_note(form: FormData, name: str) -> str:
    """What a person wrote, cut to what is kept of it; the page does not let them write more."""
    return field_text(form, name)[:MAX_NOTE_CHARACTERS]


def read_answers(form: FormData) -> Answers:
    return Answers(
        labels={label: value for label in LABELS if (value := field_text(form, label)) in _ANSWERS},
        facets=frozenset(facet for facet in FACETS if facet in form.getlist("facet")),
        action=field_text(form, "action"),
        reason=field_text(form, "reason"),
        note=read_note(form, "note"),
    )


def judgement_of(answers: Answers) -> Judgement:
    """The judgement that `answers` make. Raises `InvalidRequestError` naming what is missing.

    The reason follows from the kind of offer, and from not being able to tell; only where both
    labels are denied it is asked for. What is said about a kind whose label is not true is dropped.
    """
    missing = [
        FieldError(f"/{label}", "missing", _ASK[label])
        for label in LABELS
        if label not in answers.labels
    ]
    if missing:
        raise InvalidRequestError(" ".join(problem.detail for problem in missing), missing)
    labels = {label: _ANSWERS[answers.labels[label]] for label in LABELS}
    true = {label for label, value in labels.items() if value}
    kinds = [facet for facet in FACETS if facet in answers.facets and FACET_LABEL[facet] in true]
    return Judgement(
        labels=labels,
        action=_action(answers, true),
        reason=_reason(answers, labels, kinds),
        facets=_facets(kinds),
        note=answers.note or None,
    )


_ASK: Mapping[Label, str] = MappingProxyType(
    {
        Label.SMUGGLING_SERVICE: "Say whether it is a smuggling service (key 1).",
        Label.FAKE_JOB: "Say whether it is a fake job (key 2).",
    }
)


def _action(answers: Answers, true: set[Label]) -> Decided:
    if answers.action in set(Decided):
        return Decided(answers.action)
    if not true:
        return Decided.NONE  # the only thing that can be done about it
    raise _asked("/action", "Say what is done about the post (keys R, T, L, K).")


def _reason(answers: Answers, labels: Mapping[Label, bool | None], kinds: list[Facet]) -> str:
    if kinds:
        return FACET_REASONS[kinds[0]]
    if any(labels.values()):
        raise _asked("/facets", "Say which kind of offer it is (keys 3 to 9, and 0).")
    if None in labels.values():
        return CANNOT_TELL.code
    if answers.reason:
        return answers.reason
    raise _asked("/reason", "Say what it is instead (keys 3 to 9).")


def _facets(kinds: list[Facet]) -> Mapping[Facet, bool] | None:
    """Beside a kind that was ticked, the other kinds of its label are denied."""
    labels = {FACET_LABEL[facet] for facet in kinds}
    return {facet: facet in kinds for facet in FACETS if FACET_LABEL[facet] in labels} or None


def _asked(pointer: str, detail: str) -> InvalidRequestError:
    return InvalidRequestError(detail, [FieldError(pointer, "missing", detail)])
