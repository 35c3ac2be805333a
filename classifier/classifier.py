"""The classifier: posts in, score records out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from classifier import artifact
from classifier.artifact import Manifest, read_manifest
from classifier.encoder import Encoder
from classifier.evidence import evidence_for, word_weights, words_of
from classifier.labels import LABELS
from classifier.language import LanguageGuesser
from classifier.ngrams import NgramModel
from classifier.reading import read_posts, read_posts_with_offsets
from classifier.records import Evidence, Post, Rejection, Score
from classifier.scores import Reading, score_of_encoder, score_of_screen
from classifier.screen import Screen
from classifier.segmenter import Segmenter, Segments
from classifier.text import NormalisedText
from classifier.windows import window_starts, windows_of

SHIPPED = "default"
"""Name of the model folder under `models/` that is loaded where none is given."""

FloatArray = npt.NDArray[np.float64]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score with facets and evidence, and what the normalisation made of the text."""

    score: Score
    normalised: NormalisedText


class Classifier:
    """A loaded model. Safe to use from several threads; the texts of a call are sorted by length,
    so give many at once. A text's score does not depend on the others (|difference| <= 0.01).
    """

    def __init__(
        self,
        manifest: Manifest,
        segmenter: Segmenter,
        encoder: Encoder,
        tensors: Mapping[str, npt.NDArray[Any]],
        screen: Screen | None,
        threads: int,
    ) -> None:
        self.manifest = manifest
        self._segmenter = segmenter
        self._encoder = encoder
        self._ngrams = NgramModel.from_tensors(tensors)
        self._guesser = LanguageGuesser(
            manifest.languages,
            encoder.words,
            tensors["language.weight"],
            tensors["language.bias"],
        )
        self._screen = screen
        self._threads = threads

    @classmethod
    def load(
        cls, folder: Path | None = None, *, threads: int | None = None, screen: bool = True
    ) -> Self:
        """Load a model folder, the shipped one by default, after checking its hashes.

        `threads` is the number of cores to use, by default those the process may run on. Without
        `screen` every text goes to the encoder.

        Raises:
            ArtifactMissingError: there is no such model.
            ArtifactMismatchError: it is not what its manifest says.
        """
        folder = shipped_model() if folder is None else folder
        manifest = read_manifest(folder)
        tensors = load_file(folder / artifact.WEIGHTS)
        cores = threads or len(os.sched_getaffinity(0))
        with ThreadPoolExecutor(1) as beside:  # the compiler leaves Python a core
            compiled = beside.submit(Encoder, manifest.encoder, tensors, cores)
            segmenter = Segmenter.load(folder / artifact.TOKENIZER)
            encoder = compiled.result()
        rule = manifest.screen if screen else None
        return cls(
            manifest,
            segmenter,
            encoder,
            tensors,
            None
            if rule is None
            else Screen(load_file(folder / artifact.SCREEN), rule, encoder.words),
            cores,
        )

    def score(
        self, posts: Sequence[Post | str], *, explain: bool = False
    ) -> list[Score | Rejection]:
        """A score or a rejection for each post, in order; a bare text is named by its number.

        What is explained is scored by the encoder.
        """
        named = [
            Post(str(number), post) if isinstance(post, str) else post
            for number, post in enumerate(posts, start=1)
        ]
        if explain:
            return [
                answer.score if isinstance(answer, Explanation) else answer
                for answer in self._explanations(named)
            ]
        texts, rejections = read_posts(named)
        places = list(texts)
        plain = list(texts.values())
        ids = self._segmenter.ids(plain, threads=self._threads)
        languages = self._guesser.guess_all(ids)
        cleared = self._cleared(ids)
        rest = [index for index in range(len(plain)) if index not in cleared]
        readings = self._read([plain[index] for index in rest], [ids[index] for index in rest])
        scores = {
            places[index]: score_of_screen(
                self.manifest, named[places[index]], likely, languages[index]
            )
            for index, likely in cleared.items()
        }
        for index, reading in zip(rest, readings, strict=True):
            post = named[places[index]]
            scores[places[index]] = score_of_encoder(self.manifest, post, reading, languages[index])
        return _in_order({**scores, **rejections})

    def explain(self, post: Post | str) -> Explanation:
        """Score one post with facets and evidence.

        Raises:
            EmptyTextError: nothing but blanks is left of the text.
            TextTooLongError: it is longer than MAX_TEXT_CHARACTERS.
        """
        named = Post("1", post) if isinstance(post, str) else post
        (answer,) = self._explanations([named])
        if isinstance(answer, Rejection):
            raise answer.error
        return answer

    def logits(self, texts: Sequence[str]) -> FloatArray:
        """Uncalibrated logits `[texts, OUTPUTS]` of normalised texts by the encoder; for fitting
        calibration.
        """
        ids = self._segmenter.ids(texts, threads=self._threads)
        return np.stack([reading.logits.max(axis=0) for reading in self._read(texts, ids)])

    def _cleared(self, ids: Sequence[Sequence[int]]) -> dict[int, FloatArray]:
        """The probabilities of the texts that the screen clears, by their places."""
        if self._screen is None or not ids:
            return {}
        logits = self._screen.worst([windows_of(row, self.manifest.window) for row in ids])
        likely = self._screen.probabilities(logits)
        clears = self._screen.may_clear(ids) & (logits < self._screen.rule.cut).all(axis=1)
        bars = np.array([self.manifest.thresholds[label].review for label in LABELS])
        clears &= (likely < bars).all(axis=1)
        return {int(index): likely[index] for index in np.flatnonzero(clears)}

    def _explanations(self, posts: Sequence[Post]) -> list[Explanation | Rejection]:
        texts, rejections = read_posts_with_offsets(posts)
        plain = [normalised.text for normalised in texts.values()]
        segments = [self._segmenter.segments(text) for text in plain]
        ids = [one.ids for one in segments]
        explanations = {}
        for (place, normalised), cut, reading, language in zip(
            texts.items(),
            segments,
            self._read(plain, ids),
            self._guesser.guess_all(ids),
            strict=True,
        ):
            evidence = self._evidence(posts[place], normalised, cut, reading)
            score = score_of_encoder(self.manifest, posts[place], reading, language, evidence)
            explanations[place] = Explanation(score, normalised)
        return _in_order({**explanations, **rejections})

    def _read(self, texts: Sequence[str], ids: Sequence[list[int]]) -> list[Reading]:
        windows = [windows_of(row, self.manifest.window) for row in ids]
        shares = iter(self._encoder.shares([window for of_text in windows for window in of_text]))
        lexical = self._ngrams.logits_all(texts, ids)
        readings = []
        for row, of_text, addend in zip(ids, windows, lexical, strict=True):
            own = [next(shares) for _ in of_text]
            logits = np.stack([self._encoder.logits(window) for window in own])
            logits[:, : len(LABELS)] += addend
            readings.append(Reading(row, own, logits))
        return readings

    def _evidence(
        self, post: Post, normalised: NormalisedText, cut: Segments, reading: Reading
    ) -> tuple[Evidence, ...]:
        spans: list[Evidence] = []
        words = words_of(normalised.text, cut.spans)
        lexical = self._ngrams.shares(normalised.text, cut.ids, cut.spans)
        for index, label in enumerate(LABELS):
            worst = int(reading.logits[:, index].argmax())
            of_window = reading.shares[worst][:, index].astype(np.float64)
            first = window_starts(len(cut.ids), self.manifest.window)[worst]
            of_tokens = np.zeros(len(cut.ids))
            of_tokens[first : first + len(of_window)] = of_window / len(of_window)
            spans += evidence_for(
                label,
                word_weights(words, of_tokens, lexical[index]),
                words,
                normalised,
                None if post.title is None else len(post.title),
            )
        return tuple(spans)


def shipped_model() -> Path:
    """The folder of the model that ships, in a checkout and in an installed wheel alike."""
    return Path(str(files("models"))) / SHIPPED


def _in_order(answers: Mapping[int, Answer]) -> list[Answer]:
    return [answers[place] for place in range(len(answers))]
