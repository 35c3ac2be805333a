"""The hub folder as an ONNX model with dynamically quantised int8 matrices."""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification

_OPSET = 17


class _Logits(nn.Module):
    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        logits: Tensor = self.model(input_ids, attention_mask).logits
        return logits


def write_onnx_model(hub: Path, target: Path) -> Path:
    """Export in float32, then quantise the matrices per output channel; returns `target`.

    Activations are quantised over the whole batch while it runs, as ONNX Runtime does: a text's
    score moves with its neighbours.
    """
    auto: Any = AutoModelForSequenceClassification
    model = auto.from_pretrained(
        str(hub), trust_remote_code=True, attn_implementation="eager"
    ).eval()
    ids = torch.arange(4, 22).reshape(2, 9)
    whole = target.with_suffix(".fp32.onnx")
    with warnings.catch_warnings():
        # The exporter by tracing is deprecated; the new one needs one more package.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Logits(model),
            (ids, torch.ones_like(ids)),
            str(whole),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes={
                "input_ids": {0: "texts", 1: "tokens"},
                "attention_mask": {0: "texts", 1: "tokens"},
                "logits": {0: "texts"},
            },
            opset_version=_OPSET,
            dynamo=False,
        )
    logging.getLogger().setLevel(logging.ERROR)  # it recommends what changes nothing here
    quantize_dynamic(str(whole), str(target), per_channel=True, weight_type=QuantType.QInt8)
    whole.unlink()
    return target


if __name__ == "__main__":
    write_onnx_model(Path(sys.argv[1]), Path(sys.argv[2]))
