# SPDX-License-Identifier: BSD-3-Clause
"""Many cells in one compiled simulator, each with inputs of its own: the vendor's Verilog models against ours.

    check(find_family("xc7"), [Cell("LUT2", {"INIT": bits(6, 4)}, {"I0": 1, "I1": 1}, {"O": 1})], models, tmp_path)

Every clock edge has new random inputs; the clock only runs while there are some.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hw_flows.accelerator import Accelerator, Element, Endpoint, Instance, Stream, StreamPort
from hw_flows.families.family import Family
from hw_flows.families.netlist import Netlist
from hw_flows.gate_level.simulator import LANES, NetlistSimulator
from hw_flows.simulate import compile_simulator, run
from hw_flows.stitch import write_top

BIT = Element(1, False)


@dataclass(frozen=True)
class Bits:
    """A parameter of so many bits."""

    value: int
    width: int

    def __str__(self) -> str:
        return f"{self.width}'b{self.value:0{self.width}b}"


def bits(value: int, width: int) -> Bits:
    return Bits(value & ((1 << width) - 1), width)


def random_bits(generator: np.random.Generator, width: int) -> Bits:
    return Bits(int("".join(map(str, generator.integers(0, 2, width))), 2), width)


@dataclass(frozen=True)
class Cell:
    """One cell: parameters, widths of inputs and outputs by port, inputs that are constant, the port of its clock.

    `often` and `seldom`: inputs that are 1 in 9 of 10 cycles, or in 1 of 10. `alike`: inputs whose bits are all equal.
    """

    type: str
    parameters: dict[str, Bits | str | int]
    inputs: dict[str, int]
    outputs: dict[str, int]
    clock: str | tuple[str, ...] = ()
    constants: dict[str, Bits] = field(default_factory=dict)
    often: tuple[str, ...] = ()
    seldom: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()

    @property
    def clocks(self) -> tuple[str, ...]:
        return (self.clock,) if isinstance(self.clock, str) else self.clock


def check(family: Family, cells: Sequence[Cell], models: Path, folder: Path, cycles: int = 300, seed: int = 7) -> None:
    """Our models of `cells` give, in every cycle, what those in `models` give."""
    stimulus = _stimulus(cells, cycles, seed)
    ours = NetlistSimulator(Netlist(_netlist(cells), "cells"), family).trace({"data_i": stimulus})["data_o"]
    accelerator = _around(stimulus.shape[2], ours.shape[2], cycles)
    rtl = folder / "rtl"
    rtl.mkdir(parents=True)
    (rtl / "cells.sv").write_text(_verilog(cells), encoding="utf-8")
    write_top(accelerator, rtl)
    simulator = compile_simulator(accelerator, rtl, jobs=1, extra_sources=(models,), log=folder / "log")
    for lane in range(LANES):
        tensors = {"into": stimulus[None, :, lane].astype(np.int32), "out": ours[None, :, lane].astype(np.int32)}
        result = run(simulator, tensors)
        assert result.finished
        if result.mismatches:
            mismatch = result.mismatches[0]
            raise AssertionError(f"{_owner(cells, mismatch.index[1])} in cycle {mismatch.index[0]}: {mismatch}")


def _stimulus(cells: Sequence[Cell], cycles: int, seed: int) -> np.ndarray:
    """(cycles, LANES, bits of all inputs)."""
    generator = np.random.default_rng(seed)
    columns = []
    for cell in cells:
        for name, width in cell.inputs.items():
            chance = 0.9 if name in cell.often else 0.1 if name in cell.seldom else 0.5
            drawn = generator.random((cycles, LANES, width)) < chance
            columns.append(np.repeat(drawn[..., :1], width, axis=2) if name in cell.alike else drawn)
    return np.concatenate(columns, axis=2).astype(np.uint8)


def _netlist(cells: Sequence[Cell]) -> dict[str, Any]:
    clock, net = 2, 3
    described, into, out = {}, [], []
    for k, cell in enumerate(cells):
        connections: dict[str, list[int | str]] = {name: [clock] for name in cell.clocks}
        for ports, collected in ((cell.inputs, into), (cell.outputs, out)):
            for name, width in ports.items():
                nets = list(range(net, net + width))
                net += width
                connections[name] = list(nets)
                collected += nets
        for name, value in cell.constants.items():
            connections[name] = [str(value.value >> i & 1) for i in range(value.width)]
        parameters = {
            name: f"{value.value:0{value.width}b}"
            if isinstance(value, Bits)
            else f"{value:032b}"
            if isinstance(value, int)
            else value
            for name, value in cell.parameters.items()
        }
        described[f"cell{k}"] = {"type": cell.type, "parameters": parameters, "connections": connections}
    ports = {
        "clk_i": {"direction": "input", "bits": [clock]},
        "data_i": {"direction": "input", "bits": into},
        "data_o": {"direction": "output", "bits": out},
    }
    return {"modules": {"cells": {"ports": ports, "cells": described}}}


def _verilog(cells: Sequence[Cell]) -> str:
    lines, at = [], {"s_axis_tdata": 0, "m_axis_tdata": 0}
    for k, cell in enumerate(cells):
        connections = [f".{name}(clock)" for name in cell.clocks]
        for ports, signal in ((cell.inputs, "s_axis_tdata"), (cell.outputs, "m_axis_tdata")):
            for name, width in ports.items():
                connections.append(f".{name}({signal}[{at[signal]} +: {width}])")
                at[signal] += width
        connections += [f".{name}({value})" for name, value in cell.constants.items()]
        parameters = [f'.{n}("{v}")' if isinstance(v, str) else f".{n}({v})" for n, v in cell.parameters.items()]
        lines.append(f"  {cell.type} #({', '.join(parameters)}) cell{k} ({', '.join(connections)});")
    body = "\n".join(lines)
    return f"""module cells (
    input wire clk_i, input wire rst_i,
    input wire [{at["s_axis_tdata"] - 1}:0] s_axis_tdata, input wire s_axis_tvalid, output wire s_axis_tready,
    output wire [{at["m_axis_tdata"] - 1}:0] m_axis_tdata, output wire m_axis_tvalid, input wire m_axis_tready);
  assign s_axis_tready = m_axis_tready;
  assign m_axis_tvalid = s_axis_tvalid;
  wire clock = clk_i & s_axis_tvalid & ~rst_i;
{body}
endmodule
"""


def _around(bits_in: int, bits_out: int, cycles: int) -> Accelerator:
    outside, inside = Endpoint("", 0), Endpoint("cells", 0)
    into = Stream("into", "into", (cycles, bits_in), BIT, bits_in, outside, inside)
    out = Stream("out", "out", (cycles, bits_out), BIT, bits_out, inside, outside)
    instance = Instance(
        "cells",
        "Cells",
        "cells",
        {},
        (),
        ("cells.sv",),
        (StreamPort("s_axis", ("into",)),),
        (StreamPort("m_axis", ("out",)),),
        "",
        1,
        0,
        0,
        {},
    )
    return Accelerator("bench", (instance,), (into, out), ("into",), ("out",), ("cells.sv", "bench.sv"))


def _owner(cells: Sequence[Cell], bit: int) -> str:
    for k, cell in enumerate(cells):
        for name, width in cell.outputs.items():
            if bit < width:
                parameters = {n: str(v) for n, v in cell.parameters.items() if not n.startswith("INIT")}
                return f"cell {k}, {cell.type} {parameters}, {name}[{bit}]"
            bit -= width
    raise AssertionError(bit)
