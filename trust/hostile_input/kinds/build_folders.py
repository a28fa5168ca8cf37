# SPDX-License-Identifier: BSD-3-Clause
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

from trust.hostile_input.case import BadInput
from trust.hostile_input.mutate import changed, damaged
from trust.hostile_input.payloads import NAMES
from trust.hostile_input.seeds import Seeds
from trust.hostile_input.zygote import CACHE, OUTPUT

KIND = "build folder"
_RESUME = (
    "--model",
    "in/network.onnx",
    "--output",
    f"{OUTPUT}/build",
    "--flow",
    "none",
    "--frames",
    "1",
    "--batch",
    "--stop-step",
    "step_qonnx_cleanup",
)
DESCRIPTION, STATE, INPUTS = "rtl/accelerator.json", "build_state.json", "inputs/inputs.json"
MODELS = "intermediate_models"


def cases(seeds: Seeds) -> list[BadInput]:
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
    measured = [_measured(seeds, case) for case in found if case.program == "qu-sim"][::4]
    return [*found, *measured, *_finished(seeds)]


def _measured(seeds: Seeds, case: BadInput) -> BadInput:
    """The same folder, to be measured in place of a checkpoint."""

    def write(folder: Path) -> None:
        case.write(folder)
        shutil.copytree(seeds.checkpoint, folder / "checkpoint")
        shutil.copytree(seeds.data, folder / "data")

    arguments = ("in/checkpoint", "--data", "in/data", "--build", f"{OUTPUT}/build", "--json", f"{OUTPUT}/figures.json")
    return BadInput(KIND, f"measured: {case.name}", "qu-eval", arguments, write, attacked="--build")


def _finished(seeds: Seeds) -> list[BadInput]:
    """A build as qu-build left it, but for one file beside its RTL."""
    tree = json.loads((seeds.build / INPUTS).read_text())
    sound = json.dumps(tree).encode()
    contents = [(INPUTS, name, json.dumps(other).encode()) for name, other in changed(tree, 16, INPUTS)]
    contents += [(INPUTS, name, data) for name, data in damaged(sound, 8, INPUTS)]
    contents += [(INPUTS, "nested 100,000 deep", b"[" * 100_000), (INPUTS, "a list", b"[]")]
    for model in ("dataflow_parent.onnx", _stitched(seeds)):
        data = (seeds.build / MODELS / model).read_bytes()
        contents += [(f"{MODELS}/{model}", name, other) for name, other in damaged(data, 8, model)]
    found = []
    for index, (file, name, content) in enumerate(contents):
        program: tuple[str, tuple[str, ...], str] = ("qu-sim", (f"{OUTPUT}/build",), "BUILD_DIR")
        if index % 4 == 3:
            measured = ("in/checkpoint", "--data", "in/data", "--build", f"{OUTPUT}/build")
            program = ("qu-eval", measured, "--build")
        found.append(_of_finished(seeds, f"{file}: {name}", file, content, *program))
    return found


def _stitched(seeds: Seeds) -> str:
    (found,) = (seeds.build / MODELS).glob("*_step_stitch.onnx")
    return found.name


def _of_finished(
    seeds: Seeds, name: str, file: str, content: bytes, program: str, arguments: tuple[str, ...], attacked: str
) -> BadInput:
    def write(folder: Path) -> None:
        copy_build(seeds, folder.parent)
        (folder.parent / OUTPUT / "build" / file).write_bytes(content)
        if program == "qu-eval":
            shutil.copytree(seeds.checkpoint, folder / "checkpoint")
            shutil.copytree(seeds.data, folder / "data")

    return BadInput(KIND, f"finished, {name}", program, arguments, write, attacked=attacked)


def copy_build(seeds: Seeds, folder: Path) -> None:
    """The finished build in the output folder of a case in `folder`, with its simulator in the case's cache."""
    shutil.copytree(seeds.build, folder / OUTPUT / "build", dirs_exist_ok=True)
    shutil.copytree(seeds.cache, folder / CACHE, dirs_exist_ok=True)


def _description() -> dict[str, Any]:
    """Of an accelerator of one operator, as a build leaves it."""
    from hw_flows.accelerator import FORMAT, Accelerator, Element, Endpoint, Instance, Stream, StreamPort

    def stream(name: str, source: str, sink: str) -> Stream:
        return Stream(name, name, (1, 4, 1), Element(8, False), 1, Endpoint(source, 0), Endpoint(sink, 0))

    operator = Instance(
        "MVAU_0",
        "OpenMVAU_rtl",
        "qu_matrix_vector",
        {"PE": 1},
        ("MVAU_0_weights.mem",),
        ("qu_matrix_vector.sv",),
        (StreamPort("in", ("a",)),),
        (StreamPort("out", ("b",)),),
        "layer",
        1,
        1,
        1,
        {},
    )
    accelerator = Accelerator(
        "quantunet_accel",
        (operator,),
        (stream("a", "", "MVAU_0"), stream("b", "MVAU_0", "")),
        ("a",),
        ("b",),
        ("qu_matrix_vector.sv",),
    )
    tree: dict[str, Any] = json.loads(json.dumps({"format": FORMAT, **dataclasses.asdict(accelerator)}))
    return tree


def _simulated(name: str, change: Callable[[Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        build = folder.parent / OUTPUT / "build"
        (build / "rtl").mkdir(parents=True)
        change(build)

    return BadInput(KIND, name, "qu-sim", (f"{OUTPUT}/build",), write, attacked="BUILD_DIR")


def _resumed(seeds: Seeds, name: str, change: Callable[[Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        shutil.copy(seeds.network, folder / "network.onnx")
        build = folder.parent / OUTPUT / "build"
        (build / "intermediate_models").mkdir(parents=True)
        (build / "intermediate_models" / "01_step_qonnx_cleanup.onnx").write_bytes(b"")
        change(build)

    return BadInput(KIND, name, "qu-build", _RESUME, write, attacked="--output")


def _written(name: str, data: bytes, build: Path) -> None:
    (build / name).write_bytes(data)


def _made(name: str, make: Callable[[Path], object], build: Path) -> None:
    make(build / name)
