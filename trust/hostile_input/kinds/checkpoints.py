# SPDX-License-Identifier: BSD-3-Clause
"""Checkpoints: `model.json`, `weights.safetensors` and torch files."""

from __future__ import annotations

import io
import json
import os
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trust.hostile_input.case import BadInput
from trust.hostile_input.mutate import changed, damaged
from trust.hostile_input.payloads import NAMES, pickles, torch_archives
from trust.hostile_input.seeds import Seeds

FOLDER, TORCH = "checkpoint folder", "torch file"
_EVAL = ("in/checkpoint", "--data", "in/data", "--json", "out/figures.json")
_BUILD = (
    "--model",
    "in/checkpoint",
    "--verify-input",
    "in/images.npy",
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
    return [*_descriptions(seeds), *_weights(seeds), *_odd_files(seeds), *_torch_files(seeds)]


def _case(seeds: Seeds, name: str, change: Callable[[Path], object], build: bool = False) -> BadInput:
    """A checkpoint that `change` gets as a folder, for qu-eval or for qu-build."""

    def write(folder: Path) -> None:
        shutil.copytree(seeds.checkpoint, folder / "checkpoint")
        if build:
            shutil.copy(seeds.images, folder)
        else:
            shutil.copytree(seeds.data, folder / "data")
        change(folder / "checkpoint")

    program, arguments, attacked = ("qu-build", _BUILD, "--model") if build else ("qu-eval", _EVAL, "CHECKPOINT")
    return BadInput(FOLDER, name, program, arguments, write, attacked=attacked)


def _descriptions(seeds: Seeds) -> list[BadInput]:
    sound = (seeds.checkpoint / "model.json").read_bytes()
    tree = json.loads(sound)

    def content(data: bytes) -> Callable[[Path], object]:
        return lambda folder: (folder / "model.json").write_bytes(data)

    found = []
    for index, (name, other) in enumerate(changed(tree, 36, "model.json")):
        found.append(_case(seeds, f"model.json: {name}", content(json.dumps(other).encode()), build=index == 0))
    for name, data in damaged(sound, 16, "model.json bytes"):
        found.append(_case(seeds, f"model.json: {name}", content(data)))
    huge: dict[str, dict[str, Any]] = {
        "the widest and deepest network": {"base_width": 256, "depth": 6, "image_size": [64, 64]},
        "an image of 2^40 pixels": {"image_size": [2**20, 2**20]},
        "an image of 2^124 pixels": {"image_size": [2**62, 2**62]},
        "64 channels in and out": {"in_channels": 64, "out_channels": 64},
        "depth 6 for 8x8 pixels": {"depth": 6},
    }
    for name, settings in huge.items():
        text = json.dumps({**tree, "model": {**tree["model"], **settings}})
        found += [_case(seeds, name, content(text.encode()), build) for build in (False, True)]
    for name, payload in list(NAMES.items())[::4]:
        other = {**tree, "data": {"kind": "folder", "path": payload}, "training": None}
        found.append(_case(seeds, f"data at {name}", content(json.dumps(other).encode())))
        other = {**tree, "widths": {**tree["widths"], payload: 4}}
        found.append(_case(seeds, f"width of {name}", content(json.dumps(other).encode())))
    found.append(_case(seeds, "nested 100,000 deep", content(b'{"model": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")))
    found.append(_case(seeds, "a number of 100,000 digits", content(b'{"format_version": ' + b"9" * 100_000 + b"}")))
    found.append(_case(seeds, "UTF-16", content(sound.decode().encode("utf-16"))))
    return found


def safetensors_file(header: bytes, data: bytes = b"", length: int | None = None) -> bytes:
    return struct.pack("<Q", len(header) if length is None else length % 2**64) + header + data


def _weights(seeds: Seeds) -> list[BadInput]:
    sound = (seeds.checkpoint / "weights.safetensors").read_bytes()
    length = struct.unpack("<Q", sound[:8])[0]
    header, data = json.loads(sound[8 : 8 + length]), sound[8 + length :]

    def content(file: bytes) -> Callable[[Path], object]:
        return lambda folder: (folder / "weights.safetensors").write_bytes(file)

    found = [
        _case(seeds, f"weights: {name}", content(file), build=index == 0)
        for index, (name, file) in enumerate(damaged(sound, 24, "weights"))
    ]
    for name, other in changed(header, 20, "header of the weights"):
        found.append(
            _case(seeds, f"header of the weights: {name}", content(safetensors_file(json.dumps(other).encode(), data)))
        )
    first = next(iter(header))
    crafted = {
        "header of 2^63 bytes": safetensors_file(b"{}", length=2**63),
        "header of -1 bytes": safetensors_file(b"{}", length=-1),
        "header of 1 GiB": safetensors_file(b"{}", length=2**30),
        "no header": b"",
        "header nested deep": safetensors_file(b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
        "tensor of 2^62 values": safetensors_file(
            json.dumps({first: {"dtype": "F32", "shape": [2**31, 2**31], "data_offsets": [0, 2**63 - 1]}}).encode()
        ),
        "offsets backwards": safetensors_file(
            json.dumps({first: {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}).encode(), b"\0" * 4
        ),
        "a million names": safetensors_file(
            json.dumps(
                {f"n{i}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for i in range(200_000)}
            ).encode()
        ),
        "pickle": pickles()["os.system"],
    }
    found += [_case(seeds, f"weights: {name}", content(file)) for name, file in crafted.items()]
    for name, payload in list(NAMES.items())[::4]:
        text = payload.encode("utf-8", "replace").decode()
        named = {**header, text or "blank": {"dtype": "F32", "shape": [0], "data_offsets": [len(data), len(data)]}}
        file = safetensors_file(json.dumps(named, ensure_ascii=False).encode(), data)
        found.append(_case(seeds, f"tensor named {name}", content(file)))
    return found


def _odd_files(seeds: Seeds) -> list[BadInput]:
    """Things that are no plain files."""

    def instead(name: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
        def change(folder: Path) -> None:
            (folder / name).unlink()
            make(folder / name)

        return change

    makers: dict[str, Callable[[Path], object]] = {
        "a named pipe": os.mkfifo,
        "a link to /dev/zero": lambda path: path.symlink_to("/dev/zero"),
        "a link to itself": lambda path: path.symlink_to(path.name),
        "a link to a secret": lambda path: path.symlink_to("../../secret"),
        "a folder": Path.mkdir,
        "3 GiB of nothing": lambda path: _sparse(path, 3 * 2**30),
    }
    return [
        _case(seeds, f"{name} is {what}", instead(name, make))
        for name in ("model.json", "weights.safetensors")
        for what, make in makers.items()
    ]


def _sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def _torch_files(seeds: Seeds) -> list[BadInput]:
    def case(name: str, content: bytes | Callable[[], bytes], program: str = "qu-eval") -> BadInput:
        def write(folder: Path) -> None:
            (folder / "network.pt").write_bytes(content if isinstance(content, bytes) else content())
            if program == "qu-eval":
                shutil.copytree(seeds.data, folder / "data")

        arguments = {
            "qu-eval": ("in/network.pt", "--data", "in/data", "--json", "out/figures.json"),
            "qu-export": ("in/network.pt", "--output", "out/network.onnx"),
            "qu-build": ("--model", "in/network.pt", "--output", "out/build", "--flow", "none", "--batch"),
        }[program]
        attacked = "--model" if program == "qu-build" else "CHECKPOINT"
        return BadInput(TORCH, name, program, arguments, write, attacked=attacked)

    found = []
    for program in ("qu-eval", "qu-export", "qu-build"):
        found += [case(f"pickle: {name}", data, program) for name, data in pickles().items()]
        found += [case(f"archive: {name}", data, program) for name, data in torch_archives().items()]
    sound = seeds.torch_file.read_bytes()
    found += [case(name, data) for name, data in damaged(sound, 24, "torch file")]
    found += [case(f"pickle of the archive: {name}", data) for name, data in with_damaged_pickle(sound, 24)]
    found.append(case("archive that unpacks to 3 GiB", bomb))
    return found


def with_damaged_pickle(sound: bytes, count: int) -> list[tuple[str, bytes]]:
    """The archive as it should be around a damaged `data.pkl`."""
    with zipfile.ZipFile(io.BytesIO(sound)) as archive:
        parts = {item.filename: archive.read(item) for item in archive.infolist()}
    (name,) = (part for part in parts if part.endswith("data.pkl"))
    found = []
    for what, data in damaged(parts[name], count, "data.pkl"):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for part, content in parts.items():
                archive.writestr(part, data if part == name else content)
        found.append((what, file.getvalue()))
    return found


def bomb() -> bytes:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("archive/data.pkl", "w", force_zip64=True) as part,
    ):
        for _ in range(3 * 64):
            part.write(bytes(2**24))
    return file.getvalue()
