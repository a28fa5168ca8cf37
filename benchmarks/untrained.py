# SPDX-License-Identifier: BSD-3-Clause
"""An untrained checkpoint of any size, for figures of hardware without hours of training.

    .venv/bin/python benchmarks/untrained.py OUTPUT [--base-width 64] [--image-size 128] [--depth 4]

Weights are random; widths are set by hand, 3 to 5 bits in turn, 4 in the mean; scales of activations are calibrated on slices of
the brain template ICBM 2009a (`quantunet/data/icbm152.py`), so that every layer uses its range. `qu-build` takes it as any other
checkpoint:

    qu-build --board BOARD --model OUTPUT --verify-input OUTPUT.npy

with other slices, which are written beside it. Cycles, resources, simulation and the proof that the RTL is exact are those of a
network of this shape. What it answers means nothing: it has learned nothing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from networks import WIDTHS, random_network

from quantunet_common.files import save_array

FRAMES = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, metavar="OUTPUT", help="folder of the checkpoint")
    parser.add_argument("--base-width", type=int, default=64, help="channels after the first convolution; default 64")
    parser.add_argument("--image-size", type=int, default=128, help="height and width; default 128")
    parser.add_argument("--depth", type=int, default=4, help="number of poolings; default 4")
    options = parser.parse_args()

    from quantunet.checkpoint import save_checkpoint
    from quantunet.config import ModelConfig
    from quantunet.data import load_data
    from quantunet.data_config import Icbm152Config

    size = (options.image_size, options.image_size)
    slices = load_data(Icbm152Config(), ModelConfig(image_size=size))
    network = random_network(options.base_width, size, options.depth, slices.train.as_float()[0])
    save_checkpoint(options.output, network, {"untrained": f"random weights, widths {WIDTHS} in turn"})
    images = options.output.with_name(f"{options.output.name}.npy")
    shown = slices.validation.as_float()[0]
    save_array(images, shown[np.linspace(0, len(shown) - 1, FRAMES + 2)[1:-1].round().astype(int)])
    print(f"{options.output}: UNTRAINED, {network.config.weights:,} random weights of 4 bits in the mean")
    print(f"qu-build --board pynq-z2 --model {options.output} --verify-input {images}")


if __name__ == "__main__":
    main()
