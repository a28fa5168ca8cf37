# SPDX-License-Identifier: BSD-3-Clause
"""Which network a file of weights is of, by its names and shapes, and whether the configured one can take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from quantunet.checkpoint import KINDS
from quantunet.config import ModelConfig
from quantunet.foreign.family import Family, families
from quantunet.foreign.state_file import few
from quantunet_common.errors import UserError

#: Of a batch normalization.
NORM = ("weight", "bias", "running_mean", "running_var")
#: A batch normalization's count of training steps, which changes nothing in ours.
_COUNT = ".num_batches_tracked"
_DEEPEST, _WIDEST = 6, 256  # of `ModelConfig`


@dataclass(frozen=True)
class Layout:
    """A recognized network."""

    family: Family
    depth: int
    base_width: int
    in_channels: int
    out_channels: int
    interpolates: bool
    """It interpolates on the way up: only its encoder is ours."""
    names: Mapping[str, str]
    """Our convolutions and normalizations -> theirs, for those that a QuantU-Net has."""

    def __str__(self) -> str:
        way = "interpolation" if self.interpolates else "transposed convolutions"
        return (
            f"a network of {self.family.name}: depth {self.depth}, base width {self.base_width}, {way}, "
            f"{self.in_channels} channels of the image, {self.out_channels} of the answer"
        )


def recognize(state: Mapping[str, Any], path: Path) -> Layout:
    """The network that the weights `state` of the file `path` belong to.

    Raises:
        UserError: of none that is known, or weights are missing, or there are others.
    """
    known = families()
    for family in known:
        if all(name in state for name in family.recognized_by):
            return _recognized(family, state, path)
    raise UserError(
        f"is of no network that is known here; it holds {few(state)}",
        str(path),
        f"Give a checkpoint of qu-train, or weights of {' or '.join(family.name for family in known)}.",
    )


def _recognized(family: Family, state: Mapping[str, Any], path: Path) -> Layout:
    depth = 0
    while family.levels.format(number=depth + 1) in state:
        depth += 1
    names = family.ours_and_theirs(depth)
    interpolates = family.interpolates_without is not None and family.interpolates_without not in state
    if interpolates:
        names = {ours: theirs for ours, theirs in names.items() if not ours.startswith("up.")}
    wanted = [
        f"{theirs}.{part}" for ours, theirs in names.items() for part in (NORM if _is_norm(ours) else ("weight",))
    ]
    allowed = {
        *wanted,
        *family.no_weights,
        *(f"{theirs}{end}" for theirs in names.values() for end in (".bias", _COUNT)),
    }
    other = f"is not {family.name} as it is known here:"
    if missing := [name for name in wanted if not isinstance(state.get(name), Tensor)]:
        raise UserError(f"{other} without {few(missing)}", str(path), "Give the complete state dict of such a network.")
    if more := sorted(state.keys() - allowed):
        raise UserError(f"{other} with {few(more)}", str(path), "Give the state dict of such a network, unchanged.")
    first, head = (state[f"{names[ours]}.weight"] for ours in ("encoder.0.conv1", "head"))
    if first.dim() != 4 or head.dim() != 4:
        raise UserError(f"{other} its first or last weights are of no convolution of images", str(path))
    if interpolates:
        names = {ours: theirs for ours, theirs in names.items() if ours.startswith("encoder.")}
    width, channels = first.shape[:2]
    return Layout(family, depth, width, channels, head.shape[0], interpolates, names)


def _is_norm(ours: str) -> bool:
    return ".norm" in ours


def check_fits(layout: Layout, config: ModelConfig, path: Path) -> None:
    """Raises:
    UserError: the configured network has another depth, base width or way up; what would match is said.
    """
    if not 1 <= layout.depth <= _DEEPEST or not 1 <= layout.base_width <= _WIDEST:
        raise UserError(
            f"is {layout}, which no QuantU-Net has",
            str(path),
            f"Give one of depth 1 to {_DEEPEST} and base width 1 to {_WIDEST}.",
        )
    wanted: dict[str, int | str] = {"depth": layout.depth, "base_width": layout.base_width}
    if not layout.interpolates:
        wanted["decoder"] = "transpose"
    differing = {name: value for name, value in wanted.items() if getattr(config, name) != value}
    if differing:
        configured = ", ".join(f"{name.replace('_', ' ')} {getattr(config, name)}" for name in differing)
        options = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in differing.items())
        raise UserError(
            f"is {layout}; configured: {configured}",
            str(path),
            f"Train with {options} (keys of `model` in a configuration).",
        )


def usable(tensor: Any, shape: tuple[int, ...], name: str, path: Path) -> Tensor:
    """`tensor`, which the file calls `name`, in float64.

    Raises:
        UserError: it is no tensor of this shape, of numbers with fractions that are finite.
    """
    found = tuple(tensor.shape) if isinstance(tensor, Tensor) else type(tensor).__name__
    if not isinstance(tensor, Tensor) or found != shape:
        raise UserError(f"{name} has shape {found} instead of {shape}", str(path), "Give weights of the plain network.")
    if tensor.dtype not in KINDS[True]:
        raise UserError(f"{name} holds {str(tensor.dtype)[6:]}", str(path), "Give weights in floating point.")
    if not torch.isfinite(tensor).all():
        raise UserError(f"{name} holds values that are not finite", str(path), "Give weights that are finite.")
    return tensor.detach().double()
