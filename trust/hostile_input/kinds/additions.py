# SPDX-License-Identifier: BSD-3-Clause
"""What a user brings to a build beside the network: a board's file, an operator's folder.

An operator is code that runs by intent; what is tried is that a folder which is none, or is broken, is said to be so.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from trust.hostile_input.case import BadInput
from trust.hostile_input.kinds.settings import crafted
from trust.hostile_input.mutate import changed, damaged, values
from trust.hostile_input.payloads import NO_FILES, YAML_TAGS, write_canary_module
from trust.hostile_input.seeds import Seeds

BOARD, OPERATOR = "board", "operator"

_BOARD: dict[str, Any] = {
    "name": "somebodys",
    "title": "A board of somebody's",
    "part": "xc7z020clg484-1",
    "family": "xc7",
    "shell": "zynq7",
    "clock_mhz": 100,
    "oscillator_mhz": 50,
    "ps_clock_mhz": 1000,
    "flows": ["none"],
    "aliases": ["mine"],
    "pins": {"clock": "H16", "rxd": "L14", "txd": "P15", "leds": [{"site": "P11", "inverted": True}]},
    "serial": {"bridge": "an adapter", "baud": [1000000]},
    "host_bytes_per_second": 300000,
    "loader": "mine",
    "tried": "never",
}

#: `rtl.py` of a folder that has an empty `__init__.py`.
_RTL: dict[str, str] = {
    "no operator in it": "",
    "no Python": "def (:\n",
    "NUL": "x = '\0'\n",
    "of a package that is missing": "import a_package_that_is_missing\n",
    "an error when it is loaded": "raise RuntimeError('first line\\nerror: a forged message')\n",
    "it wants to end the process's import": "raise ImportError\n",
    "a class that is no operator": "class OpenThing_rtl:\n    pass\n",
    "two operators": "from hw_flows.operators.base import RtlOperator\n"
    "class OpenA_rtl(RtlOperator):\n    pass\nclass OpenB_rtl(RtlOperator):\n    pass\n",
    "an operator that is there already": "from hw_flows.operators.base import RtlOperator\nclass OpenMVAU_rtl(RtlOperator):\n    pass\n",
}


def cases(seeds: Seeds) -> list[BadInput]:
    sound = yaml.safe_dump(_BOARD).encode()
    contents = [
        (name, yaml.safe_dump(tree).encode("utf-8", "backslashreplace")) for name, tree in changed(_BOARD, 24, BOARD)
    ]
    contents += list(damaged(sound, 8, BOARD))
    contents += [(f"tag {name}", sound + f"extra: {tag}\n".encode()) for name, tag in YAML_TAGS.items()]
    contents += list(crafted(_BOARD).items())
    contents += [
        (f"as a whole: {str(v)[:30]!r}, {i}", yaml.safe_dump(v).encode("utf-8", "backslashreplace"))
        for i, v in enumerate(values(8))
    ]
    found = [_board(seeds, name, _file_of(content)) for name, content in contents]
    found += [_board(seeds, name, make) for name, make in NO_FILES.items()]
    found += [_operator(seeds, f"rtl.py: {name}", _folder_with(text)) for name, text in _RTL.items()]
    found += [_operator(seeds, f"rtl.py is {name}", _folder_of(make)) for name, make in NO_FILES.items()]
    found += [
        _operator(seeds, f"the folder is {name}", make) for name, make in NO_FILES.items() if make is not Path.mkdir
    ]
    found.append(_operator(seeds, "an empty folder", Path.mkdir))
    return found


def _network(seeds: Seeds, folder: Path) -> None:
    for file in (seeds.network, seeds.images, seeds.logits):
        shutil.copy(file, folder)
    write_canary_module(folder)


def _command(option: str, file: str) -> tuple[str, ...]:
    stop = ("--stop-step", "step_qonnx_cleanup", "--frames", "1", "--batch", "--flow", "none")
    return (option, f"in/{file}", "--model", "in/network.onnx", *stop, "--output", "out/build")


def _board(seeds: Seeds, name: str, make: Callable[[Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        _network(seeds, folder)
        make(folder / "board.yaml")

    return BadInput(BOARD, name, "qu-build", _command("--board", "board.yaml"), write, attacked="--board")


def _operator(seeds: Seeds, name: str, make: Callable[[Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        _network(seeds, folder)
        make(folder / "thing")

    return BadInput(OPERATOR, name, "qu-build", _command("--operators", "thing"), write, attacked="--operators")


def _file_of(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _folder_with(text: str) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        path.mkdir()
        (path / "__init__.py").touch()
        (path / "rtl.py").write_text(text, encoding="utf-8")

    return make


def _folder_of(rtl: Callable[[Path], object]) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        path.mkdir()
        (path / "__init__.py").touch()
        rtl(path / "rtl.py")
        (path / "loop").symlink_to("loop")

    return make
