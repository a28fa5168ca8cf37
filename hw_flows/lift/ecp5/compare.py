# SPDX-License-Identifier: BSD-3-Clause
"""A lifted netlist against the one that nextpnr-ecp5 wrote after routing (`--write`): cell by cell at its place, pin by pin.

A net is named after its driver, so nets are the same where every input has the same driver. Truth tables are compared as
functions of nets: place and route permutes inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hw_flows.lift.compare import Comparison
from hw_flows.lift.ecp5.block_memory import CONTROLS, PORTS, WIDEST
from hw_flows.lift.ecp5.lift import Lifted
from hw_flows.lift.ecp5.multipliers import REGISTERS, WIDTH
from hw_flows.lift.ecp5.pins import ELECTRICAL
from hw_flows.lift.ecp5.slices import PINS, READ_ADDRESS, WRITE_ADDRESS, WRITE_DATA
from hw_flows.lift.netlist import ONE, ZERO, LiftedCell, Net
from hw_flows.lift.tables import essential, in_order
from hw_flows.machine.errors import CheckFailed, UserError
from quantunet_common.files import read_json


@dataclass(frozen=True)
class PlacedCell:
    """A cell as place and route placed it."""

    name: str
    place: str
    type: str
    parameters: dict[str, Any]
    attributes: dict[str, Any]
    pins: dict[str, Net | None]
    """Pin -> net, by its driver; None: not connected."""
    outputs: frozenset[str]

    def text(self, name: str, default: str) -> str:
        """A parameter that is a word; Yosys puts a blank behind words of digits."""
        return str(self.parameters.get(name, default)).strip()

    def number(self, name: str, default: int = 0) -> int:
        text = self.text(name, "")
        return int(text.replace("x", "0"), 2) if text else default


def compare(lifted: Lifted, routed: Path) -> Comparison:
    """Compare with the JSON file that nextpnr wrote after routing.

    Raises CheckFailed for cells without a comparison, UserError where the file is no routed netlist.
    """
    try:
        reference = placed_cells(routed)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise UserError(
            f"is no netlist of a design routed for an ECP5 ({type(error).__name__}: {error})",
            str(routed),
            "give the JSON file that nextpnr-ecp5 wrote with --write for this bitstream",
        ) from error
    comparison = _Comparison(lifted, reference)
    for cell in reference:
        comparison.compare(cell)
    comparison.no_more()
    return comparison.result


def placed_cells(path: Path) -> list[PlacedCell]:
    """Cells of the JSON file that nextpnr writes after routing."""
    (module,) = (m for m in read_json(path)["modules"].values() if m.get("cells"))
    drivers: dict[int, Net] = {}
    rows = []
    for name, data in module["cells"].items():
        place = str(data["attributes"]["NEXTPNR_BEL"]).strip()
        nets = {pin: bits[0] if bits else None for pin, bits in data["connections"].items()}
        outputs = frozenset(pin for pin in nets if data["port_directions"][pin] == "output")
        drivers.update({net: f"{place}.{pin}" for pin, net in nets.items() if pin in outputs and net is not None})
        rows.append((name, place, data, nets, outputs))
    return [
        PlacedCell(
            name,
            place,
            str(data["type"]),
            data["parameters"],
            data["attributes"],
            {pin: None if net is None else drivers.get(net) for pin, net in nets.items()},
            outputs,
        )
        for name, place, data, nets, outputs in rows
    ]


class _Comparison:
    def __init__(self, lifted: Lifted, reference: Sequence[PlacedCell]) -> None:
        self.lifted = lifted
        self.result = Comparison()
        self._seen: set[str] = set()
        self._drivers: set[Net] = set()
        self._constants: dict[Net, Net] = {}
        for cell in reference:
            if cell.type == "TRELLIS_COMB" and cell.text("MODE", "LOGIC") == "LOGIC":
                table, inputs = self._function(cell)
                if not inputs:
                    self._constants[f"{cell.place}.F"] = ONE if table & 1 else ZERO

    def compare(self, cell: PlacedCell) -> None:
        compared = _BY_TYPE.get(cell.type)
        if compared is None:
            raise CheckFailed(
                f"cells of type {cell.type} have no comparison", cell.name, "extend hw_flows/lift/ecp5/compare.py"
            )
        compared(self, cell)

    def no_more(self) -> None:
        """Cells and pins in the bitstream that nobody placed."""
        for place, lifted in self.lifted.netlist.cells.items():
            if place not in self._seen:
                self.result.differences.append(f"{place} ({lifted.type}) is in the bitstream, but was not placed")
        for place in self.lifted.pads:
            if place not in self._seen:
                self.result.differences.append(f"the pin {place} is in use in the bitstream, but was not placed")
        self.result.nets = len(self._drivers)

    # --- parts ------------------------------------------------------------------------------------------------------

    def _find(self, cell: PlacedCell, element: str = "") -> LiftedCell | None:
        """The lifted cell at a place; counted as unread where there is none: nobody reads it, and whoever should differs."""
        place = element or cell.place
        other = self.lifted.netlist.cells.get(place)
        if other is None:
            if f"{cell.place}.F" in self._constants:
                self.result.constant += 1
            else:
                self.result.unread += 1
            return None
        self._seen.add(place)
        return other

    def _pin(self, cell: PlacedCell, pin: str, got: Net, open_as: Net | None = None) -> None:
        """An input has the same driver in both; `open_as`: what it reads where it is not connected, None: whatever."""
        wanted = cell.pins.get(pin) or open_as
        if wanted is None:
            return
        wanted, got = self._constants.get(wanted, wanted), self._constants.get(got, got)
        self.result.pins += 1
        if got != wanted:
            self._differs(cell, f"{pin} is driven by {got}, not {wanted}")
        else:
            self._drivers.add(got)

    def _value(self, cell: PlacedCell, name: str, got: int | str, wanted: int | str) -> None:
        if got != wanted:
            self._differs(cell, f"{name} is {got}, not {wanted}")

    def _differs(self, cell: PlacedCell, what: str) -> None:
        self.result.differences.append(f"{cell.place} ({cell.type} {cell.name}): {what}")

    def _function(self, cell: PlacedCell) -> tuple[int, tuple[Net, ...]]:
        """What a LUT computes of nets; inputs that are not connected read 0."""
        nets = [cell.pins.get(pin) or ZERO for pin in PINS]
        return in_order(*essential(cell.number("INITVAL"), [self._constants.get(net, net) for net in nets]))

    def _functions(
        self, cell: PlacedCell, got: tuple[int, tuple[Net, ...]], wanted: tuple[int, tuple[Net, ...]]
    ) -> None:
        self.result.pins += len(wanted[1])
        self._drivers.update(set(got[1]) & set(wanted[1]))
        if got[1] != wanted[1]:
            self._differs(cell, f"depends on {', '.join(got[1])}, not {', '.join(wanted[1])}")
        elif got[0] != wanted[0]:
            self._differs(cell, f"has the truth table {got[0]:x}, not {wanted[0]:x}")

    # --- types ------------------------------------------------------------------------------------------------------

    def lut(self, cell: PlacedCell) -> None:
        mode = cell.text("MODE", "LOGIC")
        if mode == "RAMW_BLOCK":  # only keeps its place free
            return
        if mode == "CCU2":
            self._carry(cell)
        elif mode == "DPRAM":
            self._memory_bit(cell)
        elif (other := self._find(cell)) is not None:
            self.result.cells[cell.type] += 1
            nets = [self._constants.get(other.inputs[pin][0], other.inputs[pin][0]) for pin in PINS]
            self._functions(cell, in_order(*essential(_number(other, "INIT"), nets)), self._function(cell))
        if cell.pins.get("OFX") is not None:
            self._multiplexer(cell)

    def _multiplexer(self, cell: PlacedCell) -> None:
        other = self._find(cell, f"{cell.place}/OFX")
        if other is None:
            return
        wide = cell.place.endswith("1")
        self._value(cell, "the type of its multiplexer", other.type, "L6MUX21" if wide else "PFUMX")
        pins = {"FXA": "D0", "FXB": "D1", "M": "SD"} if wide else {"F1": "ALUT", "M": "C0"}
        if other.type == ("L6MUX21" if wide else "PFUMX"):
            for pin, port in pins.items():
                self._pin(cell, pin, other.inputs[port][0])
            if not wide and (own := cell.pins.get("F")) is not None:
                self._value(cell, "what its multiplexer has as first input", *self._same(other.inputs["BLUT"][0], own))

    def _same(self, *nets: Net) -> tuple[Net, ...]:
        return tuple(self._constants.get(net, net) for net in nets)

    def _carry(self, cell: PlacedCell) -> None:
        element, half = cell.place.rsplit(".K", 1)
        other = self._find(cell, element)
        if other is None:
            return
        if other.type != "CCU2C":
            self._differs(cell, f"is a {other.type}")
            return
        self.result.cells[cell.type] += 1
        inject = cell.text("CCU2_INJECT1", "YES")
        self._value(cell, "INJECT1", other.parameters[f"INJECT1_{half}"], inject)
        if half == "0":
            self._pin(cell, "FCI", other.inputs["CIN"][0])
        got, wanted = [other.inputs[f"{pin}{half}"][0] for pin in PINS], [cell.pins.get(pin) or ONE for pin in PINS]
        init = _number(other, f"INIT{half}"), cell.number("INITVAL")
        self._functions(cell, self._ordered(init[0], got), self._ordered(init[1], wanted))
        if inject == "NO":  # the lower four bits generate the carry
            self._functions(cell, self._ordered(init[0] & 15, got[:2]), self._ordered(init[1] & 15, wanted[:2]))

    def _ordered(self, table: int, nets: Sequence[Net]) -> tuple[int, tuple[Net, ...]]:
        return in_order(*essential(table, self._same(*nets)))

    def _memory_bit(self, cell: PlacedCell) -> None:
        base, element = cell.place.rsplit("/", 1)
        other = self._find(cell, f"{base}/SLICEC.RAMW")
        if other is None:
            return
        self.result.cells[cell.type] += 1
        number = 2 * "AB".index(element[5]) + int(element[-1])
        for i, pin in enumerate(READ_ADDRESS):
            self._pin(cell, pin, other.inputs["RAD"][i])
        self._pin(cell, "WCK", other.inputs["WCK"][0])
        self._pin(cell, "WRE", other.inputs["WRE"][0])
        for name, default in (("WREMUX", "WRE"), ("WCKMUX", "WCK")):
            self._value(cell, name, other.parameters[name], cell.text(name, default))
        got = 0
        for word in range(16):
            index = sum((word >> i & 1) << PINS.index(pin) for i, pin in enumerate(READ_ADDRESS))
            got |= (_number(other, "INITVAL") >> 4 * word + number & 1) << index
        self._value(cell, "INITVAL", got, cell.number("INITVAL"))

    def write_port(self, cell: PlacedCell) -> None:
        other = self._find(cell)
        if other is None:
            return
        self.result.cells[cell.type] += 1
        for port, names in (("WAD", WRITE_ADDRESS), ("DI", WRITE_DATA)):
            for i, name in enumerate(names):
                self._pin(cell, f"{name[0]}{int(name[1]) - 4}", other.inputs[port][i])

    def flip_flop(self, cell: PlacedCell) -> None:
        other = self._find(cell)
        if other is None:
            return
        self.result.cells[cell.type] += 1
        self._pin(cell, "DI" if cell.text("SD", "0") == "1" else "M", other.inputs["DI"][0], ONE)
        self._pin(cell, "CLK", other.inputs["CLK"][0], ZERO)
        enabled = cell.text("CEMUX", "1")
        self._pin(cell, "CE", other.inputs["CE"][0], ONE if enabled in ("0", "1") else None)
        self._pin(cell, "LSR", other.inputs["LSR"][0], ZERO)
        wanted = {"GSR": "ENABLED", "REGSET": "RESET", "LSRMODE": "LSR", "CEMUX": "1", "CLKMUX": "CLK"}
        if cell.pins.get("LSR") is not None:
            wanted |= {"SRMODE": "LSR_OVER_CE", "LSRMUX": "LSR"}
        for name, default in wanted.items():
            self._value(cell, name, other.parameters.get(name, default), cell.text(name, default))

    def block_memory(self, cell: PlacedCell) -> None:
        other = self._find(cell)
        if other is None:
            return
        self.result.cells[cell.type] += 1
        wide = cell.number("DATA_WIDTH_A", 18) == WIDEST
        wanted: dict[str, int | str] = {
            f"DATA_WIDTH_{p}": cell.number(f"DATA_WIDTH_{p}", WIDEST if wide else 18) for p in PORTS
        }
        wanted |= {f"INITVAL_{i:02X}": cell.number(f"INITVAL_{i:02X}") for i in range(64)}
        words = {
            "REGMODE_A": "NOREG",
            "REGMODE_B": "NOREG",
            "RESETMODE": "SYNC",
            "ASYNC_RESET_RELEASE": "SYNC",
            "GSR": "DISABLED",
        }
        if not wide:
            words |= {f"WRITEMODE_{p}": "NORMAL" for p in PORTS}
        wanted |= {name: cell.text(name, default) for name, default in words.items()}
        for name, value in wanted.items():
            self._value(cell, name, other.parameters[name], value)
        for port in PORTS:
            for pin in [f"AD{port}{i}" for i in range(14)] + [f"DI{port}{i}" for i in range(18)]:
                level = None if wide and pin == "ADA4" else ONE if cell.text(f"{pin}MUX", "0") == "1" else ZERO
                self._pin(cell, pin, other.inputs[pin][0], level)
            for pin in (f"{control}{port}" for control in CONTROLS):
                self._control(cell, pin, other, wide)

    def _control(self, cell: PlacedCell, pin: str, other: LiftedCell, wide: bool) -> None:
        enables = pin.startswith(("CE", "OCE"))
        choice = cell.text(f"{pin}MUX", pin if enables or cell.pins.get(pin) is not None else "INV")
        if wide and pin == "WEB" and cell.pins.get(pin) is None:
            return  # port B of such a memory cannot write
        self._pin(cell, pin, other.inputs[pin][0], ZERO if choice == "INV" else ONE)
        if cell.pins.get(pin) is not None:
            self._value(cell, f"{pin}MUX", other.parameters.get(f"{pin}MUX", pin), choice)

    def multiplier(self, cell: PlacedCell) -> None:
        other = self._find(cell)
        if other is None:
            return
        self.result.cells[cell.type] += 1
        for name in REGISTERS:
            self._value(
                cell, f"REG_{name}_CLK", other.parameters[f"REG_{name}_CLK"], cell.text(f"REG_{name}_CLK", "NONE")
            )
        for pin in (f"{bus}{i}" for bus in "ABC" for i in range(WIDTH)):
            self._pin(cell, pin, other.inputs[pin][0], ONE if cell.text(f"{pin}MUX", "0") == "1" else ZERO)
        for pin in ("SIGNEDA", "SIGNEDB", "SOURCEA", "SOURCEB"):
            self._pin(cell, pin, other.inputs[pin][0], ZERO)

    def clock_buffer(self, cell: PlacedCell) -> None:
        other = self._find(cell)
        if other is not None:
            self.result.cells[cell.type] += 1
            self._pin(cell, "CLKI", other.inputs["CLKI"][0])
            self._pin(cell, "CE", other.inputs["CE"][0], ONE)

    def pll(self, cell: PlacedCell) -> None:
        other = self._find(cell)
        if other is None:
            return
        self.result.cells[cell.type] += 1
        for pin in cell.pins:
            if pin in other.inputs:
                self._pin(cell, pin, other.inputs[pin][0])
        for name, got in other.parameters.items():
            if name not in cell.parameters:
                continue
            if isinstance(got, int):
                self._value(cell, name, got, cell.number(name))
            elif cell.text(name, "") not in got.split("|"):
                self._differs(cell, f"{name} is {got}, not {cell.text(name, '')}")

    def pad(self, cell: PlacedCell) -> None:
        pad = self.lifted.pads.get(cell.place)
        if pad is None:
            self._differs(cell, "is not in use in the bitstream")
            return
        self._seen.add(cell.place)
        self.result.cells[cell.type] += 1
        wanted = f"{cell.text('DIR', 'INPUT')}_{str(cell.attributes.get('IO_TYPE', 'LVCMOS33')).strip()}"
        if wanted not in pad.types:
            self._differs(cell, f"is {' or '.join(sorted(pad.types))}, not {wanted}")
        for name in ELECTRICAL:
            if name in cell.attributes and name in pad.electrical:
                self._value(cell, name, pad.electrical[name], str(cell.attributes[name]).strip())
        ports = self.lifted.netlist.ports
        if pad.direction != "INPUT":
            self._pin(cell, "I", ports[f"{cell.place}.I"][1][0])
            self._pin(cell, "T", ports[f"{cell.place}.T"][1][0], ZERO)


def _number(cell: LiftedCell, name: str) -> int:
    value = cell.parameters[name]
    assert isinstance(value, int), name
    return value


_BY_TYPE: dict[str, Callable[[_Comparison, PlacedCell], None]] = {
    "TRELLIS_COMB": _Comparison.lut,
    "TRELLIS_RAMW": _Comparison.write_port,
    "TRELLIS_FF": _Comparison.flip_flop,
    "DP16KD": _Comparison.block_memory,
    "MULT18X18D": _Comparison.multiplier,
    "DCCA": _Comparison.clock_buffer,
    "EHXPLLL": _Comparison.pll,
    "TRELLIS_IO": _Comparison.pad,
}
