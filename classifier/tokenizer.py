"""The tokenizer of a model: SentencePiece Unigram over normalised text.

`classifier.text.normalise` does what the base's own normaliser did and more, so the tokenizer
itself has none; a line break counts as a space, as it did in pretraining.
"""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer, models, pre_tokenizers

BOS, PAD, EOS, UNKNOWN = range(4)
SPECIAL_PIECES = ("<s>", "<pad>", "</s>", "<unk>")

UNWRITABLE = "\n"
"""Put before the special pieces: line breaks never reach the vocabulary, so that no text can
spell a special token."""


def build_tokenizer(pieces: Sequence[tuple[str, float]]) -> Tokenizer:
    """A tokenizer over `pieces` (piece, log probability), the four special ones first.

    Raises:
        ValueError: the first four are not the special pieces.
    """
    count = len(SPECIAL_PIECES)
    found = tuple(piece for piece, _ in pieces[:count])
    if found != SPECIAL_PIECES:
        raise ValueError(f"expected the pieces {SPECIAL_PIECES} first, found {found}")
    vocabulary = [
        *((UNWRITABLE + piece, score) for piece, score in pieces[:count]),
        *pieces[count:],
    ]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=UNKNOWN, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split("\n", behavior="removed"),
            pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always"),
        ]
    )
    return tokenizer
