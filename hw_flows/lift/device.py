# SPDX-License-Identifier: BSD-3-Clause
"""The sites of a configured device: each kind has a lifter, which asks the routing for its inputs and is asked for its outputs.

Lifting goes backwards from what keeps or passes on state: flip-flops, memories, the processing system. Logic is lifted
when one of them asks for it, so loops through registers need no care; what is found is put off until its turn comes.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping

from hw_flows.lift.configuration import Configuration
from hw_flows.lift.fabric import Fabric, Pin, SiteType
from hw_flows.lift.netlist import ONE, UNDRIVEN, ZERO, LiftedCell, LiftedNetlist, Net
from hw_flows.lift.routing import Floating, Level, Router
from hw_flows.machine.errors import CheckFailed
from hw_flows.place_route.fasm import Feature

#: Settings of logic without state in slices: without effect where nobody reads its output.
_LOGIC = re.compile(r"SLICE[LM]_X[01]\.(?:[A-D]LUT\.INIT|[A-D]OUTMUX\.\w+|CARRY4\.[A-D]CY0|PRECYINIT\.\w+)")


class Site:
    """One site; kinds of sites derive from it."""

    def __init__(self, device: Device, tile: str, number: int) -> None:
        self.device = device
        self.tile = tile
        self.number = number
        self.form: SiteType = device.fabric.of(tile).sites[number]
        self.name = device.site_name(tile, self.form)

    @staticmethod
    def drives(configuration: Configuration, tile: str, kind: str) -> bool:
        """Whether the site is in use in the form `kind`, where several forms share wires."""
        return True

    def start(self) -> None:
        """Lift what is in use here whoever reads it; called once for the sites of each tile where something is on."""

    def output(self, pin: str) -> Net:
        """The net at an output pin that somebody reads."""
        raise self.error(f"drives a net with {pin}, which is not understood")

    def finish(self) -> None:
        """Emit cells that could not be emitted before all readers of their outputs were known."""

    def input(self, pin: str) -> Net:
        """The net at an input pin. Raises CheckFailed where nothing drives it and the hardware has no default."""
        return self.device.net(Pin(self.tile, self.number, pin))

    def on(self, feature: str, bit: int = 0) -> bool:
        return self.device.configuration.has(self.tile, feature, bit)

    def one_of(self, prefix: str, choices: tuple[str, ...], joint: str = ".") -> str | None:
        """The one of the features `<prefix><joint><choice>` that is on, or None. Choices that this kind of site lacks count as off."""
        known = self.device.configuration.knows
        found = [c for c in choices if known(self.tile, f"{prefix}{joint}{c}") and self.on(f"{prefix}{joint}{c}")]
        if len(found) > 1:
            raise CheckFailed(f"{prefix} selects {' and '.join(found)} at once", self.tile, "the bitstream is wrong")
        return found[0] if found else None

    def emit(
        self,
        element: str,
        kind: str,
        parameters: Mapping[str, int | str],
        inputs: Mapping[str, list[Net]],
        outputs: Mapping[str, list[Net | None]],
    ) -> None:
        self.device.netlist.add(LiftedCell(f"{self.name}/{element}", kind, parameters, inputs, outputs))

    def net(self, element: str, pin: str) -> Net:
        return f"{self.name}/{element}.{pin}"

    def error(
        self, what: str, fix: str = "the lifter does not understand it; a netlist would be a guess"
    ) -> CheckFailed:
        return CheckFailed(f"site {self.name}: {what}", self.tile, fix)


class Device:
    """All sites; makes the netlist."""

    def __init__(self, fabric: Fabric, configuration: Configuration, kinds: Mapping[str, type[Site]]) -> None:
        """`kinds`: type of site -> its lifter; sites of other types may be left unused only."""
        self.fabric = fabric
        self.configuration = configuration
        self.netlist = LiftedNetlist()
        self.router = Router(fabric, configuration, self.drives)
        self._kinds = kinds
        self._sites: dict[tuple[str, int], Site] = {}
        self._waiting: deque[Callable[[], None]] = deque()
        self.emitted: set[Net] = set()
        """Nets whose cells are made or waiting."""

    def lift(self) -> LiftedNetlist:
        """Lift all that is in use. Raises CheckFailed for what is not understood."""
        for tile in self.configuration.tiles():
            for number, form in enumerate(self.fabric.of(tile).sites):
                if form.kind in self._kinds and self._in_this_form(tile, form.kind):
                    self.site(tile, number).start()
        self._work()
        return self.netlist

    def lift_tiles(self, kind: str) -> None:
        """Lift the sites in all tiles of a type: those that are in use without a bit of their own."""
        for name, tile in self.fabric.database.tiles.items():
            if tile.type == kind:
                for number, form in enumerate(self.fabric.of(name).sites):
                    if form.kind in self._kinds:
                        self.site(name, number).start()
        self._work()

    def finish(self) -> None:
        """All readers are known."""
        for site in list(self._sites.values()):
            site.finish()

    def later(self, work: Callable[[], None]) -> None:
        self._waiting.append(work)

    def site(self, tile: str, number: int) -> Site:
        key = tile, number
        if key not in self._sites:
            kind = self.fabric.of(tile).sites[number].kind
            if kind not in self._kinds:
                raise CheckFailed(
                    f"a site of type {kind} is in use", tile, "the lifter does not know this type of site"
                )
            self._sites[key] = self._kinds[kind](self, tile, number)
        return self._sites[key]

    def drives(self, pin: Pin) -> bool:
        """Whether a site drives its outputs in the form that this pin belongs to."""
        return self._in_this_form(pin.tile, self.fabric.of(pin.tile).sites[pin.site].kind)

    def _in_this_form(self, tile: str, kind: str) -> bool:
        lifter = self._kinds.get(kind)
        return lifter is None or lifter.drives(self.configuration, tile, kind)

    def net(self, pin: Pin) -> Net:
        source = self.router.source_of(pin)
        if isinstance(source, Level):
            return ONE if source.value else ZERO
        if isinstance(source, Floating):
            name = self.site(pin.tile, pin.site).name
            through = (
                f" (switches without known bits: {', '.join(source.undocumented[:3])})" if source.undocumented else ""
            )
            raise CheckFailed(
                f"nothing drives {pin.name} of {name}{through}", str(source.wire), "a switch or a tie-off is missing"
            )
        return self.site(source.tile, source.site).output(source.name)

    def net_or_undriven(self, pin: Pin) -> Net:
        """The same, but where nothing drives the pin, UNDRIVEN."""
        return UNDRIVEN if isinstance(self.router.source_of(pin), Floating) else self.net(pin)

    def site_name(self, tile: str, form: SiteType) -> str:
        """The site's name on the device: sites of a type of tile count from the tile's first one."""
        names = [name for name in self.fabric.database.tiles[tile].sites if name.rpartition("_")[0] == form.prefix]
        places = [tuple(map(int, name.rpartition("_X")[2].split("Y"))) for name in names]
        wanted = min(x for x, _ in places) + form.x, min(y for _, y in places) + form.y
        return names[places.index(wanted)]

    def _work(self) -> None:
        while self._waiting:
            self._waiting.popleft()()

    def require_all_read(self) -> list[Feature]:
        """Returns what is on without effect: switches that lead nowhere, logic whose output nobody reads.

        Raises CheckFailed for any other feature that is on and was not read.
        """
        unused = self.router.unused_switches()
        for feature in self.configuration.unread():
            if _LOGIC.fullmatch(feature.name):
                self.configuration.read(feature)
                unused.append(feature)
        left = self.configuration.unread()
        if left:
            listed = ", ".join(map(str, left[:5]))
            raise CheckFailed(
                f"{len(left)} features are on that the lifter does not know, or that belong to nothing in use: {listed}",
                left[0].tile,
                "the netlist would leave something out",
            )
        return unused
