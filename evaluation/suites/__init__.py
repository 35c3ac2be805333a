"""Named tests. `lurewatch evaluate` runs those of DEFAULT_SUITES unless told which."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from evaluation.suites.benign import BENIGN, BENIGN_BY_SOURCE
from evaluation.suites.calibration import CALIBRATION
from evaluation.suites.contrast import CONTRAST
from evaluation.suites.doubt import DOUBT
from evaluation.suites.evasion import EVASION
from evaluation.suites.evidence import EVIDENCE
from evaluation.suites.fairness import FAIRNESS
from evaluation.suites.functional import FUNCTIONAL
from evaluation.suites.held_out import HELD_OUT
from evaluation.suites.language import LANGUAGE
from evaluation.suites.long import LONG
from evaluation.suites.ranked import CORPUS_TEST, EMSCAD_TEST
from evaluation.suites.routes import ROUTES
from evaluation.suites.screen import SCREEN
from evaluation.suites.search import SEARCH
from evaluation.suites.suite import Suite

SUITES: Mapping[str, Suite] = MappingProxyType(
    {
        suite.name: suite
        for suite in (
            CORPUS_TEST,
            EMSCAD_TEST,
            BENIGN,
            *BENIGN_BY_SOURCE,
            DOUBT,
            FUNCTIONAL,
            CONTRAST,
            EVASION,
            SEARCH,
            LONG,
            FAIRNESS,
            CALIBRATION,
            ROUTES,
            SCREEN,
            EVIDENCE,
            LANGUAGE,
            HELD_OUT,
        )
    }
)

DEFAULT_SUITES = tuple(
    suite.name
    for suite in (
        CORPUS_TEST,
        EMSCAD_TEST,
        BENIGN,
        FUNCTIONAL,
        CONTRAST,
        EVASION,
        CALIBRATION,
        ROUTES,
        DOUBT,
    )
)
