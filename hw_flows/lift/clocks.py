# SPDX-License-Identifier: BSD-3-Clause
"""Buffers of the clock tree (UG472): BUFGCTRL where it is a plain buffer, BUFHCE where it is always on."""

from __future__ import annotations

from hw_flows.lift.device import Site
from hw_flows.lift.netlist import INVERTED, ONE, Net


class GlobalBuffer(Site):
    """A BUFGCTRL that passes its input I0: a BUFG. Any other use is refused."""

    def output(self, pin: str) -> Net:
        net = self.net("BUFGCTRL", "O")
        if net not in self.device.emitted:
            self.device.emitted.add(net)
            self.device.later(lambda: self._emit(net))
        return net

    def _emit(self, net: Net) -> None:
        base = f"BUFGCTRL.BUFGCTRL_X{self.form.x}Y{self.form.y}"
        if not self.on(f"{base}.IN_USE"):
            raise self.error("drives a clock, but is not in use", "the bitstream is wrong")

        def level(name: str) -> Net:
            """What an input that selects does, after its inverter."""
            net = self.input(name)
            if net not in INVERTED:
                raise self.error(f"{name} is not constant: clocks that are switched are not understood")
            straight = f"{base}.ZINV_{name}"
            inverts = self.on(f"{base}.IS_{name}_INVERTED") if name.startswith("IGNORE") else not self.on(straight)
            return INVERTED[net] if inverts else net

        selected = [level(f"CE{i}") == level(f"S{i}") == ONE for i in (0, 1)]
        if selected != [True, False] or self.on(f"{base}.INIT_OUT"):
            raise self.error("is no plain buffer of its input I0")
        for name in ("IGNORE0", "IGNORE1"):
            level(name)
        for name in ("ZPRESELECT_I0", "PRESELECT_I1"):
            self.on(f"{base}.{name}")  # the input before the first edge: nothing with constant selection
        self.emit("BUFGCTRL", "BUFG", {}, {"I": [self.input("I0")]}, {"O": [net]})


class RowBuffer(Site):
    """A BUFHCE: the netlist has no cell for it, as it only takes the clock into a row of the device."""

    def output(self, pin: str) -> Net:
        base = f"BUFHCE.BUFHCE_X{self.form.x}Y{self.form.y}"
        if not self.on(f"{base}.IN_USE"):
            raise self.error("drives a clock, but is not in use", "the bitstream is wrong")
        enable = self.input("CE")
        if not self.on(f"{base}.ZINV_CE"):
            enable = INVERTED.get(enable, enable)
        if enable != ONE or self.on(f"{base}.INIT_OUT") or self.on(f"{base}.CE_TYPE.ASYNC"):
            raise self.error("is not a buffer that is always on")
        return self.input("I")
