# SPDX-License-Identifier: BSD-3-Clause
"""Block memories (UG473): RAMB18E1, and RAMB36E1 where the two halves of a tile work as one.

No configuration bit says that two halves are one memory, except for ports of 1 and 9 bits: a RAMB36E1 is two memories of
18 kbit with the same settings and the same clocks, addresses and enables, of which the lower one (Y0) has the even bits of
every word and the upper one (Y1) the odd ones. Two RAMB18E1 that happen to agree in all that are lifted as one
RAMB36E1, which is the same function; the two are kept beside it, in `LiftedNetlist.halves`.

A half has four write enables on port A and eight on port B, for four bits each; a RAMB36E1 has one for each nine bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hw_flows.lift.configuration import Configuration
from hw_flows.lift.device import Device, Site
from hw_flows.lift.fabric import Pin
from hw_flows.lift.netlist import INVERTED, ONE, UNDRIVEN, ZERO, LiftedCell, Net
from hw_flows.machine.errors import CheckFailed

_BUSES = {"DIADI": 16, "DIBDI": 16, "DIPADIP": 2, "DIPBDIP": 2}
_ADDRESSES = {"ADDRARDADDR": "ADDRATIEHIGH", "ADDRBWRADDR": "ADDRBTIEHIGH"}
_ADDRESS_BITS = 14
_ENABLES = {"WEA": 4, "WEBWE": 8}
_CLOCKS = ("CLKARDCLK", "CLKBWRCLK")
#: Pins with an inverter, all of one bit.
_CONTROLS = ("ENARDEN", "ENBWREN", "RSTRAMARSTRAM", "RSTRAMB", "RSTREGARSTREG", "RSTREGB")
_PLAIN_CONTROLS = ("REGCEAREGCE", "REGCEB")
_OUTPUTS = {"DOADO": 16, "DOBDO": 16, "DOPADOP": 2, "DOPBDOP": 2}
_PORT_PINS = {"A": ("WEA", "CLKARDCLK", ("DOADO", "DOPADOP")), "B": ("WEBWE", "CLKBWRCLK", ("DOBDO", "DOPBDOP"))}
_WIDTHS = ("1", "2", "4", "9", "18")
#: Width of a half's port -> that of the port of both halves, without and with the feature BRAM36_<port>_1.
_OF_BOTH = {1: (2, 1), 2: (4, None), 4: (None, 9), 9: (18, None), 18: (36, None)}
_ROWS = {"INIT": 64, "INITP": 8}


@dataclass
class Half:
    """One memory of 18 kbit."""

    settings: dict[str, int | str]
    """Parameters of a RAMB18E1 that both halves of a RAMB36E1 have alike; widths of ports that may be unused."""
    contents: dict[str, int]
    """INIT and INITP, whole."""
    values: dict[str, int]
    """INIT_A, INIT_B, SRVAL_A, SRVAL_B: 18 bits."""
    controls: dict[str, Net] = field(default_factory=dict)
    """Pins that both halves of a RAMB36E1 have alike."""
    data: dict[str, list[Net]] = field(default_factory=dict)


class BlockMemoryHalf(Site):
    """A site RAMB18E1, or the one below it, which can be a FIFO as well."""

    def __init__(self, device: Device, tile: str, number: int) -> None:
        super().__init__(device, tile, number)
        self.prefix = f"RAMB18_Y{self.form.y}"
        # The two sites name the same pins differently; the wires at them do not.
        self.pins = {wire.split("_", 2)[2]: pin for pin, wire in self.form.pins.items()}
        self._names = {pin: name for name, pin in self.pins.items()}
        self.read: set[str] = set()
        """Outputs that somebody reads."""
        self.half: Half | None = None

    @staticmethod
    def drives(configuration: Configuration, tile: str, kind: str) -> bool:
        """Outputs of a tile are wired to the halves and to the memory of both; the halves stand for either."""
        return kind != "RAMBFIFO36E1"

    def start(self) -> None:
        if self.half is None and self.on(f"{self.prefix}.IN_USE"):
            self.half = Half(*self._configuration())
            self.device.later(self._connect)

    def output(self, pin: str) -> Net:
        name = self._names[pin]
        if name.rstrip("0123456789") not in _OUTPUTS:
            raise self.error(f"{name} is in use: FIFOs are not understood")
        if not self.on(f"{self.prefix}.IN_USE"):
            raise self.error(f"{name} drives a net, but the memory is not in use", "the bitstream is wrong")
        self.read.add(name)
        return self.net("RAMB18E1", name)

    def outputs(self, bus: str) -> list[Net | None]:
        names = [f"{bus}{i}" for i in range(_OUTPUTS[bus])]
        return [self.net("RAMB18E1", name) if name in self.read else None for name in names]

    def finish(self) -> None:
        """The second half of a tile emits both."""
        halves = {
            site.form.y: site
            for number, form in enumerate(self.device.fabric.of(self.tile).sites)
            if form.kind in ("FIFO18E1", "RAMB18E1") and (site := self.device.site(self.tile, number)) is not None
            if isinstance(site, BlockMemoryHalf) and site.half is not None
        }
        if not halves or self.tile in self.device.emitted:
            return
        self.device.emitted.add(self.tile)
        emit_memories(halves)

    def _configuration(self) -> tuple[dict[str, int | str], dict[str, int], dict[str, int]]:
        base = self.prefix
        for name in ("SDP_READ_WIDTH_36", "SDP_WRITE_WIDTH_36", "FIFO_MODE"):
            if self.on(f"{base}.{name}"):
                raise self.error(f"{name}: memories of double width and FIFOs are not understood")
        settings: dict[str, int | str] = {}
        for port in "AB":
            for kind in ("READ", "WRITE"):
                width = self.one_of(f"{base}.{kind}_WIDTH_{port}", _WIDTHS, "_")
                if width is None:
                    raise self.error(f"the {kind.lower()} width of port {port} is unknown", "the bitstream is wrong")
                settings[f"{kind}_WIDTH_{port}"] = int(width)
            settings[f"WRITE_MODE_{port}"] = (
                self.one_of(f"{base}.WRITE_MODE_{port}", ("NO_CHANGE", "READ_FIRST"), "_") or "WRITE_FIRST"
            )
            settings[f"DO{port}_REG"] = int(self.on(f"{base}.DO{port}_REG"))
            late = self.on(f"{base}.RSTREG_PRIORITY_{port}_REGCE")
            settings[f"RSTREG_PRIORITY_{port}"] = "REGCE" if late else "RSTREG"
        fast = self.on(f"{base}.RDADDR_COLLISION_HWCONFIG_PERFORMANCE")
        settings["RDADDR_COLLISION_HWCONFIG"] = "PERFORMANCE" if fast else "DELAYED_WRITE"
        for pin in (*_CLOCKS, *_CONTROLS):
            settings[f"IS_{pin}_INVERTED"] = int(not self.on(f"{base}.ZINV_{pin}"))
        for pin in ("REGCLKARDRCLK", "REGCLKB"):  # clocks of the output registers in other modes
            self.on(f"{base}.ZINV_{pin}")
        vector = self.device.configuration.vector
        contents = {
            kind: sum(vector(self.tile, f"{base}.{kind}_{row:02X}") << 256 * row for row in range(rows))
            for kind, rows in _ROWS.items()
        }
        values = {
            f"{kind}_{port}": vector(self.tile, f"{base}.Z{kind}_{port}") ^ 0x3FFFF
            for kind in ("INIT", "SRVAL")
            for port in "AB"
        }
        return settings, contents, values

    def _connect(self) -> None:
        assert self.half is not None
        half = self.half
        for bus, count in _BUSES.items():
            half.data[bus] = [self._pin(f"{bus}{i}") for i in range(count)]
        for bus, tie in _ADDRESSES.items():
            for i in range(_ADDRESS_BITS):
                half.controls[f"{bus}{i}"] = self._pin(f"{bus}{i}")
            half.controls[f"{tie}0"] = self._pin(f"{tie}0")
        for bus, count in _ENABLES.items():
            for i in range(count):
                half.controls[f"{bus}{i}"] = self._pin(f"{bus}{i}")
        for name in _PLAIN_CONTROLS:
            half.controls[name] = self._pin(name)
        clocks = {n: self.device.net_or_undriven(Pin(self.tile, self.number, self.pins[n])) for n in _CLOCKS}
        for name, net in {**clocks, **{name: self._pin(name) for name in _CONTROLS}}.items():
            if half.settings[f"IS_{name}_INVERTED"] and net in INVERTED:
                net, half.settings[f"IS_{name}_INVERTED"] = INVERTED[net], 0
            half.controls[name] = net

    def _pin(self, name: str) -> Net:
        return self.input(self.pins[name])


def emit_memories(halves: dict[int, BlockMemoryHalf]) -> None:
    """Emit the memories of a tile: halves in use, by their place 0 or 1."""
    site = next(iter(halves.values()))
    odd = {
        f"{kind}_WIDTH_{port}"
        for kind in ("READ", "WRITE")
        for port in "AB"
        if site.on(f"RAMB36.BRAM36_{kind}_WIDTH_{port}_1")
    }
    for port in "AB":
        if site.on(f"RAMB36.RAM_EXTENSION_{port}_LOWER"):
            raise site.error("a cascade of block memories is not understood")
    found = [half for _, place in sorted(halves.items()) if (half := place.half) is not None]
    if len(found) == 2 and found[0].settings == found[1].settings and found[0].controls == found[1].controls:
        both = _both(halves[0], halves[1], odd)
        netlist = site.device.netlist
        netlist.add(both)
        if not odd and all(_alone(half) for half in found):
            netlist.halves[both.place] = tuple(_of_half(place) for place in halves.values())
        return
    if odd:
        raise site.error(
            f"{', '.join(sorted(odd))} is of one memory, but the two halves of the tile differ",
            "the bitstream is wrong",
        )
    for place in halves.values():
        site.device.netlist.add(_of_half(place))


def _half_bytes(half: Half, bus: str) -> list[Net]:
    """Enables of four bits each; the others are of words of 36 bits."""
    return [half.controls[f"{bus}{i}"] for i in range(4)]


def _alone(half: Half) -> bool:
    """Whether it can be a memory of its own: no address bit of 36 kbit, and no enable of half a byte."""
    enables = [_half_bytes(half, bus) for bus in _ENABLES]
    return all(half.controls[f"{tie}0"] == ONE for tie in _ADDRESSES.values()) and all(
        one == two for used in enables for one, two in (used[:2], used[2:])
    )


def _of_half(site: BlockMemoryHalf) -> LiftedCell:
    half = site.half
    assert half is not None
    for tie in _ADDRESSES.values():
        if half.controls[f"{tie}0"] != ONE:
            raise site.error(f"{tie}0 is not 1, as it is in a memory of 18 kbit")
    enables = {}
    for bus in _ENABLES:
        used = _half_bytes(half, bus)
        if used[0] != used[1] or used[2] != used[3]:
            raise site.error(
                f"{bus} writes half a byte: {', '.join(used)}", "the enables of a byte's halves are not the same"
            )
        enables[bus] = [used[0], used[2]] if bus == "WEA" else [used[0], used[2], ZERO, ZERO]
    data = {bus: half.data[bus] for bus in _BUSES}
    outputs = {bus: site.outputs(bus) for bus in _OUTPUTS}
    addresses = {bus: [half.controls[f"{bus}{i}"] for i in range(_ADDRESS_BITS)] for bus in _ADDRESSES}
    contents = {
        f"{kind}_{row:02X}": half.contents[kind] >> 256 * row & ((1 << 256) - 1)
        for kind, rows in _ROWS.items()
        for row in range(rows)
    }
    parameters = {**_used_ports(site, half, enables, outputs, lambda name, width: width), **half.values, **contents}
    return _cell(site.name, "RAMB18E1", parameters, half, {**data, **addresses, **enables}, outputs)


def _both(lower: BlockMemoryHalf, upper: BlockMemoryHalf, odd: set[str]) -> LiftedCell:
    one, two = lower.half, upper.half
    assert one is not None and two is not None

    def width(name: str, of_half: int) -> int:
        of_both = _OF_BOTH[of_half][name in odd]
        if of_both is None:
            special = "with" if name in odd else "without"
            raise lower.error(
                f"{name} is {of_half} bits in each half {special} the feature BRAM36_{name}_1, which no memory has",
                "what writes the bitstream leaves a width bit out",
            )
        return of_both

    addresses = {
        bus: [
            one.controls[f"{tie}0"],
            *(one.controls[f"{bus}{i}"] for i in range(_ADDRESS_BITS)),
            lower.input(lower.pins[f"{tie}1"]),
        ]
        for bus, tie in _ADDRESSES.items()
    }
    enables = {bus: [one.controls[f"{bus}{i}"] for i in range(count)] for bus, count in _ENABLES.items()}
    data = {bus: _woven(one.data[bus], two.data[bus]) for bus in _BUSES}
    outputs = {bus: _woven(lower.outputs(bus), upper.outputs(bus)) for bus in _OUTPUTS}
    contents = {}
    for kind, rows in _ROWS.items():
        whole = woven_bits(one.contents[kind], two.contents[kind], 256 * rows)
        for row in range(2 * rows):
            contents[f"{kind}_{row:02X}"] = whole >> 256 * row & ((1 << 256) - 1)
    values = {
        name: woven_bits(one.values[name] & 0xFFFF, two.values[name] & 0xFFFF, 16)
        | woven_bits(one.values[name] >> 16, two.values[name] >> 16, 2) << 32
        for name in one.values
    }
    parameters = {**_used_ports(lower, one, enables, outputs, width), **values, **contents}
    name = next(name for name in lower.device.fabric.database.tiles[lower.tile].sites if name.startswith("RAMB36"))
    return _cell(name, "RAMB36E1", parameters, one, {**data, **addresses, **enables}, outputs)


def _used_ports(
    site: BlockMemoryHalf,
    half: Half,
    enables: dict[str, list[Net]],
    outputs: dict[str, list[Net | None]],
    width: Callable[[str, int], int],
) -> dict[str, int | str]:
    """The settings with the widths of the whole memory; 0 for a port that nobody reads, or that is never written: the bits
    of width 1 are those of no width as well.
    """
    settings = dict(half.settings)
    for port, (enable, clock, buses) in _PORT_PINS.items():
        reads = any(net is not None for bus in buses for net in outputs[bus])
        writes = any(net != ZERO for net in enables[enable])
        for kind, used in (("READ", reads), ("WRITE", writes)):
            name = f"{kind}_WIDTH_{port}"
            of_half = settings[name]
            assert isinstance(of_half, int)
            settings[name] = width(name, of_half) if used else 0
        if (reads or writes) and half.controls[clock] == UNDRIVEN:
            raise CheckFailed(f"port {port} of {site.name} is in use without a clock", site.tile, "a switch is missing")
    return {**settings, "RAM_MODE": "TDP"}


def _cell(
    name: str,
    kind: str,
    parameters: dict[str, int | str],
    half: Half,
    buses: dict[str, list[Net]],
    outputs: dict[str, list[Net | None]],
) -> LiftedCell:
    inputs = {pin: [half.controls[pin]] for pin in (*_CLOCKS, *_CONTROLS, *_PLAIN_CONTROLS)}
    return LiftedCell(f"{name}/{kind}", kind, parameters, {**inputs, **buses}, outputs)


def _woven(even: list, odd: list) -> list:
    """even[0], odd[0], even[1], ..."""
    return [bit for pair in zip(even, odd, strict=True) for bit in pair]


def woven_bits(even: int, odd: int, bits: int) -> int:
    """The same of two numbers of so many bits."""
    text = "".join(f"{o}{e}" for e, o in zip(f"{even:0{bits}b}", f"{odd:0{bits}b}", strict=True))
    return int(text, 2)
