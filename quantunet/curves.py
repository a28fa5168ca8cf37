# SPDX-License-Identifier: BSD-3-Clause
"""What TensorBoard shows of a training: loss, scores, the width of every layer and what the widths cost."""

from __future__ import annotations

from pathlib import Path

from quantunet.bit_terms import measured_terms
from quantunet.metrics import Scores, Widths
from quantunet.model import QuantUNet
from quantunet.quantizers import learned_widths


class Curves:
    """Writes the curves of a training; without a folder it writes nothing."""

    def __init__(self, folder: Path | None, step: int) -> None:
        """Steps after `step`, written by a training that was cut short, are shown no more."""
        self._writer = None
        if folder is not None:
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(str(folder), purge_step=step + 1)

    def step(self, step: int, loss: float, cost: Widths, penalty: float | None = None) -> None:
        """`penalty` is lambda where a controller moves it."""
        if self._writer is not None:
            self._writer.add_scalar("train/loss", loss, step)
            self._writer.add_scalar("train/weight_bits", cost.mean_weight_bits_per_layer, step)
            self._writer.add_scalar("train/activation_bits", cost.mean_activation_bits, step)
            if penalty is not None:
                self._writer.add_scalar("train/penalty", penalty, step)

    def validation(self, step: int, measured: Scores, model: QuantUNet) -> None:
        if self._writer is None:
            return
        for name in ("dice", "iou", "pixel_accuracy"):
            self._writer.add_scalar(f"validation/{name}", getattr(measured, name), step)
        for name, width in learned_widths(model):
            self._writer.add_scalar(f"bits/{name}", int(width()), step)
        if model.config.precision != "float":
            for name, value in measured_terms(model).items():
                self._writer.add_scalar(f"hardware/{name}", value, step)

    def flush(self) -> None:
        """Put on disk what was written: a resumed training goes on from here."""
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
