"""The encoder as `transformers` loads it from a folder; a copy of this file lies in that folder.

It stands by itself: whoever loads the folder has `transformers` and torch, and nothing of ours.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel
from transformers.modeling_outputs import SequenceClassifierOutput
from transformers.models.bert.modeling_bert import BertPreTrainedModel


class LureForSequenceClassification(BertPreTrainedModel):
    """BERT and a linear head over the mean of the words, as `training.model` trains them."""

    config_class = BertConfig

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.num_labels = config.num_labels
        self.bert = BertModel(config, add_pooling_layer=False)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)
        self.post_init()

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: Any
    ) -> SequenceClassifierOutput:
        if attention_mask is None:
            pad: Any = self.config.pad_token_id
            attention_mask = torch.ne(input_ids, pad).long()
        states = self.bert(input_ids, attention_mask=attention_mask).last_hidden_state
        framing = (input_ids == self.config.bos_token_id) | (input_ids == self.config.eos_token_id)
        weight = (attention_mask.bool() & ~framing).unsqueeze(-1).to(states.dtype)
        mean = (states * weight).sum(dim=1) / torch.clamp(weight.sum(dim=1), min=1)
        return SequenceClassifierOutput(logits=self.classifier(mean))
