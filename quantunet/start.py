# SPDX-License-Identifier: BSD-3-Clause
"""What a training takes from another one: weights to start from, and a teacher."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from quantunet.checkpoint import DESCRIPTION, WEIGHTS, load_checkpoint
from quantunet.config import ModelConfig
from quantunet.foreign.origin import Origin
from quantunet.foreign.start import start_from_file
from quantunet.foreign.state_file import read_weights_file
from quantunet.model import QuantUNet
from quantunet.quantizers import start_ranges
from quantunet_common.errors import UserError

#: Settings that decide which weights a network has.
_ARCHITECTURE = ("in_channels", "out_channels", "base_width", "depth", "decoder")


def start_from(model: QuantUNet, path: Path) -> Origin | None:
    """Give `model` the weights, bias and batch normalization at `path`: of a checkpoint of any precision, or of another
    project's U-Net (`quantunet.foreign`), whose origin is returned.

    Quantizers start anew: widths at 8 bits (or those of ``fixed``), learned ranges by the new weights, scales of
    activations by the first batches, which come from the trained network.

    Raises:
        UserError: there are no weights, or they are of another architecture.
    """
    origin = None
    file = None if _is_of_checkpoint(path) else read_weights_file(path)
    if file is None or (isinstance(file.content, dict) and {"model", "state_dict"} <= file.content.keys()):
        other = load_checkpoint(path)
        check_same(model.config, other.config, _ARCHITECTURE, path)
        with torch.no_grad():
            own = plain_tensors(model)
            for name, value in plain_tensors(other).items():
                own[name].copy_(value)
    else:
        origin = start_from_file(model, file)
    start_ranges(model.convolutions())
    return origin


def _is_of_checkpoint(path: Path) -> bool:
    """Whether `path` is a folder or what belongs to one; also where nothing is."""
    return not path.is_file() or (path.name in (WEIGHTS, DESCRIPTION) and (path.parent / DESCRIPTION).is_file())


def load_teacher(config: ModelConfig, path: Path) -> QuantUNet:
    """The network at `path`, to be learned from: in evaluation mode, without gradients.

    Raises:
        UserError: there is no checkpoint, or its images or masks have other channels.
    """
    teacher = load_checkpoint(path)
    check_same(config, teacher.config, ("in_channels", "out_channels"), path)
    step, size = 2**teacher.config.depth, config.image_size
    if any(length % step for length in size):
        raise UserError(
            f"halves its images {teacher.config.depth} times, which those of {size[0]}x{size[1]} do not bear",
            str(path),
            "Use a teacher of smaller depth.",
        )
    return teacher.requires_grad_(False).eval()


def plain_tensors(model: QuantUNet) -> dict[str, Tensor]:
    """Parameters and buffers that a network of every precision has: all but the quantizers'."""
    every = (*model.named_parameters(), *model.named_buffers())
    return {name: value for name, value in every if "_quant." not in name}


def check_same(config: ModelConfig, other: ModelConfig, names: tuple[str, ...], path: Path) -> None:
    """Raises:
    UserError: the two networks differ in one of the settings `names`.
    """
    differing = [
        f"{name}: {getattr(other, name)} instead of {getattr(config, name)}"
        for name in names
        if getattr(config, name) != getattr(other, name)
    ]
    if differing:
        raise UserError(
            f"is a network of another architecture ({', '.join(differing)})",
            str(path),
            "Give a checkpoint of the same architecture, or change the settings of the model.",
        )
