# SPDX-License-Identifier: BSD-3-Clause
"""The full state of a running training, so that a resumed one gives the same weights as one never
interrupted.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import torch
from brevitas.core.scaling import ParameterFromRuntimeStatsScaling
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from quantunet.model import QuantUNet
from quantunet_common.errors import UserError
from quantunet_common.files import require_input_file, write_folder

_TENSORS, _NUMBERS = "training.safetensors", "training.json"


@dataclass(frozen=True)
class Position:
    """Where a training is, beside its network and optimizer."""

    step: int
    best_dice: float | None
    averages: dict[str, Tensor] = field(default_factory=dict)
    """The moving average of the weights, where there is one."""
    numbers: dict[str, float] = field(default_factory=dict)
    """Of what follows the training: how many steps were averaged, what a controller has summed up."""


def save_state(folder: Path, model: QuantUNet, optimizer: torch.optim.Adam, position: Position) -> None:
    """Write `folder`/step-<step> and then remove the states before it.

    Raises:
        UserError: it cannot be written.
    """
    step = position.step
    tensors = {f"model/{name}": value.detach() for name, value in _tensors(model).items()}
    tensors |= {f"average/{name}": value for name, value in position.averages.items()}
    for name, parameter in model.named_parameters():
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"adam/{key}/{name}"] = value
    numbers = {
        "step": step,
        "best_dice": position.best_dice,
        "numbers": position.numbers,
        "statistics_steps": {name: module.counter for name, module in _collectors(model)},
    }
    target = folder / f"step-{step:07d}"
    content = {_TENSORS: save_tensors(tensors), _NUMBERS: (json.dumps(numbers, indent=1) + "\n").encode()}
    write_folder(target, content, marker=_NUMBERS)
    for older in folder.glob("step-*"):
        if older.name < target.name:
            shutil.rmtree(older)


def has_state(folder: Path) -> bool:
    return any(folder.glob("step-*"))


@dataclass(frozen=True)
class SavedState:
    """The content of a saved state, as it goes from the process that read it to the others."""

    folder: Path
    tensors: bytes
    numbers: str


def read_state(folder: Path) -> SavedState:
    """The latest state in `folder`; what an interrupted save left there is removed.

    Raises:
        UserError: there is none, or it cannot be read.
    """
    states = sorted(folder.glob("step-*"))
    if not states:
        raise UserError("there is no training to resume", str(folder.parent), "Start it without --resume.")
    for leftover in folder.glob(".step-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    latest = states[-1]
    for name in (_TENSORS, _NUMBERS):
        require_input_file(latest / name)
    try:
        return SavedState(latest, (latest / _TENSORS).read_bytes(), (latest / _NUMBERS).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(latest, error) from error


def load_state(saved: SavedState, model: QuantUNet, optimizer: torch.optim.Adam) -> Position:
    """Fill `model` and `optimizer`, on whatever device they are.

    Raises:
        UserError: the state is damaged, or it is another network's.
    """
    try:
        tensors = load_tensors(saved.tensors)
        numbers = json.loads(saved.numbers)
        with torch.no_grad():
            for name, value in _tensors(model).items():
                if value.shape != tensors[f"model/{name}"].shape:
                    raise ValueError(f"{name} has another shape")
                value.copy_(tensors[f"model/{name}"])
        for name, module in _collectors(model):
            module.counter = int(numbers["statistics_steps"][name])
        for name, parameter in model.named_parameters():
            # Adam keeps its count of steps on the CPU
            devices = {"step": torch.device("cpu"), "exp_avg": parameter.device, "exp_avg_sq": parameter.device}
            state = {
                key: tensors[f"adam/{key}/{name}"].to(device)
                for key, device in devices.items()
                if f"adam/{key}/{name}" in tensors
            }
            if state:
                optimizer.state[parameter] = state
        averages = {name[8:]: value for name, value in tensors.items() if name.startswith("average/")}
        others = {name: float(value) for name, value in numbers.get("numbers", {}).items()}
        return Position(int(numbers["step"]), numbers["best_dice"], averages, others)
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(saved.folder, error) from error


def _damaged(folder: Path, error: Exception) -> UserError:
    return UserError(
        f"the saved training is damaged or another network's ({error})",
        str(folder),
        "Remove this folder to resume from an earlier state, or start again in a new output folder.",
    )


def _tensors(model: QuantUNet) -> dict[str, Tensor]:
    return dict((*model.named_parameters(), *model.named_buffers()))


def _collectors(model: QuantUNet) -> list[tuple[str, ParameterFromRuntimeStatsScaling]]:
    """Activation scales; they count the steps of statistics that they have seen, which torch's state leaves
    out.
    """
    return [(n, m) for n, m in model.named_modules() if isinstance(m, ParameterFromRuntimeStatsScaling)]
