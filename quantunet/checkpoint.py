# SPDX-License-Identifier: BSD-3-Clause
"""Checkpoints: a folder with `weights.safetensors` and `model.json`. Reading one never unpickles anything.

`model.json` describes the network: architecture, learned widths, data, scores, and the command, seed and
settings that made it. It is written together with the weights, at once or not at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import torch
from brevitas.core.scaling import ParameterFromRuntimeStatsScaling
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors.torch import save as save_tensors
from torch import Tensor

from quantunet.config import MOST_WEIGHTS, DataConfig, ModelConfig, TrainConfig, complaint
from quantunet.data_config import VolumesConfig
from quantunet.foreign.origin import Origin
from quantunet.model import QuantUNet
from quantunet.quantizers import freeze_widths, learned_widths
from quantunet.torch_file import read_safetensors, read_torch_file
from quantunet_common.errors import UserError
from quantunet_common.files import require_input_file, write_folder

WEIGHTS, DESCRIPTION = "weights.safetensors", "model.json"
#: Folder of the checkpoint in that of a training.
BEST = "best"
FORMAT_VERSION = 1

_MOST_BYTES_OF_DESCRIPTION = 2**24
MOST_BYTES_OF_WEIGHTS = 8 * MOST_WEIGHTS + 2**24
_RETRAIN = "Give a checkpoint folder written by `qu-train`."


class Training(BaseModel):
    """How a checkpoint was made."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    command: str
    seed: int
    step: int
    settings: TrainConfig
    versions: dict[str, str] = {}
    #: Of the weights that it started from, where they were another project's.
    origin: Origin | None = None


