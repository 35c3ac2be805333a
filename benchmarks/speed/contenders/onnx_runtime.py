"""ONNX Runtime with dynamic int8 quantisation, texts sorted by length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from benchmarks.speed.contenders.contender import Judgement, Name, Setting
from benchmarks.speed.contenders.thresholds import judge_logits
from classifier.tokenizer import PAD


class OnnxRuntime:
    """The loop a careful user would write: tokenise all, sort, run in batches, put in order."""

    batches = (1, 8, 16, 32, 64)

    def __init__(self, setting: Setting) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = setting.threads
        self._session = onnxruntime.InferenceSession(
            str(setting.onnx), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(setting.hub / "tokenizer.json"))
        self._tokenizer.enable_truncation(setting.window)
        self._review = setting.review

    def judge(self, texts: Sequence[str], batch: int) -> list[Judgement]:
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
        found: dict[int, np.ndarray] = {}
        for at in range(0, len(order), batch):
            members = order[at : at + batch]
            padded = np.full((len(members), len(ids[members[-1]])), PAD, np.int64)
            for row, index in enumerate(members):
                padded[row, : len(ids[index])] = ids[index]
            mask = (padded != PAD).astype(np.int64)
            (logits,) = self._session.run(None, {"input_ids": padded, "attention_mask": mask})
            found.update(zip(members, logits, strict=True))
        return judge_logits(np.stack([found[n] for n in range(len(texts))]), self._review)


def build(name: Name, setting: Setting) -> OnnxRuntime:
    return OnnxRuntime(setting)
