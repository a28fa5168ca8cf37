# SPDX-License-Identifier: BSD-3-Clause
"""A QuantU-Net with the weights of another project's U-Net."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from quantunet.foreign.folding import SIGMAS, Norm, upwards
from quantunet.foreign.layout import NORM, Layout, check_fits, recognize, usable
from quantunet.foreign.origin import Origin
from quantunet.foreign.state_file import WeightsFile, state_of
from quantunet.model import QuantUNet
from quantunet_common.errors import UserError

_INEXACT = (
    f"upwards the ReLU of a QuantU-Net cuts what is more than {SIGMAS:g} estimated standard deviations below the mean, and "
    "the edges of the image differ"
)


def start_from_file(model: QuantUNet, file: WeightsFile) -> Origin:
    """Give `model`, of any precision, the weights and batch normalizations of another project's network.

    Raises:
        UserError: the file is of no known network, of another depth or width, or damaged.
    """
    state, path = state_of(file), file.path
    layout = recognize(state, path)
    check_fits(layout, model.config, path)
    taken = _Taken(model, layout, state, path)
    taken.take_all()
    with torch.no_grad():
        for name, value in taken.tensors.items():
            if not torch.isfinite(taken.own[name].copy_(value)).all():
                raise UserError("holds weights too large for float32", str(path), "Give weights of a trained network.")
    inexact = (*((_INEXACT,) if taken.lifts else ()), *layout.family.notes)
    convolutions = sum(name in taken.tensors for name in (f"{layer.name}.weight" for layer in model.layers()))
    return Origin(
        family=layout.family.name,
        file=path.name,
        sha256=file.sha256,
        taken=convolutions,
        not_taken=tuple(taken.not_taken),
        inexact=inexact,
    )


class _Taken:
    """The tensors of `model` that are found in `state`, in float64, by our names."""

    def __init__(self, model: QuantUNet, layout: Layout, state: Mapping[str, Any], path: Path) -> None:
        self.own = dict((*model.named_parameters(), *model.named_buffers()))
        self.config = model.config
        self.layout = layout
        self.state = state
        self.path = path
        self.tensors: dict[str, Tensor] = {}
        self.not_taken: list[str] = []
        self.lifts: dict[int, Tensor] = {}
        """Level -> what is added to each channel that comes up."""

    def take_all(self) -> None:
        config, layout = self.config, self.layout
        depth = config.depth
        for level in range(depth):
            if level == 0 and config.in_channels != layout.in_channels:
                self.not_taken.append(
                    f"encoder.0.conv1 (for {layout.in_channels} channels of the image instead of {config.in_channels})"
                )
            else:
                self._step(f"encoder.{level}", 1)
            self._step(f"encoder.{level}", 2)
        if layout.interpolates:
            self.not_taken.append("bottom, up, decoder, head (the file interpolates on the way up)")
            return
        self._step("bottom", 1)
        below = self._step("bottom", 2)
        for level in reversed(range(depth)):
            self._up(level, below)
            self._step(f"decoder.{level}", 1, level)
            below = self._step(f"decoder.{level}", 2)
        self._head()

    def _read(self, ours: str, part: str, shape: tuple[int, ...]) -> Tensor:
        name = f"{self.layout.names[ours]}.{part}"
        return usable(self.state[name], shape, name, self.path)

    def _weight(self, ours: str) -> Tensor:
        return self._read(ours, "weight", tuple(self.own[f"{ours}.weight"].shape))

    def _bias(self, ours: str, channels: int) -> Tensor:
        """Zeros where the file has none."""
        if f"{self.layout.names[ours]}.bias" not in self.state:
            return torch.zeros(channels, dtype=torch.float64)
        return self._read(ours, "bias", (channels,))

    def _step(self, block: str, number: int, level: int | None = None) -> Norm:
        """A convolution and its normalization; `level` where it reads what was joined at this level."""
        convolution, ours = f"{block}.conv{number}", f"{block}.norm{number}"
        weight = self._weight(convolution)
        channels = len(weight)
        if level is not None and self.layout.family.joined == "skip_first":
            weight = weight.roll(weight.shape[1] // 2, 1)  # both halves have as many channels
        norm = Norm(*(self._read(ours, part, (channels,)) for part in NORM))
        if (norm.running_var < 0).any():
            name = f"{self.layout.names[ours]}.running_var"
            raise UserError(f"{name} holds negative variances", str(self.path), "Give weights of a trained network.")
        norm = norm.after_adding(-self._bias(convolution, channels))
        if level is not None:
            lift = self.lifts[level]
            norm = norm.after_adding(weight[:, : len(lift)].sum((2, 3)) @ lift)
        self.tensors[f"{convolution}.weight"] = weight
        self._put_norm(ours, norm)
        return norm

    def _up(self, level: int, below: Norm) -> None:
        ours = f"up.{level}.conv"
        weight = self._weight(ours)
        norm, self.lifts[level] = upwards(weight, self._bias(ours, weight.shape[1]), below)
        self.tensors[f"{ours}.weight"] = weight
        self._put_norm(f"up.{level}.norm", norm)

    def _head(self) -> None:
        given, wanted = self.layout.out_channels, self.config.out_channels
        channels = self.own["head.weight"].shape[1]
        as_one_mask = self.layout.family.two_classes_are_one_mask and (given, wanted) == (2, 1)
        if given != wanted and not as_one_mask:
            self.not_taken.append(f"head (for {given} channels of the answer instead of {wanted})")
            return
        weight, bias = self._read("head", "weight", (given, channels, 1, 1)), self._bias("head", given)
        if as_one_mask:
            weight, bias = weight[1:] - weight[:1], bias[1:] - bias[:1]
        self.tensors |= {"head.weight": weight, "head.bias": bias}

    def _put_norm(self, ours: str, norm: Norm) -> None:
        self.tensors |= {f"{ours}.{part}": value for part, value in vars(norm).items()}
