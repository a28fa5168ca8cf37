# SPDX-License-Identifier: BSD-3-Clause
"""A lifted netlist against the one that place and route wrote (`nextpnr --write`): cell by cell at its place, pin by pin.

A net is named after its driver, so nets are the same where every input has the same driver. Truth tables are compared as
functions of nets: place and route may permute inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from hw_flows.lift.comparison import CellComparison, Comparison, Function, PlacedCell
from hw_flows.lift.netlist import INVERTED, ONE, UNDRIVEN, ZERO, LiftedCell, LiftedNetlist, Net
from hw_flows.lift.tables import essential, in_order
from hw_flows.machine.errors import CheckFailed, UserError
from hw_flows.place_route.xray import Database
from quantunet_common.files import read_json

_CLOCK_PINS = ("CLKARDCLK", "CLKBWRCLK")
#: What a DSP48E1 has where nothing is said (UG479, "Attributes").
_DSP_WORDS = {"USE_DPORT": "FALSE", "USE_SIMD": "ONE48"}
_LUTS = {f"LUT{i}": i for i in range(1, 7)}
#: Of the cells of nextpnr those that are constants and no elements of the device.
_CONSTANT_CELLS = {"PSEUDO_GND": ZERO, "PSEUDO_VCC": ONE}


def read_placed(routed: Path, database: Database) -> dict[str, PlacedCell]:
    """Cells of the JSON file that nextpnr wrote after routing, by place. Raises UserError where the file is no such netlist."""
    try:
        return {cell.place: cell for cell in placed_cells(routed, database)}
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise UserError(
            f"is no netlist of a design routed for {database.part} ({type(error).__name__}: {error})",
            str(routed),
            "give the JSON file that nextpnr wrote with --write for this bitstream",
        ) from error


def compare(lifted: LiftedNetlist, reference: dict[str, PlacedCell]) -> Comparison:
    """Compare with the placed cells. Raises CheckFailed for cells without a comparison."""
    comparison = _Comparison(lifted, reference)
    for cell in reference.values():
        comparison.compare(cell)
    comparison.no_more(comparison.lifted.cells)
    return comparison.result


def placed_cells(path: Path, database: Database) -> Iterator[PlacedCell]:
    """Cells of the JSON file that nextpnr writes after routing, without its constants."""
    (module,) = (m for m in read_json(path)["modules"].values() if m.get("cells"))
    at = {(tile.x, tile.y): name for name, tile in database.tiles.items()}
    rows = []
    drivers: dict[int, Net] = {}
    for name, data in module["cells"].items():
        directions = data["port_directions"]
        nets = {pin: bits[0] if bits else None for pin, bits in data["connections"].items()}
        outputs = frozenset(pin for pin in nets if directions[pin] == "output")
        constant = _CONSTANT_CELLS.get(data["type"])
        place = "" if constant else _place(data["attributes"]["NEXTPNR_BEL"], at, database)
        for pin in outputs:
            if (net := nets[pin]) is not None:
                drivers[net] = constant or _driver(data["type"], place, pin)
        if constant is None:
            rows.append((name, place, data, nets, outputs))
    for name, place, data, nets, outputs in rows:
        pins = {pin: None if net is None else drivers.get(net) for pin, net in nets.items()}
        kind = str(data["attributes"].get("X_ORIG_TYPE", data["type"])).strip()
        yield PlacedCell(name, place, kind, data["parameters"], data["attributes"], pins, outputs)


def _original(cell: PlacedCell, pin: str) -> list[str]:
    """Logical pins at a physical one."""
    return str(cell.attributes.get(f"X_ORIG_PORT_{pin}", "")).split()


def _place(bel: str, at: dict[tuple[int, int], str], database: Database) -> str:
    """nextpnr's X54Y51/SLICE_X0Y0.D5LUT, where the site counts from the tile's first, as SLICE_X20Y101/D5LUT."""
    where, _, rest = bel.partition("/")
    site, _, element = rest.partition(".")
    x, y = map(int, where[1:].split("Y"))
    prefix, _, relative = site.rpartition("_X")
    dx, dy = map(int, relative.split("Y"))
    names = [name for name in database.tiles[at[x, y]].sites if name.rpartition("_X")[0] == prefix]
    places = [tuple(map(int, name.rpartition("_X")[2].split("Y"))) for name in names]
    wanted = min(c for c, _ in places) + dx, min(r for _, r in places) + dy
    return f"{names[places.index(wanted)]}/{element}"


def _driver(kind: str, place: str, pin: str) -> Net:
    """An output pin by its place; those of a RAMB36E1 are its halves', the even bits of the lower one."""
    if not kind.startswith("RAMB36E1"):
        return f"{place}.{pin}"
    bus = pin.rstrip("0123456789")
    bit, (x, y) = int(pin[len(bus) :] or 0), place.partition("/")[0].rpartition("_X")[2].split("Y")
    return f"RAMB18_X{x}Y{2 * int(y) + bit % 2}/RAMB18E1.{bus}{bit // 2}"


