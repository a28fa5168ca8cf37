# SPDX-License-Identifier: BSD-3-Clause
"""Folders of trainings that are to be resumed: their settings, the saved state and its tensors."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path

from trust.hostile_input.case import BadInput
from trust.hostile_input.mutate import changed, damaged
from trust.hostile_input.payloads import NO_FILES, pickles, write_canary_module
from trust.hostile_input.seeds import RUN_OUTPUT, Seeds

KIND = "saved training"
_RESUME = ("--config", "in/train.yaml", "--output", RUN_OUTPUT, "--resume")


def cases(seeds: Seeds) -> list[BadInput]:
    run = seeds.training / RUN_OUTPUT
    (state,) = (path.relative_to(run) for path in (run / "state").iterdir())
    tensors, numbers = state / "training.safetensors", state / "training.json"
    contents = []
    for file in (Path("settings.json"), numbers):
        tree = json.loads((run / file).read_bytes())
        contents += [(file, name, json.dumps(other).encode()) for name, other in changed(tree, 14, file.name)]
        contents += [(file, name, data) for name, data in damaged((run / file).read_bytes(), 6, file.name)]
        contents += [(file, "nested 100,000 deep", b"[" * 100_000), (file, "empty", b"")]
    sound = (run / tensors).read_bytes()
    length = struct.unpack("<Q", sound[:8])[0]
    header, data = json.loads(sound[8 : 8 + length]), sound[8 + length :]
    contents += [(tensors, name, other) for name, other in damaged(sound, 16, "tensors")]
    for name, other in changed(header, 12, "header of the tensors"):
        text = json.dumps(other).encode()
        contents.append((tensors, f"header: {name}", struct.pack("<Q", len(text)) + text + data))
    contents += [(tensors, f"pickle: {name}", other) for name, other in list(pickles().items())[:3]]
    makers: list[tuple[Path, str, Callable[[Path], object]]] = [
        (file, name, partial(_write_bytes, content)) for file, name, content in contents
    ]
    makers += [
        (file, name, make) for file in (tensors, numbers, Path("settings.json")) for name, make in NO_FILES.items()
    ]
    return [_case(seeds, file, name, make) for file, name, make in makers]


def _case(seeds: Seeds, file: Path, name: str, make: Callable[[Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        shutil.copytree(seeds.training / "in", folder, dirs_exist_ok=True)
        shutil.copytree(seeds.training / RUN_OUTPUT, folder.parent / RUN_OUTPUT, dirs_exist_ok=True)
        write_canary_module(folder)
        path = folder.parent / RUN_OUTPUT / file
        path.unlink()
        make(path)

    return BadInput(KIND, f"{file.name}: {name}", "qu-train", _RESUME, write, attacked="--output")


def _write_bytes(content: bytes, path: Path) -> None:
    path.write_bytes(content)
