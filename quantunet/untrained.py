# SPDX-License-Identifier: BSD-3-Clause
"""Networks that have learned nothing, for figures of their hardware without hours of training.

Weights are random; bit widths are set by hand, 3 to 5 in turn, 4 in the mean; scales of activations are calibrated on real images,
so that every layer uses its range. Cycles, resources and the proof that the RTL is exact are those of any network of
this shape. What it answers means nothing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from quantunet.checkpoint import BEST, save_checkpoint
from quantunet.config import MIN_BITS, ModelConfig, TrainConfig
from quantunet.data import load_data
from quantunet.model import QuantUNet
from quantunet.quantizers import freeze_widths, learned_widths
from quantunet_common.errors import UserError

#: Width in bits of weights and activations, in turn.
WIDTHS = (3, 4, 5, 4)
CALIBRATION_IMAGES = 60


def untrained_network(config: ModelConfig, images: NDArray[np.float32], seed: int = 0) -> QuantUNet:
    """A network ready for export. Scales come from `images`, float32 (N, C, H, W), in turn."""
    torch.manual_seed(seed)
    network = QuantUNet(config)
    network.train()
    with torch.no_grad():
        for number in range(CALIBRATION_IMAGES):  # the activations' scales come from the first images
            network(torch.from_numpy(images[number % len(images)][None]))
        for position, (_, width) in enumerate(learned_widths(network) if config.precision == "learned" else ()):
            width.bit_width_offset.fill_(float(WIDTHS[position % len(WIDTHS)] - MIN_BITS))
    freeze_widths(network)
    return network.eval()


def write_untrained(config: TrainConfig, output: Path) -> Path:
    """The network that `config` would train, as it is before the first step, where the trained one would be: `output`/best.

    Raises:
        UserError: the data cannot be had, the network has no widths, or `output` cannot be written.
    """
    if config.model.precision == "float":
        raise UserError("a float network is no hardware", "model.precision", "Use precision: learned or fixed.")
    data = load_data(config.data, config.model)
    network = untrained_network(config.model, data.train.as_float()[0], config.seed)
    network.data = config.data
    save_checkpoint(output / BEST, network, {"untrained": f"random weights, {WIDTHS} bits in turn"})
    return output / BEST
