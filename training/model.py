"""The float model that is fine-tuned: the base's encoder and one linear head over its mean."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from classifier.labels import OUTPUTS
from classifier.tokenizer import BOS, EOS, PAD
from training.base import BaseModel

_FUSED_ATTENTION_FROM = 160


class Encoded(NamedTuple):
    """Hidden `states` `[batch, tokens, width]`, and which of the tokens `are_words`."""

    states: Tensor
    are_words: Tensor


class Scored(NamedTuple):
    """`logits` `[batch, len(OUTPUTS)]`, and the `mean` `[batch, width]` that they come from."""

    logits: Tensor
    mean: Tensor


class LureModel(nn.Module):
    """Token ids `[batch, tokens]` to logits and the mean that they come from.

    The word table is frozen and no part of the checkpoints: it ships in 4-bit blocks that would
    not hold small changes, and it is most of the parameters. The special tokens that open and
    close a window are left out of the mean, so that every share of a logit belongs to a word.
    """

    def __init__(
        self, config: BertConfig, word: Tensor, dropout: float, word_dropout: float = 0.0
    ) -> None:
        super().__init__()
        # Random numbers are dear on a processor: dropout only where it is cheap.
        config.hidden_dropout_prob = 0.0
        config.attention_probs_dropout_prob = 0.0
        config.vocab_size = 1
        self.encoder = BertModel(config, add_pooling_layer=False)
        self.dropout = nn.Dropout(dropout)
        self.word_dropout = word_dropout
        self.head = nn.Linear(config.hidden_size, len(OUTPUTS))
        self.word: Tensor
        self.register_buffer("word", word, persistent=False)

    @classmethod
    def from_base(
        cls, base: BaseModel, word: Tensor, dropout: float, word_dropout: float = 0.0
    ) -> LureModel:
        model = cls(base.config, word, dropout, word_dropout)
        state = {key: torch.from_numpy(value.copy()) for key, value in base.state.items()}
        missing = model.encoder.load_state_dict(state, strict=False)
        assert missing.missing_keys == ["embeddings.word_embeddings.weight"], missing
        assert not missing.unexpected_keys, missing
        return model

    def forward(self, input_ids: Tensor) -> Scored:
        return self.score(self.encode(input_ids))

    def encode(self, input_ids: Tensor) -> Encoded:
        attended = input_ids != PAD
        # Measured on two cores: there the fused kernel's backward pass pays only on long windows.
        fused = input_ids.is_cuda or input_ids.shape[1] > _FUSED_ATTENTION_FROM
        self.encoder.set_attn_implementation("sdpa" if fused else "eager")
        embedded = self.dropout(nn.functional.embedding(input_ids, self.word))
        if self.training and self.word_dropout:
            kept = torch.rand(input_ids.shape, device=input_ids.device) >= self.word_dropout
            embedded = embedded * kept.unsqueeze(-1)
        states = self.encoder(
            inputs_embeds=embedded, attention_mask=attended.long()
        ).last_hidden_state
        return Encoded(states, attended & (input_ids != BOS) & (input_ids != EOS))

    def score(self, encoded: Encoded) -> Scored:
        states, are_words = encoded
        weight = are_words.unsqueeze(-1).to(states.dtype)
        mean = (states * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1)
        return Scored(self.head(self.dropout(mean)).float(), mean.float())
