# SPDX-License-Identifier: BSD-3-Clause
"""What place and route was given against what its bits are: the same function between the same elements with memory.

Place and route keeps the names of flip-flops, shift registers, memories and multipliers, and makes what it likes of the logic
between them. So each of their outputs is a random word, the same in both netlists, and each of their inputs has to be the same
word then. `compare` cannot see what place and route changes before it writes its own netlist; this does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from hw_flows.families import find_family
from hw_flows.families.netlist import Netlist
from hw_flows.gate_level.simulator import LANES, NetlistSimulator
from hw_flows.lift.compare import with_halves
from hw_flows.lift.comparison import SHOWN, PlacedCell
from hw_flows.lift.netlist import LiftedNetlist
from hw_flows.machine.errors import CheckFailed
from quantunet_common.files import read_json

CYCLES = 256
_LOGIC = (*(f"LUT{inputs}" for inputs in range(1, 7)), "INV", "MUXF7", "MUXF8", "CARRY4", "BUFG")
_WITH_MEMORY = ("FDRE", "FDSE", "FDCE", "FDPE", "SRL16E", "SRLC32E", "RAMB18E1", "RAMB36E1", "DSP48E1")
_SYSTEM = "PS7"
#: Inputs that have no part in what a multiplier without such a cascade computes, and are not lifted.
_LEFT_OUT = ("ACIN", "BCIN")
#: Place and route reads the address of writing with a LUT of its own, or with the one that holds the address.
_SINGLE_PORT = re.compile("/SP$")

Module = dict[str, Any]
Pin = tuple[str, str, int]
"""Element, port, bit."""


@dataclass
class _Cut:
    """A netlist without its elements with memory."""

    inputs: dict[Pin, int | str] = field(default_factory=dict)
    """Pins where they read the logic -> net."""
    outputs: dict[Pin, int | str] = field(default_factory=dict)
    """Pins where the logic reads them."""
    parameters: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of each element."""
    logic: dict[str, Any] = field(default_factory=dict)
    free: Iterator[int] = field(default_factory=count)
    """Nets that nobody uses."""


@dataclass(frozen=True)
class SameFunction:
    """What was compared, and what differs."""

    elements: int
    inputs: int
    unread: int
    """Elements that nothing in the bitstream reads."""
    differences: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.inputs:,} inputs of {self.elements:,} elements with memory, {CYCLES * LANES} random words each"

    def require_equal(self) -> None:
        """Raises CheckFailed where something differs."""
        if self.differences:
            raise CheckFailed(
                f"the bitstream computes something else than the netlist: {len(self.differences)} differences: "
                + "; ".join(self.differences[:SHOWN]),
                "bitstream",
                "place and route made something else of the design",
            )


def same_function(given: Path, lifted: LiftedNetlist, reference: dict[str, PlacedCell]) -> SameFunction:
    """Compare the netlist that place and route was given (JSON of Yosys) with the lifted one.

    `reference`: placed cells by place, which have the names. Raises CheckFailed for cells that no comparison knows.
    """
    (other,) = with_halves(lifted, reference).as_json()["modules"].values()
    module = next(
        m
        for m in read_json(given)["modules"].values()
        if any(c["type"] == _SYSTEM for c in m.get("cells", {}).values())
    )
    return compare_functions(module, other, lambda place: reference[place].name if place in reference else place)


