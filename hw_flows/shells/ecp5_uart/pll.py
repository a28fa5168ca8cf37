# SPDX-License-Identifier: BSD-3-Clause
"""Dividers of an ECP5's PLL (EHXPLLL) for a wanted clock.

Limits from FPGA-DS-02012, table "sysCLOCK PLL Timing", and FPGA-TN-02200 (divider ranges). Feedback comes from CLKOP,
so CLKOP = CLKI / CLKI_DIV * CLKFB_DIV whatever CLKOP_DIV is; CLKOP_DIV places the oscillator in its range.
"""

from __future__ import annotations

from dataclasses import dataclass

from hw_flows.machine.errors import UserError

DIVIDER_MAX = 128
OSCILLATOR_MHZ = (400.0, 800.0)
PHASE_DETECTOR_MHZ = (3.125, 400.0)
#: A clock counts as the wanted one within this share: periods in ns are rounded by people.
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Pll:
    """One setting; `clock_mhz` is what comes out."""

    clki_div: int
    clkfb_div: int
    clkop_div: int
    input_mhz: float

    @property
    def clock_mhz(self) -> float:
        return self.input_mhz / self.clki_div * self.clkfb_div


def pll_for(input_mhz: float, wanted_mhz: float) -> Pll:
    """The setting whose clock is nearest to `wanted_mhz` without being faster. Raises UserError where there is none."""
    best: Pll | None = None
    for clki_div in range(1, DIVIDER_MAX + 1):
        detector = input_mhz / clki_div
        if not PHASE_DETECTOR_MHZ[0] <= detector <= PHASE_DETECTOR_MHZ[1]:
            continue
        clkfb_div = min(DIVIDER_MAX, int(wanted_mhz * (1 + TOLERANCE) / detector))
        if clkfb_div < 1:
            continue
        clock = detector * clkfb_div
        # the middle of the oscillator's range is where it is most at ease
        clkop_div = min(DIVIDER_MAX, max(1, round(sum(OSCILLATOR_MHZ) / 2 / clock)))
        if not OSCILLATOR_MHZ[0] <= clock * clkop_div <= OSCILLATOR_MHZ[1]:
            continue
        if best is None or clock > best.clock_mhz * (1 + 1e-9):
            best = Pll(clki_div, clkfb_div, clkop_div, input_mhz)
    if best is None:
        raise UserError(
            f"the device's PLL cannot make {wanted_mhz:g} MHz from {input_mhz:g} MHz",
            "--clock-mhz",
            "give 5 to 400 MHz",
        )
    return best
