"""The two labels of the policy, their facets, and the one order in which a model puts them out."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

POLICY_VERSION = "1"


class Label(StrEnum):
    """What a post can be flagged for. Independent of each other: a text can carry both."""

    SMUGGLING_SERVICE = "smuggling_service"
    FAKE_JOB = "fake_job"


class Facet(StrEnum):
    """The kind of offer within a label, as the policy names them."""

    TRANSPORT = "transport"
    DOCUMENTS = "documents"
    STATUS = "status"
    STAFF = "staff"
    LOGISTICS = "logistics"
    ADVANCE_FEE = "advance_fee"
    COMPOUND = "compound"
    DEBT_OR_DOCUMENTS = "debt_or_documents"
    EXPLOITATION = "exploitation"
    MULE = "mule"
    TASK = "task"
    IMPERSONATION = "impersonation"
    BAIT = "bait"


class Route(StrEnum):
    """Where a scored post goes: nowhere, to the queue, or to the front of the queue."""

    CLEAR = "clear"
    REVIEW = "review"
    PRIORITY = "priority"


class Stage(StrEnum):
    """Which part of the model gave the score."""

    SCREEN = "screen"
    ENCODER = "encoder"


LABELS: tuple[Label, ...] = tuple(Label)
FACETS: tuple[Facet, ...] = tuple(Facet)
OUTPUTS: tuple[Label | Facet, ...] = (*LABELS, *FACETS)

_SMUGGLING_FACETS = (Facet.TRANSPORT, Facet.DOCUMENTS, Facet.STATUS, Facet.STAFF, Facet.LOGISTICS)

FACET_LABEL: Mapping[Facet, Label] = MappingProxyType(
    {
        facet: Label.SMUGGLING_SERVICE if facet in _SMUGGLING_FACETS else Label.FAKE_JOB
        for facet in FACETS
    }
)
