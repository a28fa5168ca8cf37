"""The answers of a network in each of its forms: checkpoint, QONNX file, simulated hardware.

All compute in float64 with the same float32 scales (`quantunet.exact`), which gives the same integers at every
quantizer; in float32 the order of sums decides values that lie within rounding of a quantizer's boundary.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hw_flows.errors import UserError
from quantunet.errors import QuantUNetError
from quantunet.model import QuantUNet

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
    """Answers of a QONNX file, executed node by node.

    Raises:
        QuantUNetError: it cannot be read, or its images have another size.
    """
    import onnx

    from hw_flows.finn_environment import finn_in_scratch

    if not file.is_file():
        raise QuantUNetError("does not exist", str(file), "Give a file that qu-export wrote.")
    with finn_in_scratch("qu-eval-"):
        from qonnx.core.modelwrapper import ModelWrapper
        from qonnx.util.cleanup import cleanup_model

        from hw_flows.execute import execute_network

        try:
            network = cleanup_model(ModelWrapper(onnx.load(str(file))))
        except Exception as error:  # onnx, protobuf and qonnx have an error each
            raise QuantUNetError(
                f"is no readable QONNX network ({type(error).__name__})", str(file), "Give a file of qu-export."
            ) from error
        try:
            return np.concatenate([execute_network(network, None, image[None]) for image in images])
        except UserError as error:
            raise QuantUNetError(error.what, str(file), error.fix) from error


def hardware_logits(build: Path, images: Images, jobs: int = 2) -> Logits:
    """Answers of the RTL of a finished build, simulated cycle by cycle; every stream is compared on the way.

    Raises:
        QuantUNetError: the build is not finished or takes other images, or the RTL does not compute what it should.
    """
    from hw_flows.resimulate import resimulate

    if not (build / "rtl" / "accelerator.json").is_file():
        raise QuantUNetError("is no finished build", str(build), "Give the output folder of qu-build.")
    with tempfile.TemporaryDirectory(prefix="qu-eval-") as folder:
        given, answers = Path(folder) / "images.npy", Path(folder) / "logits.npy"
        np.save(given, images)
        try:
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
        except UserError as error:
            raise QuantUNetError(error.what, error.where, error.fix) from error
        if not outcome.ok:
            raise QuantUNetError(f"the hardware is not exact: {outcome.text}", str(build), "See `qu-sim`.")
        logits: Logits = np.load(answers)
        return logits
