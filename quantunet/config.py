# SPDX-License-Identifier: BSD-3-Clause
"""Every setting of a network and its training: schema, defaults and documentation in one place.

Those of the data sets and the augmentation are in `quantunet.data_config`.

This module imports neither torch nor Brevitas, so that ``--help`` and configuration errors are quick.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from quantunet.data_config import AugmentConfig, DataConfig, Icbm152Config
from quantunet.data_config import FolderConfig as FolderConfig
from quantunet.settings import Settings as _Settings
from quantunet_common.configurations import Purpose, configuration_file, what_to_give
from quantunet_common.errors import UserError
from quantunet_common.files import require_input_file

MIN_BITS = 2
MAX_BITS = 8
#: Of an image: 4096x4096.
MOST_PIXELS = 2**24
#: Of a network: a GiB as float32.
MOST_WEIGHTS = 2**28
MOST_BYTES_OF_SETTINGS = 2**20

_Kind = TypeVar("_Kind", bound=BaseModel)


class ModelConfig(_Settings):
    """The architecture of a `quantunet.model.QuantUNet`."""

    in_channels: int = Field(default=1, ge=1, le=64)
    """Channels of the image."""
    out_channels: int = Field(default=1, ge=1, le=64)
    """Channels of the logits, one mask each."""
    base_width: int = Field(default=4, ge=1, le=256)
    """Channels after the first convolution; they double with each level."""
    depth: int = Field(default=4, ge=1, le=6)
    """Number of poolings. Depth 4 has the 23 convolutions of the first U-Net."""
    image_size: tuple[int, int] = (64, 64)
    """Height and width of the image in pixels; both divide by 2**depth."""
    decoder: Literal["transpose", "upsample"] = "transpose"
    """How a decoder level doubles the resolution: ``transpose`` is the original U-Net's 2x2 transposed
    convolution of stride 2, ``upsample`` nearest-neighbour upsampling and a 3x3 convolution."""
    precision: Literal["learned", "fixed", "float"] = "learned"
    """Bit widths: ``learned`` with the weights, 2 to 8 bits each; ``fixed``, the same quantizers with every
    width at `bits`; ``float``, the same architecture without quantizers: the baseline, which no hardware
    can be built from."""
    bits: int | None = Field(default=None, ge=MIN_BITS, le=MAX_BITS)
    """Bits of every weight and activation (the image's pixels have 8); needed by precision ``fixed`` and
    taken by no other."""

    weight_scales: Literal["largest", "learned"] = "largest"
    """The range of the weights that a quantizer covers: up to the ``largest`` magnitude, or ``learned`` as a parameter
    with the gradient of LSQ (Esser et al., arXiv 1902.08153), which may clip few large weights to resolve the others
    better. Activations have a learned scale in either case."""
    weight_scales_per: Literal["tensor", "channel"] = "tensor"
    """One scale for all weights of a layer, or one for each of its output channels; in hardware the thresholds take it
    up. A width is always a layer's."""

    @model_validator(mode="after")
    def _bits_are_those_of_fixed_widths(self) -> ModelConfig:
        if self.precision == "fixed" and self.bits is None:
            raise ValueError("precision: fixed needs the number of bits; add `bits`, 2 to 8")
        if self.precision != "fixed" and self.bits is not None:
            raise ValueError(f"bits: {self.bits} has no effect with precision: {self.precision}; use precision: fixed")
        return self

    @model_validator(mode="after")
    def _size_divides(self) -> ModelConfig:
        step = 2**self.depth
        for name, value in zip(("height", "width"), self.image_size, strict=True):
            if value < step or value % step:
                raise ValueError(
                    f"image {name} {value} is not a multiple of 2^depth = {step}; "
                    f"use a multiple of {step} or a smaller depth"
                )
        return self

    @model_validator(mode="after")
    def _fits_a_machine(self) -> ModelConfig:
        """A configuration may come with a file of unknown origin, and is obeyed before the weights are compared."""
        if self.image_size[0] * self.image_size[1] > MOST_PIXELS:
            raise ValueError(f"an image of more than {MOST_PIXELS:,} pixels")
        if self.weights > MOST_WEIGHTS:
            raise ValueError(f"a network of {self.weights:,} weights, more than {MOST_WEIGHTS:,}; use a smaller width")
        return self

    @property
    def weights(self) -> int:
        """Weights of all convolutions, without biases, batch normalization and quantizers."""
        width = [self.base_width * 2**level for level in range(self.depth + 1)]
        up = 4 if self.decoder == "transpose" else 9
        total = 9 * self.in_channels * width[0] + width[0] * self.out_channels
        total += sum(9 * w * w for w in width)  # second convolutions on the way down
        total += sum((9 + up) * a * b for a, b in itertools.pairwise(width))  # first ones, and those upwards
        return total + sum(27 * w * w for w in width[:-1])  # the decoder


class BitTerms(_Settings):
    """Shares of the terms in the bit penalty; each term is 0.25 where every width is 8 bits, so that a share
    of 1 costs alike in any of them. Definitions: `quantunet.losses`."""

    mean: float = Field(default=1.0, ge=0)
    """Mean width of the layers' weights and activations."""
    weight_memory: float = Field(default=0.0, ge=0)
    """Bits of all weights."""
    thresholds: float = Field(default=0.0, ge=0)
    """Bits of the memories that hold the activations' thresholds."""
    products: float = Field(default=0.0, ge=0)
    """LUTs of the products, each layer's by how many products a frame needs."""


class Target(_Settings):
    """What the widths may cost at most; one of the four."""

    bits: float | None = Field(default=None, ge=MIN_BITS, le=MAX_BITS)
    """Mean of the mean width of the weights and the mean width of the activations, per layer."""
    bits_each: float | None = Field(default=None, ge=MIN_BITS, le=MAX_BITS)
    """The larger of these two means: neither exceeds it."""
    weight_kib: float | None = Field(default=None, gt=0)
    """Memory of all weights, in KiB."""
    LUT: float | None = Field(default=None, gt=0)
    """LUTs of the products of a design that takes `cycles` a frame, by `quantunet.bit_terms`: without those of control,
    streams and memories."""
    cycles: int = Field(default=100_000, ge=1)
    """Of a frame, for `LUT`: the board's clock divided by the frames/s."""

    @model_validator(mode="after")
    def _one_is_named(self) -> Target:
        if sum(value is not None for value in (self.bits, self.bits_each, self.weight_kib, self.LUT)) != 1:
            raise ValueError("a target is one of bits, bits_each, weight_kib and LUT")
        return self


class Teacher(_Settings):
    """Distillation (Hinton et al., arXiv 1503.02531) from the logits of a trained network, pixel by pixel."""

    run: Path
    """Its checkpoint, or the folder of its training; of any precision and width, with the same channels in and out."""
    weight: float = Field(default=0.5, gt=0, le=1)
    """Share of the teacher in the loss; the rest is that of the masks."""
    temperature: float = Field(default=2.0, gt=0)
    """Both networks' logits are divided by it: higher, and more of the teacher's doubt is learned."""


class TrainConfig(_Settings):
    """One training, fully: the same configuration on the same machine gives the same weights."""

    model: ModelConfig = ModelConfig()
    """The architecture."""
    data: DataConfig = Icbm152Config()
    """The images and masks."""
    seed: int = Field(default=0, ge=0, lt=2**31)
    """Seed of initial weights, sampling and augmentation."""
    steps: int = Field(default=1000, ge=1)
    """Optimizer steps."""
    batch_size: int = Field(default=8, ge=1)
    """Images a step."""
    learning_rate: float = Field(default=3e-3, gt=0)
    """Adam's learning rate for weights and scales; falls to zero along a cosine."""
    width_learning_rate: float = Field(default=0.02, gt=0)
    """Adam's learning rate for the bit widths, in bits a step; falls likewise."""
    width_momentum: float = Field(default=0.9, ge=0, lt=1)
    """Adam's moving average of the gradients of the widths (beta 1): nearer to 1, less noise of single batches."""
    width_gradient: Literal["rounded", "interpolated"] = "rounded"
    """How a width gets its gradient; see `quantunet.interpolated`. ``rounded``: the network uses the rounded width, and
    the gradient passes the rounding straight through. ``interpolated``: until widths are kept, the network uses the
    mixture of the two whole widths around, in proportion; twice the work in the quantizers."""
    scale_learning_rate: float | None = Field(default=None, gt=0)
    """Adam's learning rate for the scales of weights and activations; null: `learning_rate`. Adam divides a gradient by
    its own size, so that the constant factor of LSQ has no effect there: this has."""
    warmup_steps: int = Field(default=0, ge=0)
    """Steps in which both learning rates rise evenly from zero to where the cosine then is."""
    bit_penalty: float = Field(default=0.25, ge=0)
    """Lambda of the loss, see `quantunet.losses` for its normalization."""
    bit_terms: BitTerms = BitTerms()
    """What lambda penalizes, and in which shares."""
    target_bits: float | None = Field(default=None, ge=MIN_BITS, le=MAX_BITS)
    """Mean width to reach in place of a lambda to guess: short for ``target: {bits: ...}``."""
    target: Target | None = None
    """What the widths may cost when they are kept. The penalty begins at `bit_penalty` and is raised or lowered until
    it is met; see `quantunet.target`. Takes the place of `bit_terms`; without effect on fixed widths and in float."""
    penalty_start: float = Field(default=0.1, ge=0, le=1)
    """Fraction of the steps after which the bit widths are penalized: before, the network learns at 8 bits.
    """
    freeze_at: float = Field(default=0.7, gt=0, le=1)
    """Fraction of the steps after which the bit widths are rounded and kept, so that the weights settle on
    them.
    """
    init_from: Path | None = None
    """A checkpoint, or the folder of a training, whose weights and batch normalization the training starts from, such
    as a float network of the same architecture; or a file of another project's weights, see docs/how_to/train.md. Widths and
    scales of activations start anew."""
    teacher: Teacher | None = None
    """A trained network whose logits are learned beside the masks."""
    average: float = Field(default=0.0, ge=0, lt=1)
    """Decay of a moving average of the weights, taken from the step on in which the widths are kept: 0.99 averages over
    about 100 steps. The averaged network is validated and saved. 0: none."""
    batch_norm_batches: int = Field(default=0, ge=0)
    """Training batches, not augmented, on which the statistics of batch normalization are estimated anew for each
    validation once the widths are kept, and so for the checkpoint. 0: those of the training's moving average."""
    augment: bool | AugmentConfig = True
    """Random changes of the training images. ``true``: mirroring, shifts of 1/16 and brightness of 10 %;
    settings such as ``{rotate: 15}`` choose more, see `AugmentConfig`."""
    validate_every: int = Field(default=50, ge=1)
    """Steps between two validations."""
    save_every: int = Field(default=100, ge=1)
    """Steps between two saved training states, from which a training can be resumed."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to train; ``auto`` is a CUDA device if there is one. A training may be resumed elsewhere, but
    only on the same device and with as many processes are its weights those of an uninterrupted one."""
    mixed_precision: bool = False
    """Convolutions in bfloat16. Only for precision ``float``: bfloat16 has 8 significant bits, which would
    round the scaled integers of a quantized network, so that training would see other values than hardware
    computes."""

    @model_validator(mode="after")
    def _there_is_one_target(self) -> TrainConfig:
        if self.target_bits is not None and self.target is not None:
            raise ValueError("target_bits and target exclude each other; give one of them")
        if self.goal is None:
            return self
        if self.bit_terms != BitTerms():
            raise ValueError("bit_terms have no effect beside a target; leave them out")
        if not self.bit_penalty:
            raise ValueError("a target needs a bit_penalty above 0 to begin with")
        if self.penalty_start >= self.freeze_at:
            raise ValueError("a target needs steps in which widths are penalized: penalty_start before freeze_at")
        return self

    @property
    def goal(self) -> Target | None:
        """The target, however it is written."""
        return self.target if self.target_bits is None else Target(bits=self.target_bits)

    @model_validator(mode="after")
    def _mixed_precision_is_harmless(self) -> TrainConfig:
        if self.mixed_precision and self.model.precision != "float":
            raise ValueError(
                f"mixed_precision would change the values of a network of precision {self.model.precision}; "
                "leave it off, or use precision: float"
            )
        return self


def complaint(error: ValidationError) -> str:
    """All complaints of pydantic in one line, each with the name of its setting."""
    lines = []
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"]) or "configuration"
        lines.append(f"{key}: {item['msg'].removeprefix('Value error, ')}")
    return "; ".join(lines)


def parse_config(kind: type[_Kind], values: Any, where: str) -> _Kind:
    """Turn plain values into settings.

    Raises:
        UserError: a key is unknown or missing, or a value is out of range; the key is named.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise UserError(complaint(error), where, "Correct the named settings.") from error


def read_train_config(path: Path | None, overrides: dict[str, Any]) -> TrainConfig:
    """Read a YAML file (None: the defaults) and lay `overrides`, nested like the file, over it.

    Raises:
        UserError: the file cannot be read, is not YAML, or a setting is wrong.
    """
    values = {} if path is None else read_settings(path)
    return parse_config(TrainConfig, laid_over(values, overrides), "command line" if path is None else str(path))


def read_settings(path: Path, purpose: Purpose = Purpose.TRAINING) -> dict[str, Any]:
    """The plain values of a YAML file or of a configuration by name, not yet checked; an empty file has none.

    Args:
        purpose: Decides which names are told where there is no such file.

    Raises:
        UserError: the file cannot be read, is not YAML, or is no mapping.
    """
    path = configuration_file(path)
    try:
        require_input_file(path, MOST_BYTES_OF_SETTINGS)
    except UserError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise UserError(error.what, error.where, f"Give {what_to_give(purpose)}.") from error.__cause__
        raise
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot be read ({error})", str(path), "Give a readable YAML file.") from error
    except Exception as error:  # PyYAML's constructors end on odd numbers and dates with errors of many types
        reason = str(error) or type(error).__name__
        raise UserError(f"is not YAML ({reason})", str(path), "Give a YAML file of settings.") from error
    if not isinstance(values, dict):
        raise UserError("holds no settings", str(path), "Give a YAML file of `key: value` lines.")
    return values


def laid_over(base: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    """Plain settings with others over them, key by key; data of another kind replace those below as a whole."""
    merged = dict(base)
    for key, value in top.items():
        below = merged.get(key)
        if isinstance(value, dict) and isinstance(below, dict) and value.get("kind") in (None, below.get("kind")):
            merged[key] = laid_over(below, value)
        else:
            merged[key] = value
    return merged
