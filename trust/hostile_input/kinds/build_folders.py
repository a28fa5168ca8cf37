"""Folders that are said to be builds: for qu-sim, and for qu-build to go on in."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from trust.hostile_input.case import Case
from trust.hostile_input.mutate import changed, damaged
from trust.hostile_input.payloads import NAMES
from trust.hostile_input.seeds import Seeds
from trust.hostile_input.zygote import OUTPUT

KIND = "build folder"
_RESUME = ("--model", "in/network.onnx", "--output", f"{OUTPUT}/build", "--flow", "none", "--frames", "1", "--batch",
           "--stop-step", "step_qonnx_cleanup")  # fmt: skip
DESCRIPTION, STATE = "rtl/accelerator.json", "build_state.json"


def cases(seeds: Seeds) -> list[Case]:
    description = _description()
    state = {"key": "0" * 64, "steps": [{"name": "step_qonnx_cleanup", "status": "done", "seconds": 1.0}]}
    found = []
    for name, tree, count, make in (
        (DESCRIPTION, description, 40, _simulated),
        (STATE, state, 16, partial(_resumed, seeds)),
    ):
        sound = json.dumps(tree).encode()
        contents = [(what, json.dumps(other).encode()) for what, other in changed(tree, count, name)]
        contents += list(damaged(sound, 16, name))
        contents += [
            ("nested 100,000 deep", b"[" * 100_000),
            ("a list", b"[]"),
            ("a text", b'"format"'),
            ("nothing", b""),
            ("a number of 100,000 digits", b'{"format": ' + b"9" * 100_000 + b"}"),
        ]
        found += [make(f"{name}: {what}", partial(_written, name, data)) for what, data in contents]
        odd: dict[str, Callable[[Path], object]] = {
            "a named pipe": os.mkfifo,
            "a link to /dev/zero": lambda path: path.symlink_to("/dev/zero"),
            "a folder": lambda path: path.mkdir(),
        }
        found += [make(f"{name}: {what}", partial(_made, name, change)) for what, change in odd.items()]
    for name, payload in list(NAMES.items())[::4]:
        other = {**description, "sources": [payload], "name": payload}
        found.append(_simulated(f"sources named {name}", partial(_written, DESCRIPTION, json.dumps(other).encode())))
    return found


def _description() -> dict[str, Any]:
    """Of an accelerator of one operator, as a build leaves it."""
    from hw_flows.accelerator import FORMAT, Accelerator, Element, Endpoint, Instance, Port, Stream

    def stream(name: str, source: str, sink: str) -> Stream:
        return Stream(name, name, (1, 4, 1), Element(8, False), 1, Endpoint(source, 0), Endpoint(sink, 0))

    operator = Instance(
        "MVAU_0", "OpenMVAU_rtl", "matrix_vector", {"PE": 1}, ("MVAU_0_weights.mem",), ("matrix_vector.sv",),
        (Port("in", ("a",)),), (Port("out", ("b",)),), "layer", 1, 1, 1, {},
    )  # fmt: skip
    accelerator = Accelerator(
        "quantunet_accel", (operator,), (stream("a", "", "MVAU_0"), stream("b", "MVAU_0", "")), ("a",), ("b",),
        ("matrix_vector.sv",),
    )  # fmt: skip
    tree: dict[str, Any] = json.loads(json.dumps({"format": FORMAT, **dataclasses.asdict(accelerator)}))
    return tree


def _simulated(name: str, change: Callable[[Path], object]) -> Case:
    def write(folder: Path) -> None:
        build = folder.parent / OUTPUT / "build"
        (build / "rtl").mkdir(parents=True)
        change(build)

    return Case(KIND, name, "qu-sim", (f"{OUTPUT}/build",), write)


def _resumed(seeds: Seeds, name: str, change: Callable[[Path], object]) -> Case:
    def write(folder: Path) -> None:
        shutil.copy(seeds.network, folder / "network.onnx")
        build = folder.parent / OUTPUT / "build"
        (build / "intermediate_models").mkdir(parents=True)
        (build / "intermediate_models" / "01_step_qonnx_cleanup.onnx").write_bytes(b"")
        change(build)

    return Case(KIND, name, "qu-build", _RESUME, write)


def _written(name: str, data: bytes, build: Path) -> None:
    (build / name).write_bytes(data)


def _made(name: str, make: Callable[[Path], object], build: Path) -> None:
    make(build / name)
