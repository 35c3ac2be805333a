"""Deciding about an item, exactly once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from classifier.labels import FACET_LABEL, LABELS
from serving.actors import Actor
from serving.audit.records import EventKind
from serving.errors import FieldError, InvalidRequestError
from serving.review import repository
from serving.review.changes import Change, changing
from serving.review.desk import Desk
from serving.review.models import Item
from serving.review.reasons import REASONS
from serving.review.records import Decided, ItemView, Judgement, State


class Decisions(Desk):
    """Each needs the lease, and the version that the actor was shown."""

    def decide(self, actor: Actor, item_id: str, version: int, judgement: Judgement) -> ItemView:
        """Raises `ConflictError` for a lost lease and for an old version, with what happened.

        A notice that came in meanwhile is no conflict, nor is a larger reach: they change nothing
        that was judged. Raises `InvalidRequestError` for a judgement that contradicts itself, such
        as a removal with no label true.
        """
        check(judgement)
        with changing(self._database, self._audit) as changes:
            item = self._held(changes.session, actor, item_id, version)
            changes.wait_for_turn(item)
            now = self._clock()
            final_at = now + timedelta(seconds=self._settings.undo_seconds)
            body: dict[str, object] = {
                "from": item.state,
                "final_at": final_at.isoformat(),
                "action": judgement.action.value,
                "reason": judgement.reason,
                "text_version": item.text_version,
                **{label.value: judgement.labels.get(label) for label in LABELS},
            }
            if judgement.facets:
                body["facets"] = {facet.value: is_so for facet, is_so in judgement.facets.items()}
            change = Change(EventKind.DECIDED, actor.id, now, body, judgement.note)
            changes.apply(item, change)
            changes.seal()
            return self._view(changes.session, actor, item)

    def undo(self, actor: Actor, item_id: str) -> ItemView:
        """Take the own decision back before it is final; the item is the actor's again.

        Raises `ConflictError` where it is too late or the decision is not the actor's.
        """
        with changing(self._database, self._audit) as changes:
            session = changes.session
            item = self._find(session, actor, item_id, lock=True)
            decision = repository.last_event(session, item.id, EventKind.DECIDED)
            if item.state != State.DECIDED or decision is None:
                raise self._conflict(session, item, "there is no decision to undo.")
            if item.decided_by != actor.id:
                raise self._conflict(session, item, "someone else decided this item.", decision)
            if item.erased_at is not None:
                raise self._conflict(session, item, "its text was erased meanwhile.")
            before, final_at = repository.body_of(decision)["from"], item.final_at
            if before == State.ESCALATED:
                self._require_lead(actor)
            now = self._clock()
            until = now + timedelta(seconds=self._settings.lease_seconds)
            body = {"state": before, "until": until.isoformat(), "undoes": decision.item_version}
            changes.apply(item, Change(EventKind.UNDONE, actor.id, now, body))
            changes.seal()
            # Last of all: whoever asked while this waited for its turn may know it as final.
            if final_at is None or self._clock() >= final_at:
                raise self._conflict(session, item, "the decision is final by now.", decision)
            return self._view(session, actor, item)

    def escalate(
        self, actor: Actor, item_id: str, version: int, note: str | None = None
    ) -> ItemView:
        """Hand the item to the leads. Raises `ConflictError` as `decide` does."""
        with changing(self._database, self._audit) as changes:
            item = self._held(changes.session, actor, item_id, version)
            if item.state == State.ESCALATED:
                detail = "this item is with the leads already."
                raise self._conflict(changes.session, item, detail)
            change = Change(EventKind.ESCALATED, actor.id, self._clock(), note=note)
            changes.apply(item, change)
            repository.forget_skips(changes.session, item.id)  # a lead's, while anyone could decide
            return self._view(changes.session, actor, item)

    def _held(self, session: Session, actor: Actor, item_id: str, version: int) -> Item:
        """The item, locked, where `actor` holds it and was shown what stands."""
        item = self._find(session, actor, item_id, lock=True)
        self._require_lease(session, actor, item)
        self._require_rights(actor, item)
        if item.version != version:
            later = [
                event
                for event in repository.changes_since(session, item.id, version)
                if event.kind not in (EventKind.NOTICE, EventKind.REACH)
            ]
            if later or version > item.version:
                event = later[-1] if later else None
                detail = f"the item is at version {item.version}, not {version}. Look at it again."
                raise self._conflict(session, item, detail, event)
        return item


def check(judgement: Judgement) -> None:
    """Raises `InvalidRequestError`, field by field, for a judgement that contradicts itself."""
    problems = tuple(_problems(judgement))
    if problems:
        raise InvalidRequestError(" ".join(problem.detail for problem in problems), problems)


def _problems(judgement: Judgement) -> list[FieldError]:
    true = {label for label in LABELS if judgement.labels.get(label)}
    found: list[FieldError] = []
    if judgement.action is Decided.REMOVE and not true:
        detail = "A post is removed only for a label that is true."
        found.append(FieldError("/action", "remove_without_label", detail))
    reason = REASONS.get(judgement.reason)
    if reason is None:
        detail = "The reason is not on the policy's list."
        found.append(FieldError("/reason", "unknown_reason", detail))
    elif reason.label is None and true:
        detail = "This reason says that no label is true."
        found.append(FieldError("/reason", "reason_against_labels", detail))
    elif reason.label is not None and reason.label not in true:
        detail = f"This reason says that {reason.label} is true."
        found.append(FieldError("/reason", "reason_against_labels", detail))
    for facet, is_so in (judgement.facets or {}).items():
        if is_so and FACET_LABEL[facet] not in true:
            detail = f"The facet {facet} belongs to {FACET_LABEL[facet]}, which is not true."
            found.append(FieldError(f"/facets/{facet}", "facet_without_label", detail))
    return found