def compare_functions(given: Module, other: Module, name_of: Callable[[str], str]) -> SameFunction:
    """Compare two modules as Yosys writes them; `name_of`: a cell of the other one -> its name in the given one."""
    wanted, got = _cut(given), _cut(other, lambda place: _SINGLE_PORT.sub("/ADDR", name_of(place)))
    differences = [
        f"{name} was not in the netlist" for name in sorted(got.parameters.keys() - wanted.parameters.keys())
    ]
    shared = sorted(got.parameters.keys() & wanted.parameters.keys())
    for name in shared:
        differences += _different_parameters(name, wanted.parameters[name], got.parameters[name])
    known = set(shared)
    pins = sorted(pin for pin in wanted.inputs if pin[0] in known and pin[1] not in _LEFT_OUT)
    differences += [f"{_named(pin)} is not connected" for pin in pins if pin not in got.inputs]
    pins = [pin for pin in pins if pin in got.inputs]
    states = sorted(wanted.outputs.keys() | got.outputs.keys())
    first, second = (_answers(cut, states, pins) for cut in (wanted, got))
    wrong = np.flatnonzero((first != second).any(axis=(0, 1)))
    differences += [f"{_named(pins[i])} is another function" for i in wrong]
    return SameFunction(len(shared), len(pins), len(wanted.parameters) - len(shared), tuple(differences))


def _named(pin: Pin) -> str:
    name, port, bit = pin
    return f"{name}: {port}[{bit}]"


def _cut(module: Module, name_of: Callable[[str], str] | None = None) -> _Cut:
    """`name_of`: of a module whose LUT memories are elements already."""
    nets = (net for cell in module["cells"].values() for bus in cell["connections"].values() for net in bus)
    cut = _Cut(free=count(1 + max(net for net in nets if isinstance(net, int))))
    for own, cell in module["cells"].items():
        kind, ports = cell["type"], cell["connections"]
        name = _SYSTEM if kind == _SYSTEM else name_of(own) if name_of else own
        if kind in _LOGIC:
            cut.logic[own] = cell
        elif kind in (*_WITH_MEMORY, _SYSTEM):
            cut.parameters[name] = cell["parameters"]
            for port, nets in ports.items():
                pins = cut.inputs if cell["port_directions"][port] == "input" else cut.outputs
                pins.update({(name, port, bit): net for bit, net in enumerate(nets)})
        elif kind in ("RAM32M", "RAM64M"):
            _columns(cut, name, cell)
        elif kind in ("RAM128X1D", "RAM256X1D"):
            _deep(cut, name, cell)
        elif kind in ("RAM32X1S", "RAM64X1S", "RAM32X1D", "RAM64X1D"):
            if name_of or kind.endswith("S"):
                _column(cut, name if name_of else f"{name}/ADDR", cell, "O" if kind.endswith("S") else "DPO")
            else:
                for port, part in (("DPO", "DP"), ("SPO", "ADDR")):
                    if port in ports:
                        _column(cut, f"{name}/{part}", cell, port)
        else:
            raise CheckFailed(f"cells of type {kind} have no comparison", own, "extend hw_flows/lift/same_function.py")
    return cut


def _columns(cut: _Cut, name: str, cell: Module) -> None:
    """A memory of LUTs in a whole slice: each LUT, or half of one, is an element of place and route."""
    ports, halves = cell["connections"], 2 if cell["type"] == "RAM32M" else 1
    for number, column in enumerate("ABCD"):
        contents = str(cell["parameters"].get(f"INIT_{column}", "x"))
        for half in range(halves) if f"DI{column}" in ports else ():
            own = f"{name}/DPR{number}" + (f"_{half}" if halves > 1 else "")
            data, out = ports[f"DI{column}"][half], ports[f"DO{column}"][half]
            _memory(cut, own, ports[f"ADDR{column}"], ports["ADDRD"], data, ports, out)
            cut.parameters[own]["INIT"] = contents[::-1][half::halves][::-1] or "x"


def _deep(cut: _Cut, name: str, cell: Module) -> None:
    """A memory of several LUTs one above the other, whose high address bits choose one: each is an element of place and route."""
    ports, contents = cell["connections"], str(cell["parameters"].get("INIT", "x"))
    parts = 1 << len(ports["A"]) - 6
    write, high = ports["A"][:6], ports["A"][6:]
    for port, own, address in (("SPO", "ADDR", ports["A"]), ("DPO", "DPR", ports["DPRA"])):
        outs = [next(cut.free) for _ in range(parts)]
        for part, out in enumerate(outs):
            chosen = _logic(cut, [*ports["WE"], *high], [True, *_digits(part, len(high))].__eq__)
            _memory(cut, f"{name}/{own}{part}", address[:6], write, ports["D"][0], {**ports, "WE": [chosen]}, out)
            cut.parameters[f"{name}/{own}{part}"]["INIT"] = contents[::-1][64 * part : 64 * part + 64][::-1] or "x"
        if port in ports:
            chooses = address[6:]
            _logic(cut, [*chooses, *outs], lambda bits: bits[len(high) :][_number(bits[: len(high)])], ports[port][0])


