"""The float checkpoint in the dress that `transformers` pipelines expect: the user's other way."""

from __future__ import annotations

from typing import Any

import torch
from transformers import (
    BertConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    TextClassificationPipeline,
)
from transformers.modeling_outputs import SequenceClassifierOutput

from classifier.labels import OUTPUTS
from classifier.tokenizer import SPECIAL_PIECES, UNWRITABLE
from training.fitted import FittedModel
from training.float_model import float_model


class PipelineModel(PreTrainedModel):
    config_class = BertConfig

    def __init__(self, fitted: FittedModel) -> None:
        model = float_model(fitted)
        names = {index: output.value for index, output in enumerate(OUTPUTS)}
        config = model.encoder.config
        super().__init__(BertConfig(**{**config.to_dict(), "id2label": names}))
        self.inner = model

    def forward(self, input_ids: torch.Tensor, **_: Any) -> SequenceClassifierOutput:
        return SequenceClassifierOutput(logits=self.inner(input_ids))


def pipeline_of(fitted: FittedModel) -> TextClassificationPipeline:
    """A pipeline with all labels' probabilities for each text."""
    bos, pad, eos, unknown = (UNWRITABLE + piece for piece in SPECIAL_PIECES)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=fitted.tokenizer,
        bos_token=bos,
        pad_token=pad,
        eos_token=eos,
        unk_token=unknown,
        cls_token=bos,
        sep_token=eos,
        model_input_names=["input_ids"],
    )
    from tokenizers.processors import TemplateProcessing

    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single=f"{bos} $A {eos}", special_tokens=[(bos, 0), (eos, 2)]
    )
    return TextClassificationPipeline(
        model=PipelineModel(fitted).eval(),
        tokenizer=tokenizer,
        function_to_apply="sigmoid",
        top_k=None,
        device="cpu",
    )
