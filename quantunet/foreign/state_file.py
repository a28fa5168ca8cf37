# SPDX-License-Identifier: BSD-3-Clause
"""The weights in a file that another program wrote: `torch.save` of a state dict, or safetensors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from quantunet.checkpoint import MOST_BYTES_OF_WEIGHTS
from quantunet.torch_file import read_safetensors, read_torch_file
from quantunet_common.errors import UserError

HOW_TO_SAVE = "Give a state dict: torch.save(network.state_dict(), FILE), or a .safetensors file."
#: Where programs put the state dict beside what else they save.
_WRAPPERS = ("state_dict", "model", "model_state_dict")
#: Put before each name by DataParallel.
_PREFIX = "module."
_MOST_NAMES, _LONGEST_NAME = 4, 60


@dataclass(frozen=True)
class WeightsFile:
    """What a file holds that another program wrote."""

    path: Path
    content: Any
    """A dictionary, if it holds weights."""
    sha256: str
    """In hexadecimal: which file it was, wherever it lay."""


def read_weights_file(path: Path) -> WeightsFile:
    """The file at `path`, not yet checked for weights.

    Raises:
        UserError: the file is missing, truncated, of another kind, or holds more than plain values and tensors.
    """
    if path.suffix == ".safetensors":
        found = read_safetensors(path, MOST_BYTES_OF_WEIGHTS, HOW_TO_SAVE, HOW_TO_SAVE)
        content: Any = dict(sorted(found.items()))
    else:
        content = read_torch_file(path, MOST_BYTES_OF_WEIGHTS, HOW_TO_SAVE)
    with path.open("rb") as file:
        return WeightsFile(path, content, hashlib.file_digest(file, "sha256").hexdigest())


def state_of(file: WeightsFile) -> dict[str, Any]:
    """Name -> tensor, or whatever else lies beside the tensors.

    Raises:
        UserError: it has no tensors by name, or unusual ones.
    """
    content, path = file.content, file.path
    if isinstance(content, dict):
        content = next((content[key] for key in _WRAPPERS if isinstance(content.get(key), dict)), content)
    tensors = {}
    if isinstance(content, dict):
        tensors = {str(name): value for name, value in content.items() if isinstance(value, Tensor)}
    if not tensors:
        raise UserError("holds no tensors by name", str(path), HOW_TO_SAVE)
    for name, tensor in tensors.items():
        if tensor.is_nested or tensor.layout is not torch.strided or tensor.device.type != "cpu":
            raise UserError(f"{few([name])} is no plain tensor", str(path), HOW_TO_SAVE)
    prefix = _PREFIX if all(name.startswith(_PREFIX) for name in tensors) else ""
    return {str(name).removeprefix(prefix): value for name, value in content.items()}


def few(names: Iterable[str]) -> str:
    """The first names of a list and how many more there are; long ones are cut."""
    every = [name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..." for name in names]
    more = len(every) - _MOST_NAMES
    return ", ".join(every[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
