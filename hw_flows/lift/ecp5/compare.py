# SPDX-License-Identifier: BSD-3-Clause
"""A lifted netlist against the one that nextpnr-ecp5 wrote after routing (`--write`): cell by cell at its place, pin by pin.

A net is named after its driver, so nets are the same where every input has the same driver. Truth tables are compared as
functions of nets: place and route permutes inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from hw_flows.lift.comparison import CellComparison, Comparison, Function, PlacedCell
from hw_flows.lift.ecp5.block_memory import CONTROLS, PORTS, WIDEST
from hw_flows.lift.ecp5.lift import Lifted
from hw_flows.lift.ecp5.multipliers import REGISTERS, WIDTH
from hw_flows.lift.ecp5.pins import ELECTRICAL
from hw_flows.lift.ecp5.slices import PINS, READ_ADDRESS, WRITE_ADDRESS, WRITE_DATA
from hw_flows.lift.netlist import ONE, ZERO, LiftedCell, Net
from hw_flows.lift.tables import essential, in_order
from hw_flows.machine.errors import CheckFailed, UserError
from quantunet_common.files import read_json


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
    comparison.no_more(lifted.netlist.cells)
    comparison.pads_too()
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


class _Comparison(CellComparison):
    def __init__(self, lifted: Lifted, reference: Sequence[PlacedCell]) -> None:
        super().__init__()
        self.lifted = lifted
        for cell in reference:
            if cell.type == "TRELLIS_COMB" and cell.text("MODE", "LOGIC") == "LOGIC":
                table, inputs = self._function(cell)
                if not inputs:
                    self.constants[f"{cell.place}.F"] = ONE if table & 1 else ZERO

    def compare(self, cell: PlacedCell) -> None:
        compared = _BY_TYPE.get(cell.type)
        if compared is None:
            raise CheckFailed(
                f"cells of type {cell.type} have no comparison", cell.name, "extend hw_flows/lift/ecp5/compare.py"
            )
        compared(self, cell)

    def pads_too(self) -> None:
        """Pins in use in the bitstream that nobody placed."""
        for place in self.lifted.pads:
            if place not in self.seen:
                self.result.differences.append(f"the pin {place} is in use in the bitstream, but was not placed")

    # --- parts ------------------------------------------------------------------------------------------------------

    def _find(self, cell: PlacedCell, element: str = "") -> LiftedCell | None:
        """The lifted cell at a place; counted as unread where there is none: nobody reads it, and whoever should differs."""
        place = element or cell.place
        other = self.lifted.netlist.cells.get(place)
        if other is None:
            self.missing(cell)
            return None
        self.seen.add(place)
        return other

    def _function(self, cell: PlacedCell) -> Function:
        """What a LUT computes of nets; inputs that are not connected read 0."""
        nets = [cell.pins.get(pin) or ZERO for pin in PINS]
        return in_order(*essential(cell.number("INITVAL"), [self.constants.get(net, net) for net in nets]))

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
            nets = [self.constants.get(other.inputs[pin][0], other.inputs[pin][0]) for pin in PINS]
            self.functions(cell, in_order(*essential(_number(other, "INIT"), nets)), self._function(cell))
        if cell.pins.get("OFX") is not None:
            self._multiplexer(cell)

    def _multiplexer(self, cell: PlacedCell) -> None:
        other = self._find(cell, f"{cell.place}/OFX")
        if other is None:
            return
        wide = cell.place.endswith("1")
        self.value(cell, "the type of its multiplexer", other.type, "L6MUX21" if wide else "PFUMX")
        pins = {"FXA": "D0", "FXB": "D1", "M": "SD"} if wide else {"F1": "ALUT", "M": "C0"}
        if other.type == ("L6MUX21" if wide else "PFUMX"):
            for pin, port in pins.items():
                self.pin(cell, pin, other.inputs[port][0])
            if not wide and (own := cell.pins.get("F")) is not None:
                self.value(cell, "what its multiplexer has as first input", *self._same(other.inputs["BLUT"][0], own))

    def _same(self, *nets: Net) -> tuple[Net, ...]:
        return tuple(self.constants.get(net, net) for net in nets)

    def _carry(self, cell: PlacedCell) -> None:
        element, half = cell.place.rsplit(".K", 1)
        other = self._find(cell, element)
        if other is None:
            return
        if other.type != "CCU2C":
            self.differs(cell, f"is a {other.type}")
            return
        self.result.cells[cell.type] += 1
        inject = cell.text("CCU2_INJECT1", "YES")
        self.value(cell, "INJECT1", other.parameters[f"INJECT1_{half}"], inject)
        if half == "0":
            self.pin(cell, "FCI", other.inputs["CIN"][0])
        got, wanted = [other.inputs[f"{pin}{half}"][0] for pin in PINS], [cell.pins.get(pin) or ONE for pin in PINS]
        init = _number(other, f"INIT{half}"), cell.number("INITVAL")
        self.functions(cell, self._ordered(init[0], got), self._ordered(init[1], wanted))
        if inject == "NO":  # the lower four bits generate the carry
            self.functions(cell, self._ordered(init[0] & 15, got[:2]), self._ordered(init[1] & 15, wanted[:2]))

    def _ordered(self, table: int, nets: Sequence[Net]) -> Function:
        return in_order(*essential(table, self._same(*nets)))

    def _memory_bit(self, cell: PlacedCell) -> None:
        base, element = cell.place.rsplit("/", 1)
        other = self._find(cell, f"{base}/SLICEC.RAMW")
        if other is None:
            return
        self.result.cells[cell.type] += 1
        number = 2 * "AB".index(element[5]) + int(element[-1])
        for i, pin in enumerate(READ_ADDRESS):
            self.pin(cell, pin, other.inputs["RAD"][i])
        self.pin(cell, "WCK", other.inputs["WCK"][0])
        self.pin(cell, "WRE", other.inputs["WRE"][0])
        for name, default in (("WREMUX", "WRE"), ("WCKMUX", "WCK")):
            self.value(cell, name, other.parameters[name], cell.text(name, default))
        got = 0
        for word in range(16):
            index = sum((word >> i & 1) << PINS.index(pin) for i, pin in enumerate(READ_ADDRESS))
            got |= (_number(other, "INITVAL") >> 4 * word + number & 1) << index
        self.value(cell, "INITVAL", got, cell.number("INITVAL"))

    def write_port(self, cell: PlacedCell) -> None:
        other = self._find(cell)
        if other is None:
            return
        self.result.cells[cell.type] += 1
        for port, names in (("WAD", WRITE_ADDRESS), ("DI", WRITE_DATA)):
            for i, name in enumerate(names):
                self.pin(cell, f"{name[0]}{int(name[1]) - 4}", other.inputs[port][i])

    def flip_flop(self, cell: PlacedCell) -> None:
        other = self._find(cell)
        if other is None:
            return
        self.result.cells[cell.type] += 1
        self.pin(cell, "DI" if cell.text("SD", "0") == "1" else "M", other.inputs["DI"][0], ONE)
        self.pin(cell, "CLK", other.inputs["CLK"][0], ZERO)
        enabled = cell.text("CEMUX", "1")
        self.pin(cell, "CE", other.inputs["CE"][0], ONE if enabled in ("0", "1") else None)
        self.pin(cell, "LSR", other.inputs["LSR"][0], ZERO)
        wanted = {"GSR": "ENABLED", "REGSET": "RESET", "LSRMODE": "LSR", "CEMUX": "1", "CLKMUX": "CLK"}
        if cell.pins.get("LSR") is not None:
            wanted |= {"SRMODE": "LSR_OVER_CE", "LSRMUX": "LSR"}
        for name, default in wanted.items():
            self.value(cell, name, other.parameters.get(name, default), cell.text(name, default))

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
            self.value(cell, name, other.parameters[name], value)
        for port in PORTS:
            for pin in [f"AD{port}{i}" for i in range(14)] + [f"DI{port}{i}" for i in range(18)]:
                level = None if wide and pin == "ADA4" else ONE if cell.text(f"{pin}MUX", "0") == "1" else ZERO
                self.pin(cell, pin, other.inputs[pin][0], level)
            for pin in (f"{control}{port}" for control in CONTROLS):
                self._control(cell, pin, other, wide)

    def _control(self, cell: PlacedCell, pin: str, other: LiftedCell, wide: bool) -> None:
        enables = pin.startswith(("CE", "OCE"))
        choice = cell.text(f"{pin}MUX", pin if enables or cell.pins.get(pin) is not None else "INV")
        if wide and pin == "WEB" and cell.pins.get(pin) is None:
            return  # port B of such a memory cannot write
        self.pin(cell, pin, other.inputs[pin][0], ZERO if choice == "INV" else ONE)
        if cell.pins.get(pin) is not None:
            self.value(cell, f"{pin}MUX", other.parameters.get(f"{pin}MUX", pin), choice)

    def multiplier(self, cell: PlacedCell) -> None:
        other = self._find(cell)
        if other is None:
            return
        self.result.cells[cell.type] += 1
        for name in REGISTERS:
            self.value(
                cell, f"REG_{name}_CLK", other.parameters[f"REG_{name}_CLK"], cell.text(f"REG_{name}_CLK", "NONE")
            )
        for pin in (f"{bus}{i}" for bus in "ABC" for i in range(WIDTH)):
            self.pin(cell, pin, other.inputs[pin][0], ONE if cell.text(f"{pin}MUX", "0") == "1" else ZERO)
        for pin in ("SIGNEDA", "SIGNEDB", "SOURCEA", "SOURCEB"):
            self.pin(cell, pin, other.inputs[pin][0], ZERO)

    def clock_buffer(self, cell: PlacedCell) -> None:
        other = self._find(cell)
        if other is not None:
            self.result.cells[cell.type] += 1
            self.pin(cell, "CLKI", other.inputs["CLKI"][0])
            self.pin(cell, "CE", other.inputs["CE"][0], ONE)

    def pll(self, cell: PlacedCell) -> None:
        other = self._find(cell)
        if other is None:
            return
        self.result.cells[cell.type] += 1
        for pin in cell.pins:
            if pin in other.inputs:
                self.pin(cell, pin, other.inputs[pin][0])
        for name, got in other.parameters.items():
            if name not in cell.parameters:
                continue
            if isinstance(got, int):
                self.value(cell, name, got, cell.number(name))
            elif cell.text(name, "") not in got.split("|"):
                self.differs(cell, f"{name} is {got}, not {cell.text(name, '')}")

    def pad(self, cell: PlacedCell) -> None:
        pad = self.lifted.pads.get(cell.place)
        if pad is None:
            self.differs(cell, "is not in use in the bitstream")
            return
        self.seen.add(cell.place)
        self.result.cells[cell.type] += 1
        wanted = f"{cell.text('DIR', 'INPUT')}_{str(cell.attributes.get('IO_TYPE', 'LVCMOS33')).strip()}"
        if wanted not in pad.types:
            self.differs(cell, f"is {' or '.join(sorted(pad.types))}, not {wanted}")
        for name in ELECTRICAL:
            if name in cell.attributes and name in pad.electrical:
                self.value(cell, name, pad.electrical[name], str(cell.attributes[name]).strip())
        ports = self.lifted.netlist.ports
        if pad.direction != "INPUT":
            self.pin(cell, "I", ports[f"{cell.place}.I"][1][0])
            self.pin(cell, "T", ports[f"{cell.place}.T"][1][0], ZERO)


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
