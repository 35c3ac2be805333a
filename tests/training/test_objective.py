from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from classifier.labels import FACETS, LABELS, OUTPUTS, Facet, Label
from data.records import facets_for
from tests.data.builders import example
from training.model import Scored
from training.objective import (
    contrast_loss,
    disagreement,
    masked_loss,
    pair_loss,
    targets,
    total_loss,
)
from training.recipe import Loss

NAN = math.nan
PLAIN = Loss(
    facet_weight=0.3,
    label_smoothing=0.0,
    focus=0.0,
    pair_weight=0.0,
    contrast_weight=0.0,
    consistency=0.0,
)


def row(*values: float) -> list[float]:
    """A row of outputs that begins with `values`; the rest is NaN."""
    return [*values, *([NAN] * (len(OUTPUTS) - len(values)))]


def cross_entropy(logit: float, wanted: float) -> float:
    p = 1 / (1 + math.exp(-logit))
    return -math.log(p if wanted else 1 - p)


def test_targets_are_in_the_order_of_the_outputs() -> None:
    labels: dict[Label, bool | None] = {Label.SMUGGLING_SERVICE: True, Label.FAKE_JOB: None}
    wanted = targets(
        example("x", "text", labels=labels, facets=facets_for(labels, Facet.DOCUMENTS))
    )
    by_output = dict(zip(OUTPUTS, wanted, strict=True))
    assert by_output[Label.SMUGGLING_SERVICE] == 1
    assert math.isnan(by_output[Label.FAKE_JOB])
    assert by_output[Facet.DOCUMENTS] == 1
    assert by_output[Facet.TRANSPORT] == 0
    assert math.isnan(by_output[Facet.TASK])


def test_the_loss_is_the_one_worked_out_by_hand() -> None:
    logits = torch.zeros(2, len(OUTPUTS))
    logits[0, :3] = torch.tensor([2.0, -1.0, 0.5])
    logits[1, 0] = -3.0
    wanted = torch.tensor([row(1, 0, 1), row(0)])
    labels = cross_entropy(2, 1) + cross_entropy(-1, 0) + cross_entropy(-3, 0)
    expected = (labels + 0.3 * cross_entropy(0.5, 1)) / 3
    assert masked_loss(logits, wanted, PLAIN).item() == pytest.approx(expected, abs=1e-6)


def test_an_unknown_target_has_no_part_in_the_loss_or_its_gradient() -> None:
    wanted = torch.tensor([row(1, NAN), row(NAN, NAN, 1)])
    logits = torch.randn(2, len(OUTPUTS), generator=torch.Generator().manual_seed(1))
    logits.requires_grad_()
    loss = masked_loss(logits, wanted, PLAIN)
    loss.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert torch.isfinite(loss)
    known = ~torch.isnan(wanted)
    assert (logits.grad[known] != 0).all()
    assert (logits.grad[~known] == 0).all()


def test_a_batch_that_knows_nothing_has_no_loss() -> None:
    loss = masked_loss(torch.randn(2, len(OUTPUTS)), torch.tensor([row(), row()]), PLAIN)
    assert loss.item() == 0


def test_the_loss_is_computed_where_the_logits_are() -> None:
    """The device `meta` refuses to meet another, as a GPU does."""
    shape = (2, len(OUTPUTS))
    loss = masked_loss(torch.zeros(shape, device="meta"), torch.zeros(shape, device="meta"), PLAIN)
    assert loss.device.type == "meta"


def test_there_is_an_output_for_each_label_and_facet() -> None:
    assert (*LABELS, *FACETS) == OUTPUTS


def test_smoothed_targets_lie_nearer_to_one_half() -> None:
    logits, wanted = torch.zeros(1, len(OUTPUTS)), torch.tensor([row(1)])
    logits[0, 0] = 2.0
    expected = 0.95 * cross_entropy(2, 1) + 0.05 * cross_entropy(2, 0)
    found = masked_loss(logits, wanted, replace(PLAIN, label_smoothing=0.1))
    assert found.item() == pytest.approx(expected, abs=1e-6)


def test_only_twins_of_unlike_labels_are_pairs() -> None:
    """Of three texts of group 0 the unknown one makes no pair, and group 1 has one class alone."""
    logits = torch.zeros(5, len(OUTPUTS))
    logits[:, 0] = torch.tensor([1.0, 3.0, -9.0, 5.0, 5.0])
    wanted = torch.tensor([row(1), row(0), row(NAN), row(0), row(0)])
    found = pair_loss(logits, wanted, torch.tensor([0, 0, 0, 1, 1]))
    assert found.item() == pytest.approx(math.log(1 + math.exp(3.0 - 1.0)), abs=1e-6)


