# SPDX-License-Identifier: BSD-3-Clause
"""LUTs of a SLICEM as memory or shift register (UG474, "Distributed RAM" and "Shift Registers").

All LUTs of a slice that are one are written together: with the slice's clock, one write enable, and memories at the
address at the inputs of LUT D (WA1 to WA6), to which CX and BX may add WA7 and WA8. A small one is two of half the size,
behind O6 and O5, which differ in their data only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hw_flows.lift.netlist import ONE, ZERO, Net
from hw_flows.lift.tables import essential

if TYPE_CHECKING:
    from hw_flows.lift.slices import Slice

#: What DI1 of a column's LUT is when its own pin is not chosen: the data of another column, or a shift register's end.
_DATA_FROM = {"A": ("BDI1_BMC31", "B"), "B": ("DI_CMC31", "D"), "C": ("DI_DMC31", "D")}
_SHIFT_FROM = {"A": "B", "B": "C", "C": "D"}
#: Column -> (WA7, WA8) at which it is written: LUT D is the lowest quarter of a memory of 256 bits, A the highest.
_QUARTER = {"D": (0, 0), "C": (1, 0), "B": (0, 1), "A": (1, 1)}


class LutMemory:
    """The memories and shift registers of one SLICEM."""

    def __init__(self, site: Slice) -> None:
        self.site = site
        self._outputs: dict[str, set[str]] = {}
        """Element -> its outputs that are read."""
        self._inputs: dict[str, dict[str, list[Net]]] = {}

    def mode(self, column: str) -> str | None:
        """RAM or SRL; None: plain logic."""
        return self.site.one_of(f"{self.site.prefix}.{column}LUT", ("RAM", "SRL"))

    def start(self) -> None:
        """Settings of memories that nobody reads change nothing."""
        for column in "ABCD":
            if self.mode(column) is not None:
                self.site.table(column)
                self._small(column)
                if column in _DATA_FROM:
                    self._own_data(column)

    def output(self, column: str, output: str) -> Net:
        """O5 or O6."""
        if output == "O5" and not self._small(column):
            raise self.site.error(f"O5 of {column}LUT is read, which is one memory with O6")
        return self._read(f"{column}{output[1]}LUT", output)

    def end_of(self, column: str) -> Net:
        """MC31: what a shift register of 32 bits shifts out."""
        if self.mode(column) != "SRL" or self._small(column):
            raise self.site.error(f"the end of {column}LUT is in use, which is no shift register of 32 bits")
        return self._read(f"{column}6LUT", "MC31")

    def _small(self, column: str) -> bool:
        return self.site.on(f"{self.site.prefix}.{column}LUT.SMALL")

    def _read(self, element: str, output: str) -> Net:
        if element not in self._outputs:
            self._outputs[element] = set()
            self.site.device.later(lambda: self._resolve(element))
        self._outputs[element].add(output)
        return self.site.net(element, output)

    def finish(self) -> None:
        for element, inputs in self._inputs.items():
            self._emit(element, inputs)

    def _resolve(self, element: str) -> None:
        """Find what an element takes: by port of its cell."""
        site, column, small = self.site, element[0], self._small(element[0])
        upper = element[1] == "6"
        data = site.input(f"{column}X") if small and upper else self._data(column)
        clock, inverted = site.clock()
        if inverted:
            raise site.error("memories of LUTs with an inverted clock")
        address = site.address(column)
        if small and upper and address[5] != ONE:
            raise site.error(f"{element} is half of a LUT, but A6 is not 1")
        if self.mode(column) == "SRL":
            if address[0] != ONE:
                raise site.error(f"{element} is a shift register, but A1 is not 1")
            count = 4 if small else 5
            inputs = {"CLK": [clock], "CE": [self._enable()], "D": [data], "A": address[1 : 1 + count]}
        else:
            count = 5 if small else 6
            inputs = {"WCLK": [clock], "WE": [self._write_enable(column)], "D": [data], "A": site.address("D")[:count]}
            if column != "D":
                inputs["DPRA"] = address[:count]
        self._inputs[element] = inputs

    def _emit(self, element: str, inputs: dict[str, list[Net]]) -> None:
        site, column, small = self.site, element[0], self._small(element[0])
        table = site.table(column)
        if small:
            table = table >> 32 if element[1] == "6" else table & 0xFFFF_FFFF
        read = self._outputs[element]
        output = f"O{element[1]}"
        net = site.net(element, output) if output in read else None
        if self.mode(column) == "SRL":
            initial = self._initial(element, table, 16 if small else 32)
            ports = {name: bus for name, bus in inputs.items() if name != "A"}
            if small:
                ports |= {f"A{i}": [source] for i, source in enumerate(inputs["A"])}
                site.emit(element, "SRL16E", {"INIT": initial}, ports, {"Q": [net]})
            else:
                end = site.net(element, "MC31") if "MC31" in read else None
                site.emit(
                    element, "SRLC32E", {"INIT": initial}, {**ports, "A": inputs["A"]}, {"Q": [net], "Q31": [end]}
                )
            return
        ports = {name: bus for name, bus in inputs.items() if name not in ("A", "DPRA")}
        for bus in ("A", "DPRA"):
            ports |= {f"{bus}{i}": [source] for i, source in enumerate(inputs.get(bus, ()))}
        depth = 32 if small else 64
        if column == "D":
            site.emit(element, f"RAM{depth}X1S", {"INIT": table}, ports, {"O": [net]})
        else:
            site.emit(element, f"RAM{depth}X1D", {"INIT": table}, ports, {"SPO": [None], "DPO": [net]})

    def _initial(self, element: str, table: int, bits: int) -> int:
        """Bits of a shift register after configuration: each takes two of the LUT, which are alike."""
        pairs = [table >> 2 * i & 3 for i in range(bits)]
        if any(pair in (1, 2) for pair in pairs):
            raise self.site.error(f"{element}: the two halves of a shift register's bit differ")
        return sum((pair & 1) << i for i, pair in enumerate(pairs))

    def _data(self, column: str) -> Net:
        """DI1."""
        if column == "D":
            return self.site.input("DI")
        if self._own_data(column):
            return self.site.input(f"{column}I")
        if self.mode(column) == "SRL":
            return self.end_of(_SHIFT_FROM[column])
        return self._data(_DATA_FROM[column][1])

    def _own_data(self, column: str) -> bool:
        """Whether DI1 is the column's own pin."""
        base, (other, _) = f"{self.site.prefix}.{column}LUT.DI1MUX", _DATA_FROM[column]
        return self.site.one_of(base, (f"{column}I", other)) == f"{column}I"

    def _enable(self) -> Net:
        return self.site.input("CE" if self.site.on(f"{self.site.prefix}.WEMUX.CE") else "WE")

    def _write_enable(self, column: str) -> Net:
        """Of a memory of 64 bits within a larger one: only where the high address bits choose it."""
        used = [self.site.on(f"{self.site.prefix}.{name}USED") for name in ("WA7", "WA8")]
        enable = self._enable()
        if not any(used):
            return enable
        if self._small(column):
            raise self.site.error(f"{column}LUT is a memory of 32 bits with more than five address bits")
        inputs, table = [enable], 0b10
        for is_used, pin, level in zip(used, ("CX", "BX"), _QUARTER[column], strict=True):
            if is_used:
                table <<= (1 << len(inputs)) * level
                inputs.append(self.site.input(pin))
        table, inputs = essential(table, inputs)
        element = f"{column}WE"
        ports = {f"I{i}": [net] for i, net in enumerate(inputs)}
        if not inputs:
            return ONE if table & 1 else ZERO
        self.site.emit(element, f"LUT{len(inputs)}", {"INIT": table}, ports, {"O": [self.site.net(element, "O")]})
        return self.site.net(element, "O")