def with_halves(lifted: LiftedNetlist, reference: dict[str, PlacedCell]) -> LiftedNetlist:
    """The same netlist with two memories in place of one where two were placed, and the bits are of either."""
    cells = dict(lifted.cells)
    for place, halves in lifted.halves.items():
        if place not in reference and all(half.place in reference for half in halves):
            del cells[place]
            cells.update((half.place, half) for half in halves)
    return replace(lifted, cells=cells)


class _Comparison(CellComparison):
    def __init__(self, lifted: LiftedNetlist, reference: dict[str, PlacedCell]) -> None:
        super().__init__()
        self.lifted = with_halves(lifted, reference)
        # A LUT that place and route passed a net through is no cell of its netlist; one that is constant is no driver.
        self._through: dict[Net, Net] = {}
        for cell in lifted.cells.values():
            if cell.type != "LUT1":
                continue
            (net,), (source,), table = cell.outputs["O"], cell.inputs["I0"], cell.parameters["INIT"]
            assert net is not None
            passes = table == 0b10 and cell.place not in reference
            if passes or table in (0, 3):
                self._through[net] = source if passes else ONE if table else ZERO
                if cell.place not in reference:
                    self.seen.add(cell.place)
        self.constants = {
            f"{cell.place}.{pin}": ONE if table & 1 else ZERO
            for cell in reference.values()
            if cell.type in _LUTS
            for pin in cell.outputs
            for table, inputs in (self._function(cell),)
            if not inputs
        }

    def compare(self, cell: PlacedCell) -> None:
        compared = _BY_TYPE.get(cell.type)
        if compared is None:
            raise CheckFailed(
                f"cells of type {cell.type} have no comparison", cell.name, "extend hw_flows/lift/compare.py"
            )
        other = self.lifted.cells.get(cell.place)
        if other is None:
            self.missing(cell)
            return
        self.seen.add(cell.place)
        self.result.cells[cell.type] += 1
        compared(self, cell, other)

    def lut(self, cell: PlacedCell, other: LiftedCell) -> None:
        if other.type not in _LUTS:
            self.differs(cell, f"is a {other.type}")
            return
        self.functions(cell, self._lifted_function(other), self._function(cell))

    def _lifted_function(self, cell: LiftedCell) -> Function:
        nets = [self.lifted_net(cell.inputs[f"I{i}"][0]) for i in range(_LUTS[cell.type])]
        table = cell.parameters["INIT"]
        assert isinstance(table, int)
        return in_order(*essential(table, nets))

    def _function(self, cell: PlacedCell) -> Function:
        """What a LUT computes of nets; pins that are not connected have no logical pin."""
        nets: list[Net] = []
        for i in range(_LUTS[cell.type]):
            physical = next(p for p in ("A1", "A2", "A3", "A4", "A5", "A6") if f"I{i}" in _original(cell, p))
            net = cell.pins[physical] or ONE
            nets.append(self.constants.get(net, net))
        return in_order(*essential(cell.number("INIT"), nets))

    def flip_flop(self, cell: PlacedCell, other: LiftedCell) -> None:
        kind = cell.type.removesuffix("_1")
        self.value(cell, "the type", other.type, kind)
        if other.type != kind:
            return
        control = {"FDRE": "R", "FDSE": "S", "FDCE": "CLR", "FDPE": "PRE"}[kind]
        inverted = cell.number("IS_C_INVERTED") | int(cell.type.endswith("_1"))
        self.value(cell, "INIT", other.parameters["INIT"], cell.number("INIT"))
        self.value(cell, "the inversion of the clock", other.parameters["IS_C_INVERTED"], inverted)
        self.pin(cell, "CK", other.inputs["C"][0])
        self.pin(cell, "D", other.inputs["D"][0])
        self.pin(cell, "CE", other.inputs["CE"][0], ONE)
        self.pin(cell, "SR", other.inputs[control][0], ZERO)

    def carry(self, cell: PlacedCell, other: LiftedCell) -> None:
        highest = max(
            (i for bus in ("O", "CO") for i, net in enumerate(other.outputs[bus]) if net is not None),
            default=-1,
        )
        for i in range(highest + 1):
            self.pin(cell, f"S{i}", other.inputs["S"][i])
            if i < highest or other.outputs["CO"][i] is not None:
                self.pin(cell, f"DI{i}", other.inputs["DI"][i])
        self.pin(cell, "CIN", other.inputs["CI"][0], ZERO)
        self.pin(cell, "CYINIT", other.inputs["CYINIT"][0], ZERO)

    def multiplexer(self, cell: PlacedCell, other: LiftedCell) -> None:
        self.value(cell, "the type", other.type, cell.type)
        for physical, logical in (("0", "I0"), ("1", "I1"), ("S0", "S")):
            self.pin(cell, physical, other.inputs[logical][0])

    def shift_register(self, cell: PlacedCell, other: LiftedCell) -> None:
        self.value(cell, "the type", other.type, cell.type)
        if other.type != cell.type:
            return
        self.value(cell, "INIT", other.parameters["INIT"], cell.number("INIT"))
        short = cell.type == "SRL16E"
        address = [other.inputs[f"A{i}"][0] for i in range(4)] if short else other.inputs["A"]
        for i, net in enumerate(address):
            self.pin(cell, f"A{i + 2}", net)
        self.pin(cell, "DI2" if short else "DI1", other.inputs["D"][0])
        self.pin(cell, "CLK", other.inputs["CLK"][0])
        self.pin(cell, "WE", other.inputs["CE"][0], ONE)

    def lut_memory(self, cell: PlacedCell, other: LiftedCell) -> None:
        bits = 32 if cell.type == "RAMD32" else 64
        count = bits.bit_length() - 1
        if other.type not in (f"RAM{bits}X1S", f"RAM{bits}X1D"):
            self.differs(cell, f"is a {other.type}")
            return
        self.value(cell, "INIT", other.parameters["INIT"], cell.number("INIT"))
        read = "A" if other.type.endswith("S") else "DPRA"
        for i in range(count):
            self.pin(cell, f"A{i + 1}", other.inputs[f"{read}{i}"][0])
            self.pin(cell, f"WA{i + 1}", other.inputs[f"A{i}"][0])
        self.pin(cell, "DI2" if cell.place.endswith("6LUT") and bits == 32 else "DI1", other.inputs["D"][0])
        self.pin(cell, "CLK", other.inputs["WCLK"][0])
        self._write_enable(cell, other)

    def _write_enable(self, cell: PlacedCell, other: LiftedCell) -> None:
        """Of a part of a larger memory: WE and the high address bits; column D is the lowest part, A the highest."""
        column = cell.place.rpartition("/")[2][0]
        part = "DCBA".index(column)
        nets, table = [cell.pins["WE"] or ONE], 0b10
        for i, pin in enumerate(("WA7", "WA8")):
            if cell.pins.get(pin) is not None:
                table <<= (1 << len(nets)) * (part >> i & 1)
                nets.append(str(cell.pins[pin]))
        got = other.inputs["WE"][0]
        if len(nets) == 1:
            self.pin(cell, "WE", got, ONE)
            return
        decoder = self.lifted.cells.get(got.rpartition(".")[0])
        self.result.pins += len(nets)
        wanted = in_order(*essential(table, [self.constants.get(net, net) for net in nets]))
        if decoder is None or decoder.type not in _LUTS or self._lifted_function(decoder) != wanted:
            self.differs(cell, f"is written where {got} says, not {' and '.join(nets)}")
        else:
            self.seen.add(decoder.place)

    def block_memory(self, cell: PlacedCell, other: LiftedCell) -> None:
        """Parameters that are in effect, and every pin: a RAMB36E1 has most inputs once in each half."""
        self.value(cell, "the type", other.type, cell.type)
        if other.type != cell.type:
            return
        for name, got in other.parameters.items():
            pin = name.removeprefix("IS_").removesuffix("_INVERTED")
            if name.startswith("IS_") and (pin not in _CLOCK_PINS or other.inputs[pin][0] in INVERTED):
                continue  # with the pin: inverted constants are constants
            if name not in cell.parameters and not name.startswith("INIT"):
                continue
            wanted = str(cell.parameters.get(name, "")).strip()
            if isinstance(got, str):
                self.value(cell, name, got, wanted)
            elif not (got == 0 and "_WIDTH_" in name):  # of ports that nobody uses
                self.value(cell, name, got, cell.number(name))
        for pin in cell.pins:
            for original in _original(cell, pin):
                bus, _, index = original.partition("[")
                if bus in other.inputs and int(index.rstrip("]") or 0) < len(other.inputs[bus]):
                    inverted = cell.number(f"IS_{bus}_INVERTED")
                    net = other.inputs[bus][int(index.rstrip("]") or 0)]
                    self.pin(cell, pin, INVERTED.get(net, net) if inverted else net)

    def multiplier(self, cell: PlacedCell, other: LiftedCell) -> None:
        """Registers, modes and every pin; pins that place and route left to a tie-off are listed in attributes."""
        for name, got in other.parameters.items():
            if name.startswith("IS_"):
                continue  # with the pin
            if isinstance(got, str):
                self.value(cell, name, got, str(cell.parameters.get(name, _DSP_WORDS[name])).strip())
            else:
                self.value(cell, name, got, cell.number(name, 1))  # registers: there is one where nothing is said
        tied = {
            pin: level
            for level, attribute in ((ZERO, "DSP_GND_PINS"), (ONE, "DSP_VCC_PINS"))
            for pin in str(cell.attributes.get(attribute, "")).split()
        }
        for bus, nets in other.inputs.items():
            for i, net in enumerate(nets):
                pin = bus if len(nets) == 1 else f"{bus}{i}"
                inverted = cell.number(f"IS_{bus}_INVERTED") >> i & 1 or cell.number(f"IS_{bus}[{i}]_INVERTED")
                if inverted and net in INVERTED:
                    net = INVERTED[net]
                elif f"IS_{bus}_INVERTED" in other.parameters:
                    kept = other.parameters[f"IS_{bus}_INVERTED"]
                    assert isinstance(kept, int)
                    self.value(cell, f"the inversion of {pin}", kept >> i & 1, int(inverted))
                if bus == "PCIN" and cell.pins.get(pin) is None:
                    continue
                self.pin(cell, pin, net, tied.get(pin))

    def clock_buffer(self, cell: PlacedCell, other: LiftedCell) -> None:
        self.value(cell, "the type", other.type, "BUFG")
        self.pin(cell, "I0", other.inputs["I"][0])

    def processing_system(self, cell: PlacedCell, other: LiftedCell) -> None:
        for bus, nets in other.inputs.items():
            for i, net in enumerate(nets):
                pin = bus if len(nets) == 1 else f"{bus}{i}"
                if net != UNDRIVEN or cell.pins.get(pin) is not None:
                    self.pin(cell, pin, net)

    def lifted_net(self, net: Net) -> Net:
        """Behind the LUTs that only pass it on."""
        while net in self._through:
            net = self._through[net]
        return net


_Compare = Callable[[_Comparison, PlacedCell, LiftedCell], None]
_BY_TYPE: dict[str, _Compare] = {
    **dict.fromkeys(_LUTS, _Comparison.lut),
    **dict.fromkeys(
        (f"FD{kind}{edge}" for kind in ("RE", "SE", "CE", "PE") for edge in ("", "_1")), _Comparison.flip_flop
    ),
    **dict.fromkeys(("MUXF7", "MUXF8"), _Comparison.multiplexer),
    **dict.fromkeys(("SRL16E", "SRLC32E"), _Comparison.shift_register),
    **dict.fromkeys(("RAMD64E", "RAMD32"), _Comparison.lut_memory),
    **dict.fromkeys(("RAMB18E1", "RAMB36E1"), _Comparison.block_memory),
    "DSP48E1": _Comparison.multiplier,
    "CARRY4": _Comparison.carry,
    "BUFGCTRL": _Comparison.clock_buffer,
    "PS7": _Comparison.processing_system,
}