def _digits(value: int, width: int) -> list[bool]:
    return [bool(value >> i & 1) for i in range(width)]


def _number(digits: list[bool]) -> int:
    return sum(digit << i for i, digit in enumerate(digits))


def _logic(
    cut: _Cut, inputs: list[int | str], function: Callable[[list[bool]], bool], out: int | str | None = None
) -> int | str:
    """A LUT more; its output."""
    out = next(cut.free) if out is None else out
    rows = reversed(range(1 << len(inputs)))
    table = "".join("01"[function(_digits(row, len(inputs)))] for row in rows)
    pins = {f"I{i}": [net] for i, net in enumerate(inputs)}
    cut.logic[f"of a memory {out}"] = {
        "type": f"LUT{len(inputs)}",
        "parameters": {"INIT": table},
        "port_directions": {**dict.fromkeys(pins, "input"), "O": "output"},
        "connections": {**pins, "O": [out]},
    }
    return out


def _column(cut: _Cut, name: str, cell: Module, out: str) -> None:
    """A memory of one LUT with its output `out`, which is read by the address of that port."""
    ports = cell["connections"]
    write = [ports[f"A{i}"][0] for i in range(5 if "32" in cell["type"] else 6)]
    read = [ports[f"DPRA{i}"][0] for i in range(len(write))] if out == "DPO" else write
    _memory(cut, name, read, write, ports["D"][0], ports, ports[out][0])
    cut.parameters[name]["INIT"] = cell["parameters"].get("INIT", "x")


def _memory(
    cut: _Cut,
    name: str,
    read: list[int | str],
    write: list[int | str],
    data: int | str,
    ports: dict[str, list[int | str]],
    out: int | str,
) -> None:
    cut.parameters[name] = {}
    cut.inputs |= {(name, "read address", i): net for i, net in enumerate(read)}
    cut.inputs |= {(name, "write address", i): net for i, net in enumerate(write)}
    cut.inputs |= {(name, "data", 0): data, (name, "WE", 0): ports["WE"][0], (name, "WCLK", 0): ports["WCLK"][0]}
    cut.outputs[name, "out", 0] = out


def _different_parameters(name: str, wanted: dict[str, str], got: dict[str, str]) -> Iterator[str]:
    """Those that both give; inversions that one does not give are off."""
    for parameter, value in got.items():
        text = wanted.get(parameter, "0" if parameter.startswith("IS_") else None)
        if text is not None and "x" not in text and _value(text) != _value(value):
            yield f"{name}: {parameter} is {_value(value)}, not {_value(text)}"


def _value(text: str) -> int | str:
    text = str(text).strip()
    return int(text, 2) if text and not set(text) - {"0", "1"} else text


def _answers(cut: _Cut, states: list[Pin], pins: list[Pin]) -> np.ndarray:
    """What the logic has at `pins`, (CYCLES, LANES, pins), where the elements' outputs `states` are random."""
    ports = {
        "state": {"direction": "input", "bits": [cut.outputs.get(pin, next(cut.free)) for pin in states]},
        "next": {"direction": "output", "bits": [cut.inputs[pin] for pin in pins]},
    }
    module = {"cells": cut.logic, "ports": ports}
    simulator = NetlistSimulator(Netlist({"modules": {"logic": module}}, "logic"), find_family("xc7"))
    words = np.random.default_rng(1).integers(0, 2, (CYCLES, LANES, len(states)), dtype=np.uint8)
    return simulator.trace({"state": words})["next"]
