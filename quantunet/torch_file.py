# SPDX-License-Identifier: BSD-3-Clause
"""Files of tensors of unknown origin, by torch.save or safetensors: plain values and tensors are read, code is not run."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from torch import Tensor

from quantunet_common.errors import UserError
from quantunet_common.files import require_input_file


def read_torch_file(path: Path, most_bytes: int, fix: str) -> Any:
    """What the file at `path` holds, with its tensors on the CPU.

    Args:
        most_bytes: larger files are not opened.
        fix: what to do, in an error's words.

    Raises:
        UserError: it cannot be read, is larger, compressed, truncated, of another kind, or holds more than plain values
            and tensors, such as a whole network or code.
    """
    require_input_file(path, most_bytes)
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:  # torch stores what it writes as it is
                if sum(item.file_size for item in archive.infolist()) > path.stat().st_size:
                    raise UserError("is compressed, which torch never does", str(path), fix)
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UserError("holds more than plain tensors and is not opened, or is damaged", str(path), fix) from error
    except UserError:
        raise
    except Exception as error:  # torch's unpickler ends on damaged files with errors of many types
        raise UserError("is truncated or not a torch file", str(path), fix) from error


def read_safetensors(path: Path, most_bytes: int, fix: str, fix_damaged: str) -> dict[str, Tensor]:
    """The tensors of the file at `path`, by name, in no order.

    Args:
        most_bytes: larger files are not opened.
        fix, fix_damaged: what to do where it cannot be read, or is damaged, in an error's words.

    Raises:
        UserError: it cannot be read, is larger, truncated or of another kind.
    """
    require_input_file(path, most_bytes)
    try:
        return load_tensors(path.read_bytes())
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror})", str(path), fix) from error
    except SafetensorError as error:
        raise UserError(f"is truncated or not a safetensors file ({error})", str(path), fix_damaged) from error
