"""Named tests. `lurewatch evaluate` runs those of DEFAULT_SUITES unless told which."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from evaluation.suites.benign import BENIGN_PUBLIC
from evaluation.suites.evidence import EVIDENCE
from evaluation.suites.held_out import HELD_OUT
from evaluation.suites.language import LANGUAGE
from evaluation.suites.ranked import CORPUS_TEST, EMSCAD_TEST
from evaluation.suites.suite import Suite

SUITES: Mapping[str, Suite] = MappingProxyType(
    {
        suite.name: suite
        for suite in (CORPUS_TEST, EMSCAD_TEST, BENIGN_PUBLIC, EVIDENCE, LANGUAGE, HELD_OUT)
    }
)

DEFAULT_SUITES = (CORPUS_TEST.name, EMSCAD_TEST.name, BENIGN_PUBLIC.name)