class CheckpointDescription(BaseModel):
    """What `model.json` says. Later versions may add fields; unknown ones are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: Literal["quantunet-checkpoint"] = "quantunet-checkpoint"
    format_version: int = FORMAT_VERSION
    model: ModelConfig
    data: DataConfig | None = None
    #: Layer or activation -> bits; empty for a float network.
    widths: dict[str, int]
    #: Measured figures, as printed by `qu-eval`.
    metrics: dict[str, Any] = {}
    training: Training | None = None


def save_checkpoint(
    path: Path, model: QuantUNet, metrics: dict[str, Any] | None = None, training: Training | None = None
) -> None:
    """Write `model`, whose widths are frozen, as the folder `path`; an older checkpoint there is replaced.

    Raises:
        UserError: `path` is taken by something else or cannot be written.
    """
    assert all(not width.bit_width_offset.requires_grad for _, width in learned_widths(model)), "freeze the widths"
    description = CheckpointDescription(
        model=model.config, data=model.data, widths=_bits(model), metrics=metrics or {}, training=training
    )
    own = _own_names(model)
    tensors = {name: value.contiguous() for name, value in model.state_dict().items() if name in own}
    write_folder(
        path,
        {
            WEIGHTS: save_tensors(tensors),
            DESCRIPTION: (description.model_dump_json(indent=2) + "\n").encode(),
        },
        marker=DESCRIPTION,
    )


def read_description(path: Path) -> CheckpointDescription:
    """What the checkpoint at `path` says of itself.

    Raises:
        UserError: there is no checkpoint, or its description is damaged or of another kind.
    """
    file = _folder(path) / DESCRIPTION
    require_input_file(file, _MOST_BYTES_OF_DESCRIPTION)
    try:
        description = CheckpointDescription.model_validate_json(file.read_bytes())
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror})", str(file), _RETRAIN) from error
    except ValidationError as error:
        raise UserError(
            f"is damaged or does not describe a QuantU-Net ({complaint(error)})", str(file), _RETRAIN
        ) from error
    if description.format_version > FORMAT_VERSION:
        raise UserError(
            f"has format version {description.format_version}, this program reads up to {FORMAT_VERSION}",
            str(file),
            "Use a newer version of quantunet.",
        )
    return description


def load_checkpoint(path: Path) -> QuantUNet:
    """Read a network: in evaluation mode, widths frozen, `model.data` set to the data it was trained on.

    `path` is a checkpoint folder, a file in it, the output folder of a training, or a `.pt` file that holds
    a dictionary with `model` (settings of `ModelConfig`) and `state_dict`, read with `weights_only=True`.

    Raises:
        UserError: the checkpoint is missing, truncated, of another kind, or its weights are another
            network's.
    """
    path = Path(path)
    if path.suffix in (".pt", ".pth") and path.is_file():
        return _load_torch_file(path)
    description = read_description(path)
    file = _folder(path) / WEIGHTS
    tensors = read_safetensors(file, MOST_BYTES_OF_WEIGHTS, _RETRAIN, "Restore the file, or train again.")
    model = _filled(description.model, tensors, file)
    bits = _bits(model)
    if bits != description.widths:
        names = bits.keys() ^ description.widths.keys() or {n for n in bits if bits[n] != description.widths[n]}
        raise UserError(
            f"learned widths differ from those in {DESCRIPTION} ({', '.join(sorted(names)[:3])})",
            str(file),
            "The two files are of different networks; restore the pair.",
        )
    model.data = description.data
    if isinstance(model.data, VolumesConfig) and model.data.labels is None and model.data.threshold is None:
        # What None once said; of what a training takes with None today, it marks the same voxels.
        model.data = model.data.model_copy(update={"labels": "nonzero"})
    return model


def _folder(path: Path) -> Path:
    path = Path(path)
    if path.name in (WEIGHTS, DESCRIPTION) and path.is_file():
        return path.parent
    if not path.exists():
        raise UserError("there is no checkpoint here", str(path), _RETRAIN)
    if not path.is_dir():
        raise UserError("is not a checkpoint but a file of another kind", str(path), _RETRAIN)
    if not (path / DESCRIPTION).exists():
        if (path / BEST / DESCRIPTION).exists():
            return path / BEST
        raise UserError(f"holds no {DESCRIPTION}, so it is not a checkpoint", str(path), _RETRAIN)
    return path


def _load_torch_file(path: Path) -> QuantUNet:
    fix = "Give a checkpoint folder written by `qu-train`; a .pt file may hold plain settings and tensors."
    content = read_torch_file(path, MOST_BYTES_OF_WEIGHTS, fix)
    if not isinstance(content, dict) or not {"model", "state_dict"} <= content.keys():
        raise UserError("does not hold `model` and `state_dict`", str(path), fix)
    try:
        config = ModelConfig.model_validate(content["model"])
    except ValidationError as error:
        raise UserError(f"does not describe a QuantU-Net ({complaint(error)})", str(path), fix) from error
    state = content["state_dict"]
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise UserError("`state_dict` is not a dictionary of tensors", str(path), fix)
    _check_size(config, state, path)
    model = QuantUNet(config)
    return _filled(config, {name: state[name] for name in state if name in _own_names(model)}, path)


def _bits(model: QuantUNet) -> dict[str, int]:
    return {name: int(width()) for name, width in learned_widths(model)}


def _own_names(model: QuantUNet) -> set[str]:
    """Names of the tensors that make a network, each once although both branches of a Concat share a
    quantizer.
    """
    # torch's state of a fresh network lacks the activation scales, which are yet to be measured.
    scales = {
        f"{name}.value"
        for name, module in model.named_modules()
        if isinstance(module, ParameterFromRuntimeStatsScaling)
    }
    once = {name for name, _ in (*model.named_parameters(), *model.named_buffers())}
    return once & (model.state_dict().keys() | scales)


#: What a tensor may hold: whether the network's own holds fractions -> types.
KINDS = {
    True: (torch.float32, torch.float64, torch.float16, torch.bfloat16),
    False: (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool),
}


def _check_size(config: ModelConfig, tensors: dict[str, Tensor], file: Path) -> None:
    """Before memory is taken for the network that is described: are that many weights there?"""
    held = sum(tensor.numel() for tensor in tensors.values())
    if held < config.weights:
        raise UserError(
            f"holds the weights of another network: {held:,} numbers for at least {config.weights:,}",
            str(file),
            f"{DESCRIPTION} and the weights must come from the same training.",
        )


def _filled(config: ModelConfig, tensors: dict[str, Tensor], file: Path) -> QuantUNet:
    """A network with these weights; every tensor must be there, in its shape, finite, and no other."""
    _check_size(config, tensors, file)
    model = QuantUNet(config)
    own = dict((*model.named_parameters(), *model.named_buffers()))
    expected = {name: own[name] for name in _own_names(model)}

    def other_network(difference: str) -> UserError:
        return UserError(
            f"holds the weights of another network: {difference}",
            str(file),
            f"{DESCRIPTION} and the weights must come from the same training.",
        )

    for name in sorted(expected.keys() - tensors.keys()):
        raise other_network(f"{name} is missing")
    for name in sorted(tensors.keys() - expected.keys()):
        raise other_network(f"{name} is not part of the described one")
    for name, tensor in tensors.items():
        if tensor.shape != expected[name].shape:
            raise other_network(f"{name} has shape {list(tensor.shape)} instead of {list(expected[name].shape)}")
        if tensor.layout is not torch.strided or tensor.dtype not in KINDS[expected[name].is_floating_point()]:
            raise other_network(f"{name} holds {str(tensor.layout)[6:]} {str(tensor.dtype)[6:]}")
        if not torch.isfinite(tensor).all():
            raise UserError(f"{name} holds values that are not finite", str(file), "Train again.")

    # A shared quantizer has one name in the file and several in torch's state.
    canonical = {id(value): name for name, value in own.items()}
    aliases = (*model.named_parameters(remove_duplicate=False), *model.named_buffers(remove_duplicate=False))
    state = {alias: tensors[canonical[id(value)]] for alias, value in aliases if canonical[id(value)] in tensors}
    model.load_state_dict(state)
    freeze_widths(model)
    return model.eval()
