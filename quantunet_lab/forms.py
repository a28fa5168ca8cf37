# SPDX-License-Identifier: BSD-3-Clause
"""The answers of a network in its other forms: QONNX file, simulated hardware.

They compute in float64 with the same float32 scales as `quantunet.exact`, which gives the same integers at every
quantizer; in float32 the order of sums decides values that lie within rounding of a quantizer's boundary.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quantunet_common.errors import UserError

Images = NDArray[np.float32]
"""(N, C, H, W) in k/255."""
Logits = NDArray[np.floating]
"""(N, classes, H, W)."""


def qonnx_logits(file: Path, images: Images) -> Logits:
    """Answers of a QONNX file as it is, executed node by node; of a network with a head, its logits.

    Raises:
        UserError: it cannot be read or executed, or its images have another size.
    """
    from hw_flows.finn_environment import finn_in_scratch

    with finn_in_scratch("qu-eval-"):
        from hw_flows.network.answers import answer, image_input, interface
        from hw_flows.network.file import load_network
        from hw_flows.network.head import split_head

        model = load_network(file)
        network, image = split_head(model), image_input(model, file)
        taken = interface(network, image, file).image
        if images.shape[1:] != taken:
            raise UserError(
                f"takes images of shape {taken}, not {images.shape[1:]}", str(file), "Export it for the images' size."
            )
        return answer(network, image, images).logits


def hardware_logits(build: Path, images: Images, jobs: int = 2) -> Logits:
    """Answers of the RTL of a finished build, simulated cycle by cycle; every stream is compared on the way.

    Raises:
        UserError: the build is not finished or takes other images, or the RTL does not compute what it should.
    """
    from hw_flows.resimulate import resimulate

    if not (build / "rtl" / "accelerator.json").is_file():
        raise UserError("is not a finished build", str(build), "Give the output folder of qu-build.")
    with tempfile.TemporaryDirectory(prefix="qu-eval-") as folder:
        given, answers = Path(folder) / "images.npy", Path(folder) / "logits.npy"
        np.save(given, images)
        outcome = resimulate(
            build,
            given,
            None,
            stall=0.0,
            seed=1,
            waves=None,
            waves_from=0,
            waves_to=None,
            output=answers,
            jobs=jobs,
        )
        if not outcome.ok:
            raise UserError(f"the hardware is not exact: {outcome.text}", str(build), "See `qu-sim`.")
        logits: Logits = np.load(answers)
        return logits
