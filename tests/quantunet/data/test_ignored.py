# SPDX-License-Identifier: BSD-3-Clause
"""Pixels that nobody labelled: from the file to the loss and the scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from quantunet.config import FolderConfig, ModelConfig
from quantunet.data import Pairs, load_data, load_folder_pairs
from quantunet.data.pairs import IGNORED
from quantunet.data.resize import fitted
from quantunet.data.sampling import batch
from quantunet.data_config import AugmentConfig
from quantunet.losses import dice_loss, segmentation_loss
from quantunet.metrics import scores
from tests.quantunet.conftest import draw_pairs
from tests.quantunet.data.look_alikes import draw_volumes, write_volume

NETWORK = ModelConfig(depth=2, image_size=(16, 16))


def draw_bordered(folder: Path) -> Path:
    """Discs of 1 with the upper two rows of each mask 255: nobody labelled them."""
    draw_pairs(folder, 6, size=(16, 16))
    for file in (folder / "masks").iterdir():
        mask = np.array(Image.open(file)) // 255
        mask[:2] = 255
        Image.fromarray(mask).save(file)
    return folder


def test_a_void_border_is_neither_target_nor_background(tmp_path: Path) -> None:
    pairs = load_folder_pairs(FolderConfig(path=draw_bordered(tmp_path / "d"), ignore=(255,)), NETWORK)
    assert (pairs.masks[:, 0, :2] == IGNORED).all()
    assert set(np.unique(pairs.masks[:, 0, 2:])) == {0, 1}
    _, masks = pairs.as_float()
    assert (masks[:, 0, :2] == -1).all() and set(np.unique(masks)) == {-1, 0, 1}


def test_a_resized_pixel_is_ignored_where_most_of_it_is() -> None:
    target, unknown = np.zeros((2, 8), bool), np.zeros((2, 8), bool)
    unknown[:, 0:2] = True  # all of the first pixel
    unknown[0, 2] = True  # a quarter of the second, the rest is target
    target[1, 2], target[:, 3] = True, True
    unknown[:, 4] = True  # half of the third, the rest is target
    target[:, 5] = True
    target[0, 6] = True  # a quarter of the fourth
    _, mask = fitted(np.zeros((1, 2, 8), np.float32), target, (1, 4), unknown)
    assert mask[0, 0].tolist() == [IGNORED, 1, 1, 0]


def test_the_loss_does_not_see_them() -> None:
    torch.manual_seed(0)
    logits, masks = torch.randn(2, 1, 6, 6), (torch.rand(2, 1, 6, 6) > 0.5).float()
    masks[:, :, :2] = -1
    other = logits.clone()
    other[:, :, :2] = 100 * torch.randn(2, 1, 2, 6)
    known_logits, known_masks = logits[:, :, 2:], masks[:, :, 2:]
    for loss in (dice_loss, segmentation_loss):
        expected = loss(known_logits, known_masks).item()
        assert loss(logits, masks).item() == pytest.approx(expected, abs=1e-6)
        assert loss(other, masks).item() == pytest.approx(expected, abs=1e-6)
    other.requires_grad_()
    segmentation_loss(other, masks).backward()
    assert other.grad is not None and not other.grad[:, :, :2].any() and other.grad[:, :, 2:].any()


def test_an_image_that_nobody_labelled_costs_nothing() -> None:
    logits = torch.randn(1, 1, 4, 4, requires_grad=True)
    segmentation_loss(logits, torch.full((1, 1, 4, 4), -1.0)).backward()
    assert logits.grad is not None and not logits.grad.any()


def test_scores_do_not_count_them() -> None:
    logits = torch.tensor([[[[1.0, 1, -1, -1]]]])
    measured = scores(logits, torch.tensor([[[[1.0, -1, -1, 0]]]]))
    assert (measured.dice, measured.iou, measured.pixel_accuracy) == (1, 1, 1)
    measured = scores(logits, torch.tensor([[[[0.0, -1, -1, 1]]]]))
    assert (measured.dice, measured.pixel_accuracy) == (0, 0)


@pytest.mark.parametrize("augment", [True, AugmentConfig(rotate=30, scale=0.2, elastic=1)])
def test_augmentation_moves_them_with_the_mask(augment: bool | AugmentConfig) -> None:
    masks = np.zeros((4, 1, 16, 16), np.uint8)
    masks[:, :, 6:10, 4:8], masks[:, :, 6:10, 8:12] = 1, IGNORED
    images = np.where(masks == 1, 90, np.where(masks == IGNORED, 180, 0)).astype(np.uint8)
    seen, drawn = batch(Pairs(images, masks, tuple("abcd")), 4, seed=1, step=2, augment=augment)
    assert set(np.unique(drawn)) == {-1, 0, 1}
    assert seen[drawn == -1].mean() > seen[drawn == 1].mean() > seen[drawn == 0].mean()


def test_volumes_have_them_too(tmp_path: Path) -> None:
    from quantunet.data_config import VolumesConfig

    draw_volumes(tmp_path)
    for index in range(4):
        labels = np.zeros((18, 20, 9), np.uint8)
        labels[5:9, 5:9], labels[:, 19] = 1, 255
        write_volume(tmp_path / "masks" / f"case{index}.nii.gz", labels, np.eye(4))
    split = load_data(VolumesConfig(path=tmp_path, ignore=(255,)), ModelConfig(depth=1, image_size=(18, 20)))
    assert (split.train.masks[:, 0, :, 19] == IGNORED).all()
    assert (split.train.masks[:, 0, 5:9, 5:9] == 1).all()
    assert "255 left out" in split.notes[0]
