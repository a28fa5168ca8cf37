# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from quantunet.checkpoint import load_checkpoint
from quantunet.data import Pairs, load_data
from quantunet.exact import exact_network
from quantunet.image_scores import hausdorff95, measure, measured_logits
from quantunet.metrics import evaluate, scores
from quantunet.train import TrainingResult


def square(first: int, last: int, size: int = 40) -> torch.Tensor:
    """A mask HW with the rows and columns from `first` to below `last` set."""
    mask = torch.zeros(size, size, dtype=torch.bool)
    mask[first:last, first:last] = True
    return mask


def test_a_square_that_is_moved_lies_as_far_off_as_it_was_moved() -> None:
    moved = torch.roll(square(10, 30), 3, dims=1)
    assert hausdorff95(moved, square(10, 30)) == pytest.approx(3)
    assert hausdorff95(square(10, 30), square(10, 30)) == 0


def test_one_stray_pixel_does_not_decide() -> None:
    stray = square(10, 30)
    stray[0, 39] = True
    assert hausdorff95(stray, square(10, 30)) == 0


def test_the_edge_of_a_mask_counts_and_not_its_inside() -> None:
    """The largest distance is that from the rim of the large square to that of the small one within it."""
    assert hausdorff95(square(5, 35), square(10, 30)) == pytest.approx(math.hypot(5, 4), abs=1)
    assert hausdorff95(square(0, 40), square(10, 30)) > 9


def test_empty_masks_have_a_distance_of_nothing_or_of_the_whole_image() -> None:
    nothing = torch.zeros(30, 40, dtype=torch.bool)
    something = nothing.clone()
    something[3, 4] = True
    assert hausdorff95(nothing, nothing) == 0
    assert hausdorff95(nothing, something) == hausdorff95(something, nothing) == 50


def test_images_are_measured_each_and_together() -> None:
    masks = torch.stack([square(10, 30), square(10, 20)])[:, None].float()
    logits = torch.where(masks > 0, 1.0, -1.0)
    logits[1] = -1  # the second is missed
    measured = measured_logits(logits, masks, ("a 1", "b 1"), ("a", "b"))
    first, second = measured.images
    assert (first.name, first.case, first.dice, first.iou, first.hausdorff95) == ("a 1", "a", 1, 1, 0)
    assert (second.dice, second.iou, second.pixel_accuracy) == (0, 0, 1 - 100 / 1600)
    assert second.hausdorff95 == pytest.approx(40 * math.sqrt(2))
    assert measured.whole == scores(logits, masks)
    assert measured.means()["dice"] == 0.5


def test_what_nobody_labelled_is_left_out() -> None:
    masks = square(10, 20)[None, None].float()
    masks[..., 30:] = -1
    logits = torch.where(masks == 1, 1.0, -1.0)
    logits[..., 30:] = 1
    (image,) = measured_logits(logits, masks, ("a",), ("a",)).images
    assert (image.dice, image.hausdorff95) == (1, 0)


def test_a_network_is_measured_as_its_hardware_is(trained: TrainingResult) -> None:
    model = load_checkpoint(trained.checkpoint)
    assert model.data is not None
    pairs = load_data(model.data, model.config).validation
    exact = exact_network(model)
    measured = measure(exact, pairs)
    assert measured.whole == evaluate(exact, pairs, batch_size=1)
    assert [image.name for image in measured.images] == list(pairs.names)
    # Both pictures of a pair case are one exam.
    assert {image.case for image in measured.images} == {name.rpartition("_")[0] for name in pairs.names}


def test_without_cases_each_image_is_one() -> None:
    pairs = Pairs(np.zeros((2, 1, 4, 4), np.uint8), np.zeros((2, 1, 4, 4), np.uint8), ("a", "b"))
    assert pairs.case_names == ("a", "b")
    assert pairs[1:].case_names == ("b",)
