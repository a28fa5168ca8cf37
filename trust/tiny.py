# SPDX-License-Identifier: BSD-3-Clause
"""A small network, and `qu-build` on it as a process of its own: what the trials of whole builds work with."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

COMMAND = "import sys; sys.argv[0] = 'qu-build'; from hw_flows.cli import build_main; build_main()"
REPOSITORY = Path(__file__).parent.parent
SIDE = 8
LIMIT_SECONDS = 1800.0


def write_network(folder: Path, bits: int = 3) -> Path:
    """The QONNX file of a QuantU-Net with one pooling and settled scales, and `images.npy` (2, 1, 8, 8) beside it.

    `bits`: of all weights and activations.
    """
    import torch

    from quantunet.config import ModelConfig
    from quantunet.export import export_qonnx
    from quantunet.model import QuantUNet

    torch.manual_seed(7)
    config = ModelConfig(depth=1, base_width=2, image_size=(SIDE, SIDE), precision="fixed", bits=bits)
    network = QuantUNet(config)
    pixels = torch.rand(16, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(8))
    network.train()
    with torch.no_grad():
        for batch in pixels.split(4):
            network(batch)
    network.eval()
    export_qonnx(network, folder / "network.onnx")
    np.save(folder / "images.npy", (np.round(255 * pixels[:2].numpy()) / 255).astype(np.float32))
    return folder / "network.onnx"


def write_rectified_network(folder: Path) -> Path:
    """A Brevitas network whose activations are made positive by Abs, which only an operator from outside builds; images beside it."""
    import torch
    from brevitas import nn as qnn
    from brevitas.export import export_qonnx
    from brevitas.quant import Int8ActPerTensorFloat, Int8WeightPerTensorFloat, Uint8ActPerTensorFloat

    class Rectified(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            weights = {"weight_quant": Int8WeightPerTensorFloat, "weight_bit_width": 4, "bias": False}
            calibrated = {"collect_stats_steps": 3, "return_quant_tensor": False}
            self.image = qnn.QuantIdentity(act_quant=Uint8ActPerTensorFloat, bit_width=8, **calibrated)
            self.first = qnn.QuantConv2d(1, 2, 3, padding=1, **weights)
            self.signed = qnn.QuantIdentity(act_quant=Int8ActPerTensorFloat, bit_width=4, **calibrated)
            self.last = qnn.QuantConv2d(2, 2, 1, **weights)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.last(self.signed(self.first(self.image(x))).abs())
            return logits

    torch.manual_seed(7)
    network, pixels = Rectified(), torch.rand(16, 1, SIDE, SIDE)
    network.train()
    with torch.no_grad():
        for batch in pixels.split(4):
            network(batch)
    network.eval()
    export_qonnx(network, args=pixels[:1], export_path=str(folder / "network.onnx"))
    np.save(folder / "images.npy", pixels[:2].numpy())
    return folder / "network.onnx"


@dataclass(frozen=True)
class TinyBuild:
    """How the small network is built: `cache` and `output` are folders, `environment` is added to this process's."""

    network: Path
    output: Path
    cache: Path
    options: tuple[str, ...] = ("--flow", "none")
    environment: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    """Python that runs in the process before qu-build does."""

    def command(self) -> list[str]:
        images = self.network.parent / "images.npy"
        given = ["--model", self.network, "--verify-input", images, "--output", self.output]
        fixed = ["--frames", "2", "--jobs", "1", "--target-fps", "20000", "--batch"]
        return [sys.executable, "-c", f"{self.before}\n{COMMAND}", *map(str, given), *fixed, *self.options]

    def start(self, log: Path) -> subprocess.Popen[bytes]:
        """The build, in a process group of its own; what it says goes to `log`."""
        path = os.pathsep.join([*filter(None, [self.environment.get("PYTHONPATH")]), str(REPOSITORY)])
        environment = {"OMP_NUM_THREADS": "1", "QU_CACHE": str(self.cache), **self.environment, "PYTHONPATH": path}
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as said:
            return subprocess.Popen(
                self.command(),
                stdout=said,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **environment},
                cwd=self.network.parent,
                start_new_session=True,
            )

    def run(self, log: Path, limit_seconds: float = LIMIT_SECONDS) -> Ended:
        """The build to its end. Raises subprocess.TimeoutExpired past the limit."""
        log.unlink(missing_ok=True)
        process = self.start(log)
        try:
            status = process.wait(limit_seconds)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, 9)
                process.wait()
        return Ended(status, log.read_text(encoding="utf-8", errors="replace"))


@dataclass(frozen=True)
class Ended:
    """How a build ended: its exit status, and all it said."""

    status: int
    said: str

    @property
    def clear(self) -> bool:
        """Refused as the contract says: status 2 and one message, no traceback. It may quote a compiler's own errors."""
        messages = sum(line.startswith("error:") for line in self.said.splitlines())
        return self.status == 2 and messages == 1 and "Traceback" not in self.said

    @property
    def last_words(self) -> str:
        return " ".join(self.said[-400:].split())