def test_a_batch_without_pairs_loses_nothing() -> None:
    logits = torch.randn(2, len(OUTPUTS), requires_grad=True)
    found = pair_loss(logits, torch.tensor([row(1, 1), row(0, 0)]), torch.tensor([0, 1]))
    found.backward()  # type: ignore[no-untyped-call]
    assert found.item() == 0
    assert logits.grad is not None
    assert not logits.grad.any()


def test_focus_makes_what_is_already_right_count_less() -> None:
    wanted = torch.tensor([row(1)])

    def gradient(logit: float, focus: float) -> float:
        logits = torch.zeros(1, len(OUTPUTS))
        logits[0, 0] = logit
        logits.requires_grad_()
        masked_loss(logits, wanted, replace(PLAIN, focus=focus)).backward()  # type: ignore[no-untyped-call]
        assert logits.grad is not None
        return abs(float(logits.grad[0, 0]))

    assert gradient(4.0, 2.0) < 0.05 * gradient(4.0, 0.0)
    assert gradient(0.0, 2.0) == pytest.approx(gradient(0.0, 0.0), rel=0.2)
    assert gradient(-4.0, 2.0) > gradient(-4.0, 0.0)


def test_violating_texts_are_drawn_to_their_own_kind_alone() -> None:
    """Two smuggling texts at a right angle; benign ones, however far apart, lose nothing."""
    mean = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [-1.0, 0.0]])
    benign = torch.tensor([row(0, 0)] * 4)
    assert contrast_loss(mean, benign).item() == 0
    mixed = torch.tensor([row(1, 0), row(1, 0), row(0, 0), row(0, 1)])
    near = torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [-1.0, 0.0]])
    assert contrast_loss(near, mixed) < 0.01 < contrast_loss(mean, mixed)


def test_a_text_of_unknown_label_is_of_no_kind() -> None:
    mean = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert contrast_loss(mean, torch.tensor([row(1, NAN), row(1, NAN)])).item() == 0


def test_a_batch_of_one_text_has_a_gradient_without_holes() -> None:
    mean = torch.ones(1, 4, requires_grad=True)
    contrast_loss(mean, torch.tensor([row(1, 0)])).backward()  # type: ignore[no-untyped-call]
    assert mean.grad is not None
    assert not mean.grad.any()


def test_scores_that_agree_lose_nothing_and_others_the_divergence_both_ways() -> None:
    one, other = torch.zeros(1, len(OUTPUTS)), torch.zeros(1, len(OUTPUTS))
    one[0, 2:] = 9.0  # facets have no part in it
    assert disagreement(one, other).item() == 0
    one[0, 0] = 2.0
    p, q = 1 / (1 + math.exp(-2.0)), 0.5
    both_ways = sum(
        a * math.log(a / b) + (1 - a) * math.log((1 - a) / (1 - b)) for a, b in ((p, q), (q, p))
    )
    assert disagreement(one, other).item() == pytest.approx(both_ways / len(LABELS), abs=1e-6)


def test_the_total_is_the_sum_of_its_weighted_parts() -> None:
    torch.manual_seed(4)
    shape = (4, len(OUTPUTS))
    scored, twin = Scored(torch.randn(shape), torch.randn(4, 8)), torch.randn(shape)
    wanted = torch.tensor([row(1, 0), row(1, 0), row(0, 0), row(0, 1)])
    groups = torch.tensor([0, 1, 1, 2])
    weights = replace(PLAIN, focus=2.0, pair_weight=0.5, contrast_weight=0.25, consistency=2.0)
    expected = (
        (masked_loss(scored.logits, wanted, weights) + masked_loss(twin, wanted, weights)) / 2
        + 0.5 * pair_loss(scored.logits, wanted, groups)
        + 0.25 * contrast_loss(scored.mean, wanted)
        + 2.0 * disagreement(scored.logits, twin)
    )
    found = total_loss(scored, twin, wanted, groups, weights)
    assert found.item() == pytest.approx(expected.item(), abs=1e-6)
    alone = total_loss(scored, None, wanted, groups, PLAIN)
    assert alone.item() == masked_loss(scored.logits, wanted, PLAIN).item()
