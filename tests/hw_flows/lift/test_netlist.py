# SPDX-License-Identifier: BSD-3-Clause
"""A lifted netlist as other tools read it."""

from __future__ import annotations

import pytest

from hw_flows.lift.netlist import TOP, LiftedCell, LiftedNetlist


@pytest.mark.parametrize(
    "kind, name, bits",
    [
        ("LUT1", "INIT", 2),
        ("LUT6", "INIT", 64),
        ("FDSE", "INIT", 1),
        ("SRL16E", "INIT", 16),
        ("SRLC32E", "INIT", 32),
        ("RAM32X1D", "INIT", 32),
        ("RAM64X1S", "INIT", 64),
        ("RAMB18E1", "INIT_3F", 256),
        ("RAMB36E1", "INITP_0A", 256),
        ("RAMB36E1", "SRVAL_A", 32),
    ],
)
def test_numbers_are_as_wide_as_the_vendor_declares_them(kind, name, bits):
    """Contents of a memory would else move where a row begins with zeros: models put their rows together as wide as they are."""
    netlist = LiftedNetlist()
    netlist.add(LiftedCell("SITE/ELEMENT", kind, {name: 1}, {}, {}))
    cell = netlist.as_json()["modules"][TOP]["cells"]["SITE/ELEMENT"]
    assert cell["parameters"][name] == "1".zfill(bits)
