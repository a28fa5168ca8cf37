# SPDX-License-Identifier: BSD-3-Clause
"""The processing system of a Zynq-7000: a cell PS7 with all its pins towards the logic. It has no configuration bits."""

from __future__ import annotations

import json

from hw_flows.lift.device import Site
from hw_flows.lift.fabric import Pin
from hw_flows.lift.netlist import UNDRIVEN, Net


class ProcessingSystem(Site):
    """Pins of memory and fixed I/O are left out: the device's own, they meet no logic."""

    def start(self) -> None:
        self.device.later(self._begin)

    def _begin(self) -> None:
        """Inputs without a driver stay undefined: the system's software decides whether they matter."""
        path = self.device.fabric.database.folder / "ps7_ports.json"
        self.inputs: dict[str, list[Net]] = {}
        self.buses: dict[str, list[str]] = {}
        for port, data in json.loads(path.read_text(encoding="utf-8")).items():
            pins = [port] if data["width"] == 1 else [f"{port}{i}" for i in range(data["min"], data["max"] + 1)]
            if data["direction"] == "input":
                self.inputs[port] = [
                    self.device.net_or_undriven(Pin(self.tile, self.number, pin)) if pin in self.form.pins else UNDRIVEN
                    for pin in pins
                ]
            elif data["direction"] == "output":
                self.buses[port] = pins

    def output(self, pin: str) -> Net:
        return self.net("PS7", pin)

    def finish(self) -> None:
        used = {net for cell in self.device.netlist.cells.values() for bus in cell.inputs.values() for net in bus}
        used |= {net for bus in self.inputs.values() for net in bus}
        outputs = {
            port: [self.net("PS7", pin) if self.net("PS7", pin) in used else None for pin in pins]
            for port, pins in self.buses.items()
        }
        self.emit("PS7", "PS7", {}, self.inputs, outputs)
