# SPDX-License-Identifier: BSD-3-Clause
"""Arrays that the user gives as .npy files: read without trusting them, and checked against what the network needs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hw_flows.machine.errors import UserError
from quantunet_common.files import require_input_file


def read_images(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Images float32 (N, *shape) from a .npy file. Raises UserError where they do not fit."""
    array = _open(path, "images")
    if array.dtype != np.float32:
        raise UserError("the array of images is not float32", str(path), "save it with dtype float32")
    if array.ndim != 4 or array.shape[1:] != tuple(shape) or len(array) == 0:
        raise UserError(
            f"the array of images has shape {array.shape}, the network needs {_needed(shape)}",
            str(path),
            "give frames in NCHW order of the network's own size",
        )
    return _finite(array, path, "images")


def read_expected(path: Path, shapes: list[tuple[int, ...]], count: int) -> np.ndarray:
    """Expected output (`count`, *shape) for one of `shapes`, from a .npy file: floats, or for masks whole numbers or
    truth values. Raises UserError where it does not fit."""
    array = _open(path, "expected output")
    if array.dtype.kind not in "biu" and array.dtype not in (np.float32, np.float64):
        raise UserError(
            f"the array of expected output is of type {array.dtype}", str(path), "save it with dtype float32"
        )
    if len(array.shape) == 0 or array.shape[1:] not in shapes or len(array) == 0:
        raise UserError(
            f"the array of expected output has shape {array.shape}, the network gives "
            + ", or its logits ".join(dict.fromkeys(_needed(shape) for shape in shapes)),
            str(path),
            "give what the network itself answers for the images, one frame behind the other",
        )
    if len(array) != count:
        raise UserError(
            f"{len(array)} frames of expected output for {count} images", str(path), "give as many as images"
        )
    return _finite(array, path, "expected output")


def _open(path: Path, what: str) -> np.ndarray:
    """The array, never unpickled, and mapped: a header that claims more than the file holds takes no memory."""
    if not path.exists():
        raise UserError(f"the file of {what} does not exist", str(path), "give an existing .npy file")
    require_input_file(path)
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # NumPy's reader of headers ends on damaged ones with errors of many types
        raise UserError(f"the file of {what} is no readable .npy array: {error}", str(path)) from None
    if not isinstance(array, np.ndarray):
        raise UserError(f"the file of {what} is no single .npy array", str(path), "save it with numpy.save")
    return array


def _needed(shape: tuple[int, ...]) -> str:
    return f"(N, {', '.join(map(str, shape))})"


def _finite(array: np.ndarray, path: Path, what: str) -> np.ndarray:
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise UserError(f"the array of {what} holds values that are not finite", str(path))
    return np.array(array)
