# SPDX-License-Identifier: BSD-3-Clause
"""The elements of a configured device: each kind has a lifter, which asks the routing for its inputs and is asked for its outputs.

Lifting goes backwards from pins, block memories, multipliers and PLLs that are in use. Logic, flip-flops and LUT memories are
lifted when somebody reads them; what is found is put off until its turn comes.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from hw_flows.lift.ecp5.chip import Chip, Wire
from hw_flows.lift.ecp5.configuration import Configuration
from hw_flows.lift.ecp5.routing import Floating, Level, Router
from hw_flows.lift.netlist import ONE, UNDRIVEN, ZERO, LiftedCell, LiftedNetlist, Net
from hw_flows.machine.errors import CheckFailed

if TYPE_CHECKING:
    from hw_flows.lift.ecp5.pins import Pad


class Site:
    """The elements of one kind at one location; kinds derive from it."""

    #: What wires at the elements' pins are called; group 1 is what `output` is given.
    wires: re.Pattern[str]

    def __init__(self, device: Device, x: int, y: int) -> None:
        self.device = device
        self.x = x
        self.y = y

    @classmethod
    def at(cls, device: Device, wire: Wire) -> tuple[int, int]:
        """Location of the elements that an output wire belongs to."""
        return wire.x, wire.y

    def drives(self, pin: str) -> bool:
        """Whether an output drives its wire as things are configured."""
        return True

    def start(self) -> None:
        """Lift what is in use here whoever reads it."""

    def output(self, pin: str) -> Net:
        """The net at an output that somebody reads."""
        raise self.error(f"drives a net with {pin}, which is not understood")

    def net(self, name: str, otherwise: Net | None = None) -> Net:
        """The net of a wire at this location; `otherwise`: what it reads where nothing drives it."""
        return self.device.net(self.wire(name), otherwise)

    def wire(self, name: str) -> Wire:
        wire = self.device.chip.wire(self.x, self.y, name)
        if wire is None:
            raise self.error(f"has no wire {name}", "is the part right?")
        return wire

    def tiles(self, prefix: str, columns: Iterable[int], rows: Iterable[int] = (0,)) -> list[str]:
        """Tiles in a rectangle, relative to the location, that have settings whose names begin with `prefix`."""
        found = []
        across = list(columns)
        for dy in rows:
            for dx in across:
                for tile in self.device.tiles_at[self.x + dx, self.y + dy]:
                    kind = self.device.configuration.tile(tile).kind
                    if any(name.startswith(prefix) for name in (*kind.choices, *kind.words)):
                        found.append(tile)
        return found

    def place(self, element: str) -> str:
        return f"X{self.x}/Y{self.y}/{element}"

    def emit(
        self,
        element: str,
        kind: str,
        parameters: Mapping[str, int | str],
        inputs: Mapping[str, list[Net]],
        outputs: Mapping[str, list[Net | None]],
    ) -> None:
        self.device.netlist.add(LiftedCell(self.place(element), kind, parameters, inputs, outputs))

    def error(
        self, what: str, fix: str = "the lifter does not understand it; a netlist would be a guess"
    ) -> CheckFailed:
        return CheckFailed(f"{type(self).__name__} at X{self.x}/Y{self.y}: {what}", "bitstream", fix)


class Block(Site):
    """One large element at a location, which is in use by its mode."""

    #: Its name there.
    element: str

    def start(self) -> None:
        if self.drives(""):
            self.output("")

    def output(self, pin: str) -> Net:
        place = self.place(self.element)
        self.device.once(place, self.lift)
        return f"{place}.{pin}"

    def lift(self) -> None:
        """Make its cell."""
        raise NotImplementedError


class Device:
    """All elements; makes the netlist."""

    def __init__(self, chip: Chip, configuration: Configuration, kinds: Sequence[type[Site]]) -> None:
        self.chip = chip
        self.configuration = configuration
        self.netlist = LiftedNetlist()
        self.made: set[Net] = set()
        """Nets whose cells are made or waiting."""
        self.tiles_at: dict[tuple[int, int], list[str]] = defaultdict(list)
        """Location -> tiles, by their names on this device."""
        self.pads: dict[str, Pad] = {}
        """Pins in use, by place."""
        self.memories_read: set[int] = set()
        """Numbers of contents of block memories that some memory has."""
        self._kinds = kinds
        self._sites: dict[tuple[type[Site], int, int], Site] = {}
        self._waiting: deque[Callable[[], None]] = deque()
        self.router = Router(chip, configuration, self._drives)
        renamed = {self.router.graph_name(tile): tile for tile in configuration.tiles}
        for name, (x, y, _) in chip.tiles.items():
            self.tiles_at[x, y].append(renamed.get(name, name))

    def site(self, kind: type[Site], x: int, y: int) -> Site:
        key = kind, x, y
        if key not in self._sites:
            self._sites[key] = kind(self, x, y)
        return self._sites[key]

    def _owner(self, wire: Wire) -> tuple[Site, str] | None:
        """Whose output a wire is, and which one."""
        name = self.chip.name(wire)
        for kind in self._kinds:
            if match := kind.wires.fullmatch(name):
                return self.site(kind, *kind.at(self, wire)), match[1]
        return None

    def _drives(self, wire: Wire) -> bool:
        owner = self._owner(wire)
        return owner is not None and owner[0].drives(owner[1])

    def net(self, wire: Wire, otherwise: Net | None = None) -> Net:
        """The net of a wire. Raises CheckFailed where nothing drives it and `otherwise` is not given."""
        source = self.router.source_of(wire)
        if isinstance(source, Level):
            return ONE if source.value else ZERO
        if isinstance(source, Floating):
            if otherwise is not None:
                return otherwise
            raise CheckFailed(
                f"nothing drives {self.router.name(wire)}",
                self.router.name(source.wire),
                "a switch or a tie is missing",
            )
        owner = self._owner(source)
        assert owner is not None, source
        return owner[0].output(owner[1])

    def level(self, wire: Wire) -> Net | None:
        """The constant that a wire reads, None where it reads anything else."""
        source = self.router.source_of(wire)
        if isinstance(source, Level):
            return ONE if source.value else ZERO
        return UNDRIVEN if isinstance(source, Floating) else None

    def once(self, net: Net, work: Callable[[], None]) -> Net:
        """`net`, whose cell `work` makes, later and once."""
        if net not in self.made:
            self.made.add(net)
            self._waiting.append(work)
        return net

    def start(self, kind: type[Site], element: str) -> None:
        """Lift the sites of a kind at all locations that have elements whose names begin with `element`."""
        for y in range(self.chip.height):
            for x in range(self.chip.width):
                if any(bel.startswith(element) for bel in self.chip.bels(x, y)):
                    self.site(kind, x, y).start()
        self.work()

    def work(self) -> None:
        """Do all that was put off."""
        while self._waiting:
            self._waiting.popleft()()
