# SPDX-License-Identifier: BSD-3-Clause
"""Switching activity as power tools read it: SAIF 2.0 (IEEE 1801, annex I), made of what activity.h had Verilator write.

Of each bit of each signal: the time at 0 (T0) and at 1 (T1), and how often it changed (TC). Other names than in simulation:

- The accelerator's instance is a path of the design that it will stand in, for `read_saif -strip_path` (UG835).
- A generate block is no instance of a netlist: its signals and instances stand in the module around it, `block.signal`. All of
  ours are called `g_...`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hw_flows.machine.errors import UserError
from quantunet_common.files import write_atomically

#: Half clock cycles for which activity.h holds the values at the beginning of the window.
BEFORE = 1 << 40
#: Instances of the simulation that lead to the accelerator, or its system.
SIMULATED = ("TOP", "sim_top", "dut")
GENERATE_BLOCK = re.compile(r"g_\w*(\[-?\d+\])?", re.ASCII)

_NET = re.compile(r"\((\S+) \(T0 \d+\) \(T1 (\d+)\) \(TZ 0\) \(TX 0\) \(TB 0\) \(TC (\d+)\)\)", re.ASCII)
_DURATION = re.compile(r"\(DURATION (\d+)\)", re.ASCII)
_INSTANCE = re.compile(r"\(INSTANCE (\S+)", re.ASCII)


@dataclass(frozen=True)
class SwitchingActivity:
    """What a file of activity holds."""

    nets: int
    """Bits of signals."""
    changes: int
    """Of all of them."""


@dataclass
class _Scope:
    name: str
    nets: list[tuple[str, int, int]] = field(default_factory=list)
    """Name, half cycles at 1, changes."""
    children: list[_Scope] = field(default_factory=list)


def write_saif(raw: Path, path: Path, *, cycles: int, instance: str, clock_mhz: float) -> SwitchingActivity:
    """Write `path` from `raw`, which activity.h recorded over `cycles` clock cycles.

    `instance`: the accelerator's, from the top of the design on, with slashes. `clock_mhz`: of the accelerator; the file's times are
    in ps at this clock. Raises UserError where `raw` is not whole, or not what this program expects of Verilator.
    """
    scope = _accelerator(raw, 2 * cycles)
    half_ps = 1e6 / (2 * clock_mhz)
    duration = round(2 * cycles * half_ps)
    names = instance.split("/")
    held = SwitchingActivity(sum(1 for _ in _all_nets(scope)), sum(net[2] for net in _all_nets(scope)))

    def write(temporary: Path) -> None:
        with temporary.open("w", encoding="ascii") as file:
            file.write('(SAIFILE\n(SAIFVERSION "2.0")\n(DIRECTION "backward")\n')
            file.write(f'(DESIGN "{names[0]}")\n(PROGRAM_NAME "qu-build")\n(DIVIDER / )\n(TIMESCALE 1 ps)\n')
            file.write(f"(DURATION {duration})\n")
            file.writelines(f"(INSTANCE {name}\n" for name in names)
            file.writelines(_lines(scope, half_ps, duration))
            file.write(")\n" * len(names) + ")\n")

    write_atomically(path, write)
    return held


def _lines(scope: _Scope, half_ps: float, duration: int) -> Iterator[str]:
    """What stands inside an instance."""
    if scope.nets:
        yield "(NET\n"
        for name, high, changes in scope.nets:
            one = round(high * half_ps)
            yield f"({_escaped(name)} (T0 {duration - one}) (T1 {one}) (TX 0) (TC {changes}))\n"
        yield ")\n"
    for child in scope.children:
        yield f"(INSTANCE {_escaped(child.name)}\n"
        yield from _lines(child, half_ps, duration)
        yield ")\n"


def _escaped(name: str) -> str:
    return name.replace("[", "\\[").replace("]", "\\]")


def _accelerator(raw: Path, half_cycles: int) -> _Scope:
    """The accelerator in what Verilator wrote, without generate blocks."""
    opened: list[_Scope] = []  # of each instance that the line is in
    blocks: list[str] = []  # of generate blocks, the names before a signal's
    scopes: list[bool] = []  # of each bracket that is open: whether it is an instance's
    found: _Scope | None = None
    duration = None
    with raw.open(encoding="utf-8", errors="replace") as lines:
        for line in map(str.strip, lines):
            if net := _NET.fullmatch(line):
                name = net[1].replace("\\", "")
                opened[-1].nets.append((blocks[-1] + name, *_of_window(int(net[2]), int(net[3]), half_cycles)))
            elif instance := _INSTANCE.fullmatch(line):
                name = instance[1].replace("\\", "")
                scopes.append(True)
                if len(opened) > len(SIMULATED) and GENERATE_BLOCK.fullmatch(name):
                    opened.append(opened[-1])
                    blocks.append(f"{blocks[-1]}{name}.")
                    continue
                scope = _Scope((blocks[-1] if blocks else "") + name)
                if opened:
                    opened[-1].children.append(scope)
                opened.append(scope)
                blocks.append("")
                if tuple(s.name for s in opened) == SIMULATED:
                    found = scope
            elif line in ("(SAIFILE", "(NET"):
                scopes.append(False)
            elif line == ")" and scopes and scopes.pop():
                opened.pop()
                blocks.pop()
            elif length := _DURATION.fullmatch(line):
                duration = int(length[1])
    if found is None or scopes or duration != BEFORE + half_cycles:
        raise UserError("the simulator left no whole record of switching activity", str(raw), "is the disk full?")
    return found


def _of_window(high: int, changes: int, half_cycles: int) -> tuple[int, int]:
    """Half cycles at 1 and changes, without what is before the window."""
    began_as_1 = high >= BEFORE
    high -= BEFORE * began_as_1
    changes -= began_as_1
    # a signal that is 1 throughout was counted as one change, from the 0 that Verilator takes for granted
    if not 0 <= high <= half_cycles or changes < 0 or (changes == 0 and high not in (0, half_cycles)):
        raise UserError("Verilator counts changes of signals in another way than is known here", "SAIF")
    return high, changes


def _all_nets(scope: _Scope) -> Iterator[tuple[str, int, int]]:
    yield from scope.nets
    for child in scope.children:
        yield from _all_nets(child)
