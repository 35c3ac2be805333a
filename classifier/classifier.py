"""The classifier: posts in, score records out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file
from tokenizers import Encoding, Tokenizer

from classifier import artifact
from classifier.artifact import Manifest, read_manifest
from classifier.calibration import sigmoid
from classifier.encoder import Encoder
from classifier.errors import EmptyTextError, InputError, TextTooLongError
from classifier.evidence import evidence_for, word_weights, words_of
from classifier.labels import FACETS, LABELS, OUTPUTS, Facet, Stage
from classifier.language import LanguageGuesser
from classifier.ngrams import NgramModel
from classifier.records import MAX_TEXT_CHARACTERS, Evidence, Post, Rejection, Score
from classifier.routing import labels_at, route
from classifier.text import NormalisedText, normalise, normalise_with_offsets
from classifier.tokenizer import UNKNOWN
from classifier.windows import window_starts

MANY_UNKNOWN = 0.15
"""Share of unknown pieces from which a score carries the warning `many_unknown_pieces`. A run of
unknown letters counts as one piece, so that this is about half of a text."""

SHIPPED = "default"
"""Name of the model folder under `models/` that is loaded where none is given."""

FloatArray = npt.NDArray[np.float64]
Normalised = TypeVar("Normalised", str, NormalisedText)
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score with facets and evidence, and what the normalisation made of the text."""

    score: Score
    normalised: NormalisedText


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was made of one text: the encoder's shares of each window, and the windows' logits,
    to each of which the whole text's n-grams have added theirs.
    """

    ids: list[int]
    starts: Sequence[int]
    shares: list[npt.NDArray[np.float32]]
    logits: FloatArray


class Classifier:
    """A loaded model. Safe to use from several threads; the texts of a call are sorted by length,
    so give many at once. A text's score does not depend on the others (|difference| <= 0.01).
    """

    def __init__(
        self,
        manifest: Manifest,
        tokenizer: Tokenizer,
        encoder: Encoder,
        ngrams: NgramModel,
        guesser: LanguageGuesser,
    ) -> None:
        self.manifest = manifest
        self._tokenizer = tokenizer
        self._encoder = encoder
        self._ngrams = ngrams
        self._guesser = guesser

    @classmethod
    def load(cls, folder: Path | None = None, *, threads: int | None = None) -> Self:
        """Load a model folder, the shipped one by default, after checking its hashes.

        `threads` is the number of cores to use, by default those the process may run on.

        Raises:
            ArtifactMissingError: there is no such model.
            ArtifactMismatchError: it is not what its manifest says.
        """
        folder = shipped_model() if folder is None else folder
        manifest = read_manifest(folder)
        tensors = load_file(folder / artifact.WEIGHTS)
        cores = threads or len(os.sched_getaffinity(0))
        return cls(
            manifest,
            Tokenizer.from_file(str(folder / artifact.TOKENIZER)),
            Encoder(manifest.encoder, tensors, cores),
            NgramModel.from_tensors(tensors),
            LanguageGuesser(
                manifest.languages, tensors["language.weight"], tensors["language.bias"]
            ),
        )

    def score(
        self, posts: Sequence[Post | str], *, explain: bool = False
    ) -> list[Score | Rejection]:
        """A score or a rejection for each post, in order; a bare text is named by its number."""
        named = [
            Post(str(number), post) if isinstance(post, str) else post
            for number, post in enumerate(posts, start=1)
        ]
        if explain:
            return [
                answer.score if isinstance(answer, Explanation) else answer
                for answer in self._explanations(named)
            ]
        texts, rejections = _read_each(named, _plain)
        encodings = self._tokenizer.encode_batch_fast(
            list(texts.values()), add_special_tokens=False
        )
        scores = {
            place: self._score(named[place], reading)
            for place, reading in zip(
                texts, self._read(list(texts.values()), encodings), strict=True
            )
        }
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
        """Uncalibrated logits `[texts, OUTPUTS]` of normalised texts; for fitting calibration."""
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return np.stack([reading.logits.max(axis=0) for reading in self._read(texts, encodings)])

    def _explanations(self, posts: Sequence[Post]) -> list[Explanation | Rejection]:
        texts, rejections = _read_each(posts, _with_offsets)
        plain = [normalised.text for normalised in texts.values()]
        encodings = self._tokenizer.encode_batch(plain, add_special_tokens=False)
        explanations = {}
        for (place, normalised), encoding, reading in zip(
            texts.items(), encodings, self._read(plain, encodings), strict=True
        ):
            evidence = self._evidence(posts[place], normalised, encoding, reading)
            explanations[place] = Explanation(
                self._score(posts[place], reading, evidence), normalised
            )
        return _in_order({**explanations, **rejections})

    def _read(self, texts: Sequence[str], encodings: Sequence[Encoding]) -> list[_Reading]:
        room = self.manifest.window.size - 2
        all_ids = [encoding.ids for encoding in encodings]
        all_starts = [window_starts(len(ids), self.manifest.window) for ids in all_ids]
        shares = iter(
            self._encoder.shares(
                [
                    ids[start : start + room]
                    for ids, starts in zip(all_ids, all_starts, strict=True)
                    for start in starts
                ]
            )
        )
        readings = []
        for text, ids, starts in zip(texts, all_ids, all_starts, strict=True):
            own = [next(shares) for _ in starts]
            logits = np.stack([self._encoder.logits(window) for window in own])
            logits[:, : len(LABELS)] += self._ngrams.logits(text, ids)
            readings.append(_Reading(ids, starts, own, logits))
        return readings

    def _score(
        self, post: Post, reading: _Reading, evidence: tuple[Evidence, ...] | None = None
    ) -> Score:
        """A long text is worth its worst window; calibration was fitted on just that."""
        logits = reading.logits.max(axis=0)
        scores = {
            label: float(self.manifest.calibration[label].apply(logits[index : index + 1])[0])
            for index, label in enumerate(LABELS)
        }
        unknown = reading.ids.count(UNKNOWN) / len(reading.ids)
        return Score(
            id=post.id,
            scores=scores,
            labels=labels_at(scores, self.manifest.thresholds),
            route=route(scores, self.manifest.thresholds),
            language=self._guesser.guess(self._encoder.mean_word(reading.ids)),
            stage=Stage.ENCODER,
            model=self.manifest.model,
            policy=self.manifest.policy,
            facets=None if evidence is None else _facets(logits),
            evidence=evidence,
            warnings=("many_unknown_pieces",) if unknown >= MANY_UNKNOWN else (),
        )

    def _evidence(
        self, post: Post, normalised: NormalisedText, encoding: Encoding, reading: _Reading
    ) -> tuple[Evidence, ...]:
        spans: list[Evidence] = []
        words = words_of(normalised.text, encoding.offsets)
        lexical = self._ngrams.shares(normalised.text, encoding.ids, encoding.offsets)
        for index, label in enumerate(LABELS):
            worst = int(reading.logits[:, index].argmax())
            of_window = reading.shares[worst][:, index].astype(np.float64)
            first = reading.starts[worst]
            of_tokens = np.zeros(len(encoding.ids))
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


def joined(post: Post) -> str:
    """Title, newline, text, as one text; the text alone where there is no title.

    Raises:
        TextTooLongError: longer than MAX_TEXT_CHARACTERS.
    """
    text = post.text if post.title is None else f"{post.title}\n{post.text}"
    if len(text) > MAX_TEXT_CHARACTERS:
        raise TextTooLongError(
            f"expected at most {MAX_TEXT_CHARACTERS:,} characters, found {len(text):,}; "
            "send the part that matters, or split it into several posts"
        )
    return text


def _read_each(
    posts: Sequence[Post], read: Callable[[Post], Normalised]
) -> tuple[dict[int, Normalised], dict[int, Rejection]]:
    """By their places: the posts that can be read, and why the others cannot."""
    texts: dict[int, Normalised] = {}
    rejections = {}
    for place, post in enumerate(posts):
        try:
            texts[place] = read(post)
        except InputError as error:
            rejections[place] = Rejection(post.id, error)
    return texts, rejections


def _plain(post: Post) -> str:
    normalised = normalise(joined(post))
    _expect_words(normalised)
    return normalised


def _with_offsets(post: Post) -> NormalisedText:
    normalised = normalise_with_offsets(joined(post))
    _expect_words(normalised.text)
    return normalised


def _expect_words(normalised: str) -> None:
    if not normalised:
        raise EmptyTextError(
            "expected text, found nothing but white space or invisible characters; send the "
            "words of the post"
        )


def _in_order(answers: Mapping[int, Answer]) -> list[Answer]:
    return [answers[place] for place in range(len(answers))]


def _facets(logits: FloatArray) -> Mapping[Facet, float]:
    probabilities = sigmoid(logits)
    return {facet: float(probabilities[OUTPUTS.index(facet)]) for facet in FACETS}
