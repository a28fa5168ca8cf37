# SPDX-License-Identifier: BSD-3-Clause
"""Bitstreams and routed netlists given to `qu-lift`.

Without Project X-Ray's tools a case ends, after what is looked at before them, with the words that they are missing.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path

from trust.hostile_input.case import BadInput
from trust.hostile_input.mutate import damaged
from trust.hostile_input.payloads import NAMES, NO_FILES, pickles
from trust.hostile_input.seeds import Seeds

KIND = "bitstream"
PART = "xc7z020clg400-1"
ECP5_PART = "LFE5U-25F-6BG381C"
#: How a .bit of an ECP5 begins: a comment, then the word that ends them; nothing is configured.
ECP5_BIT = b"\xff\x00Part: LFE5U-25F\x00\xff\xff\xff\xbd\xb3" + b"\xff" * 64


def bit_file(words: bytes = b"\xff" * 64, claimed: int | None = None) -> bytes:
    """A .bit whose words configure nothing: its fields (design, part, date, time), then the words."""
    fields = b"".join(
        key + struct.pack(">H", len(text)) + text
        for key, text in ((b"a", b"top\0"), (b"b", b"7z020clg400\0"), (b"c", b"2026/01/01\0"), (b"d", b"00:00:00\0"))
    )
    length = len(words) if claimed is None else claimed
    return struct.pack(">H", 9) + bytes(9) + struct.pack(">H", 1) + fields + b"e" + struct.pack(">I", length) + words


def cases(seeds: Seeds) -> list[BadInput]:
    del seeds
    sound, netlist = bit_file(), json.dumps(_netlist()).encode()
    contents = dict(damaged(sound, 32, "bitstream"))
    contents |= {f"pickle: {name}": data for name, data in list(pickles().items())[:3]}
    contents |= {
        "empty": b"",
        "4 GiB claimed": bit_file(claimed=2**32 - 1),
        "words without a frame": bit_file(b"\xaa\x99\x55\x66" * 16),
        "a header without end": sound[:13] + b"a\xff\xff",
    }
    found = [_case(name, partial(_write, data)) for name, data in contents.items()]
    found += [_case(name, make) for name, make in NO_FILES.items()]
    parts = {**NAMES, "a way out": "../../../in/xc7z020clg400-1", "nothing": "", "long": "xc7z" + "9" * 10_000}
    found += [_case(f"part: {name}", _sound, part) for name, part in list(parts.items())[::3] if "\0" not in part]
    ecp5 = {"of an ECP5": ECP5_BIT, "of an ECP5, not yet": ECP5_BIT[:17], "for an ECP5": bit_file()}
    ecp5 |= dict(damaged(ECP5_BIT, 8, "ECP5"))
    found += [_case(f"ECP5: {name}", partial(_write, data), ECP5_PART) for name, data in ecp5.items()]
    parts = {"ECP5 alone": "LFE5", "out of ECP5": f"{ECP5_PART}/..", "no such speed": "LFE5U-85F-9BG381C"}
    found += [_case(f"part: {name}", partial(_write, ECP5_BIT), part) for name, part in parts.items()]
    routed: dict[str, Callable[[Path], object]] = {n: partial(_write, d) for n, d in damaged(netlist, 24, "routed")}
    routed |= {name: partial(_write, json.dumps(data).encode()) for name, data in _NETLISTS.items()}
    routed |= dict(NO_FILES) | {"nested deep": partial(_write, b"[" * 100_000)}
    found += [_compared(name, make) for name, make in routed.items()]
    found += [_output(name, make) for name, make in NO_FILES.items() if name != "missing"]
    return found


def _case(name: str, make: Callable[[Path], object], part: str = PART) -> BadInput:
    def write(folder: Path) -> None:
        make(folder / "file.bit")

    arguments = ("in/file.bit", "--part", part, "--output", "out/lifted.json")
    return BadInput(KIND, name, "qu-lift", arguments, write, attacked="BITSTREAM")


def _compared(name: str, make: Callable[[Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        _sound(folder / "file.bit")
        make(folder / "routed.json")

    arguments = ("in/file.bit", "--part", PART, "--output", "out/lifted.json", "--routed", "in/routed.json")
    return BadInput(KIND, f"routed: {name}", "qu-lift", arguments, write, attacked="--routed")


def _output(name: str, make: Callable[[Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        _sound(folder / "file.bit")
        make(folder / "output")

    arguments = ("in/file.bit", "--part", PART, "--output", "in/output")
    return BadInput(KIND, f"output: {name}", "qu-lift", arguments, write, attacked="--output")


def _write(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _sound(path: Path) -> None:
    path.write_bytes(bit_file())


def _netlist(**changed: object) -> dict[str, object]:
    cell: dict[str, object] = {
        "type": "SLICE_LUTX",
        "parameters": {"INIT": "0"},
        "attributes": {"NEXTPNR_BEL": "X54Y51/SLICE_X0Y0.D5LUT"},
        "port_directions": {"O6": "output"},
        "connections": {"O6": [2]},
    }
    return {"modules": {"top": {"cells": {"lut": cell | changed}}}}


_NETLISTS: dict[str, object] = {
    "a number": 1,
    "no module": {"modules": {}},
    "modules in a list": {"modules": [1]},
    "cells in a list": {"modules": {"top": {"cells": [1]}}},
    "a cell that is none": {"modules": {"top": {"cells": {"lut": 1}}}},
    "two modules": {"modules": {name: {"cells": {"lut": {}}} for name in ("one", "other")}},
    "a place that is none": _netlist(attributes={"NEXTPNR_BEL": "nowhere"}),
    "a place beyond the device": _netlist(attributes={"NEXTPNR_BEL": "X99999Y99999/SLICE_X0Y0.D5LUT"}),
    "no place": _netlist(attributes={}),
    "pins in a list": _netlist(connections=[2]),
    "directions of other pins": _netlist(port_directions={"O5": "output"}),
}
