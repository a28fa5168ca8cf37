# SPDX-License-Identifier: BSD-3-Clause
"""The processing system of a Zynq-7000: a cell PS7 with all its pins towards the logic. It has no configuration bits."""

from __future__ import annotations

import json

from hw_flows.lift.device import Device, Site
from hw_flows.lift.fabric import Pin
from hw_flows.lift.netlist import UNDRIVEN, Net


class ProcessingSystem(Site):
    """Pins of memory and fixed I/O are left out: the device's own, they meet no logic."""

    def __init__(self, device: Device, tile: str, number: int) -> None:
        super().__init__(device, tile, number)
        self._inputs: dict[str, list[Net]] = {}
        self._outputs: dict[str, list[str]] = {}
        """Port -> its pins."""
        self._read: set[str] = set()

    def start(self) -> None:
        self.device.later(self._begin)

    def _begin(self) -> None:
        """Inputs without a driver stay undefined: the system's software decides whether they matter."""
        path = self.device.fabric.database.folder / "ps7_ports.json"
        for port, data in json.loads(path.read_text(encoding="utf-8")).items():
            pins = [port] if data["width"] == 1 else [f"{port}{i}" for i in range(data["min"], data["max"] + 1)]
            if data["direction"] == "input":
                self._inputs[port] = [
                    self.device.net_or_undriven(Pin(self.tile, self.number, pin)) if pin in self.form.pins else UNDRIVEN
                    for pin in pins
                ]
            elif data["direction"] == "output":
                self._outputs[port] = pins

    def output(self, pin: str) -> Net:
        self._read.add(pin)
        return self.net("PS7", pin)

    def finish(self) -> None:
        outputs = {
            port: [self.net("PS7", pin) if pin in self._read else None for pin in pins]
            for port, pins in self._outputs.items()
        }
        self.emit("PS7", "PS7", {}, self._inputs, outputs)
