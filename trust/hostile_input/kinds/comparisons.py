# SPDX-License-Identifier: BSD-3-Clause
"""Folders that are said to be builds, given to `qu-compare`, and where its page shall be written."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from trust.hostile_input.case import BadInput
from trust.hostile_input.mutate import changed, damaged
from trust.hostile_input.payloads import NAMES, NO_FILES
from trust.hostile_input.seeds import Seeds

KIND = "comparison"
DESCRIPTION = "rtl/accelerator.json"
PAGE = "out/page.html"
#: Reports as a build writes them, as far as they are read.
REPORTS: dict[str, dict[str, Any]] = {
    "build": {"model": "demo", "board": "pynq-z2", "fpga_part": "xc7z020clg400-1"},
    "verification": {"bit_exact": True},
    "performance": {
        "clock_mhz": 100.0,
        "cycles_per_frame": 1000,
        "fps": 100000.0,
        "latency_ms": 0.02,
        "macs_per_frame": 9000,
        "mac_units": 9,
        "mac_utilization": 1.0,
        "bottleneck": "MVAU_0",
        "dram_mb_s": 0.0,
    },
    "resources": {
        "total": {"LUT": 100, "FF": 50, "LUTRAM": 8, "BRAM36": 0.5, "DSP": 1},
        "operators": [{"name": "MVAU_0", "LUT": 100, "FF": 50, "LUTRAM": 8, "BRAM36": 0.5, "DSP": 1}],
    },
    "fifos": {"fifos": [{"name": "StreamingFIFO_0", "depth": 4, "width": 8, "peak": 3}]},
}


def cases(seeds: Seeds) -> list[BadInput]:
    tree = json.loads((seeds.build / DESCRIPTION).read_text())
    sound = json.dumps(tree).encode()
    files: list[tuple[str, str, bytes]] = []
    files += [(DESCRIPTION, what, json.dumps(other).encode()) for what, other in changed(tree, 60, DESCRIPTION)]
    files += [(DESCRIPTION, what, data) for what, data in damaged(sound, 16, DESCRIPTION)]
    for report, content in REPORTS.items():
        name, whole = f"report/{report}.json", json.dumps(content).encode()
        files += [(name, what, json.dumps(other).encode()) for what, other in changed(content, 16, name)]
        files += [(name, what, data) for what, data in damaged(whole, 8, name)]
        files += [
            (name, "nested 100,000 deep", b"[" * 100_000),
            (name, "a list", b"[]"),
            (name, "nothing", b""),
            (name, "a number of 100,000 digits", b'{"fps": ' + b"9" * 100_000 + b"}"),
        ]
    for what, payload in NAMES.items():
        named = {**tree, "instances": [i | {"network_layer": payload, "module": payload} for i in tree["instances"]]}
        files.append((DESCRIPTION, f"layers named {what}", json.dumps(named).encode()))
        told = REPORTS["build"] | {"model": payload, "board": payload}
        files.append(("report/build.json", f"a model named {what}", json.dumps(told).encode()))
    found = [_case(sound, f"{name}: {what}", name, partial(_write, data)) for name, what, data in files]
    odd = {what: make for what, make in NO_FILES.items() if what != "missing"}
    for name in (DESCRIPTION, "report/performance.json"):
        found += [_case(sound, f"{name}: {what}", name, make) for what, make in odd.items()]
    found += [_folder(sound, what, make) for what, make in NO_FILES.items()]
    found += [_output(sound, what, make) for what, make in odd.items()]
    for what, payload in list(NAMES.items())[::3]:
        if "\0" not in payload:
            found.append(_named(sound, f"a build at {what}", ("--", payload, "in/sound"), "BUILD_A"))
            below = f"out/{payload.replace('/', '_')}.html"
            found.append(_named(sound, f"--output {what}", ("in/sound", "in/sound", "--output", below), "--output"))
    return found


def _case(sound: bytes, name: str, file: str, make: Callable[[Path], object]) -> BadInput:
    """One file of the first or of the second build is not as it was."""
    first = len(name) % 2 == 0

    def write(folder: Path) -> None:
        for build in ("sound", "other"):
            _build(folder / build, sound)
        (folder / "other" / file).unlink()
        make(folder / "other" / file)

    builds = ("in/other", "in/sound") if first else ("in/sound", "in/other")
    return BadInput(
        KIND, name, "qu-compare", (*builds, "--output", PAGE), write, attacked="BUILD_A" if first else "BUILD_B"
    )


def _folder(sound: bytes, name: str, make: Callable[[Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        _build(folder / "sound", sound)
        make(folder / "other")

    return BadInput(KIND, f"a build: {name}", "qu-compare", ("in/sound", "in/other"), write, attacked="BUILD_B")


def _output(sound: bytes, name: str, make: Callable[[Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        _build(folder / "sound", sound)
        make(folder.parent / "out" / "page.html")

    arguments = ("in/sound", "in/sound", "--output", PAGE)
    return BadInput(KIND, f"output: {name}", "qu-compare", arguments, write, attacked="--output")


def _named(sound: bytes, name: str, arguments: tuple[str, ...], attacked: str) -> BadInput:
    def write(folder: Path) -> None:
        _build(folder / "sound", sound)

    return BadInput(KIND, name, "qu-compare", arguments, write, attacked=attacked)


def _build(folder: Path, description: bytes) -> None:
    _write(description, folder / DESCRIPTION)
    for report, content in REPORTS.items():
        _write(json.dumps(content).encode(), folder / "report" / f"{report}.json")


def _write(content: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
