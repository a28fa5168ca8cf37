# SPDX-License-Identifier: BSD-3-Clause
import pytest

from hw_flows.machine.errors import UserError
from hw_flows.shells.ecp5_uart import serial_speed
from hw_flows.shells.ecp5_uart.pll import OSCILLATOR_MHZ, PHASE_DETECTOR_MHZ, pll_for


@pytest.mark.parametrize("wanted", [5, 12.5, 24, 25, 33.3, 40, 45, 48, 50, 62.5, 66.7, 100, 123.4, 200])
def test_the_clock_is_near_the_wanted_one_never_faster_and_within_the_limits_of_the_device(wanted):
    pll = pll_for(25, wanted)
    assert 0.9 * wanted < pll.clock_mhz <= wanted * 1.0001
    assert OSCILLATOR_MHZ[0] <= pll.clock_mhz * pll.clkop_div <= OSCILLATOR_MHZ[1]
    assert PHASE_DETECTOR_MHZ[0] <= 25 / pll.clki_div <= PHASE_DETECTOR_MHZ[1]
    assert all(1 <= d <= 128 for d in (pll.clki_div, pll.clkfb_div, pll.clkop_div))


def test_clocks_that_people_give_as_rounded_periods_are_made_exactly():
    assert pll_for(25, 1000 / 22.2222).clock_mhz == pytest.approx(45)
    assert pll_for(25, 1000 / 20.0).clock_mhz == 50


def test_a_clock_that_cannot_be_made_is_refused():
    with pytest.raises(UserError, match="cannot make 1 MHz"):
        pll_for(25, 1)


@pytest.mark.parametrize(
    ("clock", "baud", "clocks"), [(45, 3_000_000, 15), (50, 2_000_000, 25), (25, 1_000_000, 25), (24, 3_000_000, 8)]
)
def test_the_serial_line_is_as_fast_as_the_clock_allows(clock, baud, clocks):
    rates = (3_000_000, 2_000_000, 1_500_000, 1_000_000)
    assert serial_speed(clock, rates) == (baud, clocks)


def test_a_clock_too_slow_for_every_speed_is_refused():
    with pytest.raises(UserError, match="no serial speed of the board fits a clock of 7 MHz") as caught:
        serial_speed(7, (1_000_000,))
    assert "8 MHz or more" in caught.value.fix
