# SPDX-License-Identifier: BSD-3-Clause
"""The answers of a network in each of its forms: checkpoint, QONNX file, simulated hardware.

All compute in float64 with the same float32 scales (`quantunet.exact`), which gives the same integers at every
quantizer; in float32 the order of sums decides values that lie within rounding of a quantizer's boundary.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quantunet.errors import QuantUNetError
from quantunet.model import QuantUNet
from quantunet_lab.errors import user_errors

Images = NDArray[np.float32]
"""(N, C, H, W) in k/255."""
Logits = NDArray[np.floating]
"""(N, classes, H, W)."""


def network_logits(model: QuantUNet, images: Images) -> Logits:
    """Answers of a network; it is left as `exact_network` leaves it."""
    import torch

    from quantunet.exact import exact_network

    exact = exact_network(model)
    with torch.no_grad():
        # One image at a time: as the other forms do, and as much memory as one takes.
        return np.concatenate([exact(torch.from_numpy(image[None]).double()).numpy() for image in images])


def qonnx_logits(file: Path, images: Images) -> Logits:
    """Answers of a QONNX file as it is, executed node by node; of a network with a head, its logits.

    Raises:
        QuantUNetError: it cannot be read or executed, or its images have another size.
    """
    from hw_flows.finn_environment import finn_in_scratch

    with user_errors(str(file)), finn_in_scratch("qu-eval-"):
        from hw_flows.network.answers import answer, image_input, interface
        from hw_flows.network.file import load_network
        from hw_flows.network.head import split_head

        model = load_network(file)
        network, image = split_head(model), image_input(model, file)
        taken = interface(network, image, file).image
        if images.shape[1:] != taken:
            raise QuantUNetError(
                f"takes images of shape {taken}, not {images.shape[1:]}", str(file), "Export it for the images' size."
            )
        return answer(network, image, images).logits


def hardware_logits(build: Path, images: Images, jobs: int = 2) -> Logits:
    """Answers of the RTL of a finished build, simulated cycle by cycle; every stream is compared on the way.

    Raises:
        QuantUNetError: the build is not finished or takes other images, or the RTL does not compute what it should.
    """
    from hw_flows.resimulate import resimulate

    if not (build / "rtl" / "accelerator.json").is_file():
        raise QuantUNetError("is not a finished build", str(build), "Give the output folder of qu-build.")
    with tempfile.TemporaryDirectory(prefix="qu-eval-") as folder:
        given, answers = Path(folder) / "images.npy", Path(folder) / "logits.npy"
        np.save(given, images)
        with user_errors():
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
            raise QuantUNetError(f"the hardware is not exact: {outcome.text}", str(build), "See `qu-sim`.")
        logits: Logits = np.load(answers)
        return logits
