# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import numpy as np
import pytest

from quantunet.checkpoint import load_checkpoint
from quantunet.config import ModelConfig
from quantunet.data import load_data, verification_images
from quantunet.model import QuantUNet
from quantunet.train import TrainingResult
from tests.quantunet.refusal import refused


@pytest.mark.parametrize("frames", [1, 2, 7])
def test_they_come_from_the_validation_split_in_steps_of_1_255(trained: TrainingResult, frames: int) -> None:
    model = load_checkpoint(trained.checkpoint)
    images, masks = verification_images(model, frames)
    assert images.shape == masks.shape == (frames, 1, 16, 16)
    assert images.dtype == masks.dtype == np.float32
    assert np.array_equal((images * 255).round() / np.float32(255), images)
    assert model.data is not None
    held_out = {picture.tobytes() for picture in load_data(model.data, model.config).validation.as_float()[0]}
    assert {picture.tobytes() for picture in images} <= held_out


def test_a_network_without_data_has_none() -> None:
    with refused("does not name its data"):
        verification_images(QuantUNet(ModelConfig(depth=1, image_size=(4, 4))), 2)


def test_no_frames_is_refused(trained: TrainingResult) -> None:
    with refused("at least one"):
        verification_images(load_checkpoint(trained.checkpoint), 0)
