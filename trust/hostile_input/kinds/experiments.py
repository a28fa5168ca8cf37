# SPDX-License-Identifier: BSD-3-Clause
"""Experiments: their configuration, and folders of finished ones from which a page is to be made.

Nothing is trained: what a training reads is tried with qu-train.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from trust.hostile_input.case import BadInput
from trust.hostile_input.kinds.settings import crafted
from trust.hostile_input.mutate import changed, damaged
from trust.hostile_input.payloads import NAMES, NO_FILES, YAML_TAGS, pickles, write_canary_module
from trust.hostile_input.seeds import EXPERIMENT, EXPERIMENT_OUTPUT, Seeds, npy_with_header

CONFIGURATION, FOLDER = "experiment configuration", "experiment folder"
_PAGE = ("--config", "in/experiment.yaml", "--output", EXPERIMENT_OUTPUT, "--page-only")
_RUN = Path("runs/learned/seed-0")


def cases(seeds: Seeds) -> list[BadInput]:
    return [*_configurations(seeds), *_folders(seeds)]


def _configurations(seeds: Seeds) -> list[BadInput]:
    settings: dict[str, Any] = {
        **EXPERIMENT,
        "cluster": {"kind": "local", "workers": 1},
        "hardware": {"board": "pynq-z2", "target_fps": 1000},
    }
    sound = yaml.safe_dump(settings).encode()
    contents = [
        (name, yaml.safe_dump(tree).encode("utf-8", "backslashreplace"))
        for name, tree in changed(settings, 48, CONFIGURATION)
    ]
    contents += list(damaged(sound, 12, CONFIGURATION))
    contents += [(f"tag {name}", sound + f"title: {tag}\n".encode()) for name, tag in YAML_TAGS.items()]
    contents += list(crafted(settings).items())
    for name, payload in list(NAMES.items())[::3]:
        for what, tree in {
            "title": {**settings, "title": payload},
            "train": {**settings, "train": payload},
            "a variant": {**settings, "variants": {"learned": {}, payload: {}}},
            "a setting": {**settings, "variants": {"learned": {payload: 1}}},
            "data": {**settings, "variants": {"learned": {"data": {"path": payload}}}},
        }.items():
            contents.append((f"{what}: {name}", yaml.safe_dump(tree).encode("utf-8", "backslashreplace")))
    makers: list[tuple[str, Callable[[Path], object]]] = [
        (name, partial(_write_bytes, content)) for name, content in contents
    ]
    makers += list(NO_FILES.items())
    found = [_case(seeds, CONFIGURATION, name, "experiment.yaml", make, "--config") for name, make in makers]
    shared: list[tuple[str, Callable[[Path], object]]] = [
        (name, partial(_write_bytes, content)) for name, content in damaged(b"steps: 4\nbatch_size: 2\n", 6, "train")
    ]
    for name, make in (*shared, *NO_FILES.items()):
        found.append(_case(seeds, CONFIGURATION, f"its training: {name}", "train.yaml", make, "--config"))
    return found


def _folders(seeds: Seeds) -> list[BadInput]:
    result = (seeds.experiment / "out/experiment" / _RUN / "result.json").read_bytes()
    predictions = (seeds.experiment / "out/experiment" / _RUN / "predictions.npy").read_bytes()
    estimate = {
        "board": "pynq-z2",
        "target_fps": 1000.0,
        "fps": 1000.0,
        "lut": 1.0,
        "ff": 1.0,
        "bram36": 1.0,
        "dsp": 1.0,
    }
    tree = json.loads(result)
    contents = [("result.json", name, json.dumps(other).encode()) for name, other in changed(tree, 40, "result")]
    contents += [("result.json", name, data) for name, data in damaged(result, 12, "result bytes")]
    contents += [("predictions.npy", name, data) for name, data in damaged(predictions, 16, "predictions")]
    contents += [("predictions.npy", f"pickle: {name}", data) for name, data in list(pickles().items())[:3]]
    for name, shape in {"2^60 values": (2**60,), "negative": (-1, 1, 8, 8), "overflow": (2**63, 2**63)}.items():
        header = f"{{'descr': '|b1', 'fortran_order': False, 'shape': {shape}, }}"
        contents.append(("predictions.npy", f"shape: {name}", npy_with_header(header)))
    for name, other in changed(estimate, 12, "estimate"):
        contents.append(("hardware.json", name, json.dumps(other).encode()))
    for name, payload in list(NAMES.items())[::3]:
        text = payload.encode("utf-8", "replace").decode()
        cases_named = [{**case, "name": text} for case in tree["cases"]]
        contents.append(("result.json", f"images named {name}", json.dumps({**tree, "cases": cases_named}).encode()))
        contents.append(("failure.txt", name, text.encode()))
    contents += [
        ("result.json", "nested 100,000 deep", b"[" * 100_000),
        ("result.json", "a number of 100,000 digits", b'{"dice": ' + b"9" * 100_000 + b"}"),
        ("failure.txt", "empty", b""),
        ("failure.txt", "64 MiB without an end of line", b"x" * 2**26),
        ("failure.txt", "no text", bytes(range(256))),
    ]
    makers: list[tuple[str, str, Callable[[Path], object]]] = [
        (file, name, partial(_write_bytes, content)) for file, name, content in contents
    ]
    makers += [
        (file, name, make)
        for file in ("result.json", "predictions.npy", "hardware.json")
        for name, make in NO_FILES.items()
    ]
    return [
        _case(seeds, FOLDER, f"{file}: {name}", Path("..") / EXPERIMENT_OUTPUT / _RUN / file, make, "--output")
        for file, name, make in makers
    ]


def _case(
    seeds: Seeds, kind: str, name: str, file: str | Path, make: Callable[[Path], object], attacked: str
) -> BadInput:
    """The finished experiment, in which `make` has replaced a file, named from the folder of the input."""

    def write(folder: Path) -> None:
        shutil.copytree(seeds.experiment / "in", folder, dirs_exist_ok=True)
        shutil.copytree(seeds.experiment / "out/experiment", folder.parent / EXPERIMENT_OUTPUT, dirs_exist_ok=True)
        write_canary_module(folder)
        path = folder / file
        path.unlink(missing_ok=True)
        make(path)

    return BadInput(kind, name, "qu-experiment", _PAGE, write, attacked=attacked)


def _write_bytes(content: bytes, path: Path) -> None:
    path.write_bytes(content)
