# SPDX-License-Identifier: BSD-3-Clause
"""Arrays given with `--verify-input`, `--verify-expected`, `--input` of qu-sim and `--logits` of qu-eval."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from trust.hostile_input.case import BadInput
from trust.hostile_input.kinds.build_folders import copy_build
from trust.hostile_input.mutate import damaged
from trust.hostile_input.payloads import NO_FILES, pickles
from trust.hostile_input.seeds import Seeds, compressed, npy, npy_with_header
from trust.hostile_input.zygote import OUTPUT

KIND = ".npy array"
_BUILD = (
    "--model",
    "in/network.onnx",
    "--output",
    "out/build",
    "--flow",
    "none",
    "--frames",
    "1",
    "--stop-step",
    "step_qonnx_cleanup",
    "--batch",
)


def cases(seeds: Seeds) -> list[BadInput]:
    images, logits = seeds.images.read_bytes(), seeds.logits.read_bytes()
    found = [_case(seeds, name, data) for name, data in damaged(images, 32, "images")]
    found += [_case(seeds, name, data, expected=True) for name, data in damaged(logits, 16, "logits")]
    found += [_case(seeds, f"pickle: {name}", data) for name, data in pickles().items()]
    found += [
        _case(seeds, f"pickle in an array of objects: {name}", npy_with_header(_header("|O", (1,)), data))
        for name, data in pickles().items()
    ]
    crafted = _crafted(images)
    found += [_case(seeds, name, data) for name, data in crafted.items()]
    found += [_case(seeds, name, data, expected=True) for name, data in list(crafted.items())[::3]]
    found += [_odd(seeds, name, make) for name, make in _ODD.items()]
    makers: list[tuple[str, Callable[[Path], object]]] = [
        (name, partial(_write_bytes, data)) for name, data in (*damaged(logits, 12, "answers"), *crafted.items())
    ]
    makers += [(f"pickle: {name}", partial(_write_bytes, data)) for name, data in list(pickles().items())[:4]]
    makers += list(_ODD.items())
    found += [_answers(seeds, name, make) for name, make in makers]
    found += [_simulated(seeds, name, make) for name, make in makers[::2]]
    return found


def _answers(seeds: Seeds, name: str, make: Callable[[Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        shutil.copytree(seeds.checkpoint, folder / "checkpoint")
        shutil.copytree(seeds.data, folder / "data")
        make(folder / "array.npy")

    arguments = ("in/checkpoint", "--data", "in/data", "--logits", "in/array.npy")
    return BadInput(KIND, f"answers: {name}", "qu-eval", arguments, write, attacked="--logits")


def _simulated(seeds: Seeds, name: str, make: Callable[[Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        copy_build(seeds, folder.parent)
        make(folder / "array.npy")

    arguments = (f"{OUTPUT}/build", "--input", "in/array.npy")
    return BadInput(KIND, f"images to simulate: {name}", "qu-sim", arguments, write, attacked="--input")


def _write_bytes(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _case(seeds: Seeds, name: str, content: bytes, expected: bool = False) -> BadInput:
    def write(folder: Path) -> None:
        shutil.copy(seeds.network, folder / "network.onnx")
        (folder / "array.npy").write_bytes(content)
        if expected:
            shutil.copy(seeds.images, folder / "images.npy")

    options = ("--verify-input", "in/array.npy")
    if expected:
        options = ("--verify-input", "in/images.npy", "--verify-expected", "in/array.npy")  # type: ignore[assignment]
    what, attacked = ("logits", "--verify-expected") if expected else ("images", "--verify-input")
    return BadInput(KIND, f"{what}: {name}", "qu-build", (*_BUILD, *options), write, attacked=attacked)


def _odd(seeds: Seeds, name: str, make: Callable[[Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        shutil.copy(seeds.network, folder / "network.onnx")
        make(folder / "array.npy")

    arguments = (*_BUILD, "--verify-input", "in/array.npy")
    return BadInput(KIND, f"images: {name}", "qu-build", arguments, write, attacked="--verify-input")


def _header(dtype: str, shape: object, order: str = "False") -> str:
    return f"{{'descr': '{dtype}', 'fortran_order': {order}, 'shape': {shape}, }}"


def _crafted(sound: bytes) -> dict[str, bytes]:
    ones = np.ones((2, 1, 8, 8), np.float32)
    zipped = io.BytesIO()
    np.savez(zipped, a=ones)
    return {
        "2^60 values": npy_with_header(_header("<f4", (2**60,))),
        "2^40 values in the right shape": npy_with_header(_header("<f4", (2**34, 1, 8, 8))),
        "40 GiB claimed, none there": npy_with_header(_header("<f4", (160 * 2**20, 1, 8, 8))),
        "negative shape": npy_with_header(_header("<f4", (-1, 1, 8, 8)), bytes(256)),
        "shape that overflows": npy_with_header(_header("<f4", (2**63, 2**63))),
        "shape of 70 axes": npy_with_header(_header("<f4", (1,) * 70), bytes(4)),
        "code as the header": npy_with_header("__import__('os').system('touch canary')"),
        "code as the shape": npy_with_header(_header("<f4", "open('canary', 'w')")),
        "header nested deep": npy_with_header("(" * 5000 + ")" * 5000),
        "no closing brace": npy_with_header("{'descr': '<f4'"),
        "a key too many": npy_with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}"),
        "version 9": sound[:6] + b"\x09\x00" + sound[8:],
        "archive": zipped.getvalue(),
        "compressed": compressed(sound),
        "float64": npy(ones.astype(np.float64)),
        "big endian": npy(ones.astype(">f4")),
        "uint8": npy(ones.astype(np.uint8)),
        "complex": npy(ones.astype(np.complex64)),
        "text": npy(np.array([["a"]])),
        "dates": npy(np.zeros((2, 1, 8, 8), "datetime64[s]")),
        "records": npy(np.zeros((2, 1, 8, 8), [("a", "<f4")])),
        "values of no bytes": npy_with_header(_header("|V0", (2**62, 4))),
        "scalar": npy(np.array(1, np.float32)),
        "no frame": npy(ones[:0]),
        "other size": npy(np.ones((2, 1, 9, 8), np.float32)),
        "other channels": npy(np.ones((2, 3, 8, 8), np.float32)),
        "no batch": npy(ones[0]),
        "NaN": npy(ones * np.nan),
        "infinite": npy(ones * np.inf),
        "1e38": npy(ones * np.float32(1e38)),
        "smallest": npy(ones * np.float32(1e-45)),
        "negative": npy(-ones),
        "another order": npy(np.asfortranarray(ones)),
        "empty": b"",
        "the magic alone": sound[:6],
    }


_ODD: dict[str, Callable[[Path], object]] = {
    **NO_FILES,
    "a link to /dev/tty": lambda path: path.symlink_to("/dev/tty"),
}
