"""Runs the encoder: sorts windows by length, fills batches, prepares one while one runs."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov

from classifier.graph import EncoderShape, build_graph
from classifier.tokenizer import BOS, EOS, PAD
from classifier.word_table import WordTable

BATCH_TOKENS = 1_024
"""Tokens of a batch, padding included: fills the vector units and stays in the cache."""

PADDED_TO = 8
"""Windows are padded to a multiple of this many tokens and share a batch only with windows of the
same. What is padded to the longest neighbour instead differs in the last bits with that neighbour,
and each rounding of activations to int8 that tips over makes more of it."""

ANY_NUMBER = 8
"""Up to so many windows a batch may have any number of them: cut into powers of two, the few of a
length in a request would be a thirtieth slower."""

IN_FLIGHT = 2
"""Batches handed to the plugin at once: one runs, one waits ready."""

QUANTISATION_GROUP = 128
"""Activations of a row that share a scale: more are faster and further from the float model. 0
would switch dynamic quantisation off."""

Tensors = Mapping[str, npt.NDArray[Any]]


class Encoder:
    """The compiled graph, one stream over all cores.

    Activations are quantised per group of 128 within a token, never over a batch, so a window's
    shares do not depend on its neighbours. Where a processor has no fast int8 the plugin computes
    in its own best precision from the same weights. Safe to call from several threads.
    """

    def __init__(self, shape: EncoderShape, tensors: Tensors, threads: int) -> None:
        self.words = WordTable(tensors["word.blocks"])
        self._bias = tensors["head.bias"].astype(np.float64)
        compiled = ov.Core().compile_model(
            build_graph(shape, tensors),
            "CPU",
            {
                "NUM_STREAMS": 1,
                "INFERENCE_NUM_THREADS": threads,
                # Pinned, all processes of a machine would share its first cores.
                "ENABLE_CPU_PINNING": False,
                "DYNAMIC_QUANTIZATION_GROUP_SIZE": QUANTISATION_GROUP,
            },
        )
        self._queue = ov.AsyncInferQueue(compiled, IN_FLIGHT)
        self._in_use = threading.Lock()

    def shares(self, windows: Sequence[Sequence[int]]) -> list[npt.NDArray[np.float32]]:
        """Each window's token shares `[tokens, outputs]`, in the order given.

        A window is a list of token ids without special tokens, one at least. The mean over its
        tokens plus the head's bias is its logits.
        """
        order = sorted(range(len(windows)), key=lambda index: len(windows[index]))
        found: list[npt.NDArray[np.float32] | None] = [None] * len(windows)

        def keep(request: ov.InferRequest, members: Sequence[int]) -> None:
            shares = request.get_output_tensor().data
            for row, index in enumerate(members):
                found[index] = shares[row, 1 : len(windows[index]) + 1].copy()

        with self._in_use:
            self._queue.set_callback(keep)
            for members in _batches(order, windows):
                ids = np.full((len(members), _padded(windows[members[0]])), PAD, np.int64)
                for row, index in enumerate(members):
                    ids[row, : len(windows[index]) + 2] = [BOS, *windows[index], EOS]
                mask = (ids != PAD).astype(np.float32)
                inputs = {"embeddings": self.words.rows(ids), "mask": mask}
                self._queue.start_async(inputs, members)
            self._queue.wait_all()
        return [shares for shares in found if shares is not None]

    def logits(self, shares: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """A window's logits `[outputs]` from its shares."""
        return np.asarray(shares.mean(axis=0, dtype=np.float64) + self._bias)


def _batches(order: Sequence[int], windows: Sequence[Sequence[int]]) -> list[list[int]]:
    """Cut `order`, shortest first, into batches of one padded length and at most BATCH_TOKENS.

    Each is of up to ANY_NUMBER windows or of a power of two: the plugin keeps about a MiB for every
    shape that it meets, and would go on meeting new ones as a file goes on.
    """
    batches = []
    for padded, of_length in groupby(order, key=lambda index: _padded(windows[index])):
        waiting = list(of_length)
        most = max(1, BATCH_TOKENS // padded)
        while waiting:
            fits = min(len(waiting), most)
            if fits > ANY_NUMBER:
                fits = 1 << (fits.bit_length() - 1)
            batches.append(waiting[:fits])
            waiting = waiting[fits:]
    return batches


def _padded(window: Sequence[int]) -> int:
    return -(-(len(window) + 2) // PADDED_TO) * PADDED_TO
