# SPDX-License-Identifier: BSD-3-Clause
"""What the part on whole networks makes of its builds; small builds themselves are in tests/hw_flows."""

from trust.architectures import COLUMNS, Built, outcome

EXACT = Built("UNet", "MONAI", "brevitas", frames=2, values=1_234_567, cycles=4096, resources=(5000.4, 1.5, 0))


def test_what_is_exact_counts() -> None:
    own = Built("groups", "this project", "Brevitas' layers", frames=2, values=3, cycles=5, resources=(1, 0, 0))
    found = outcome([EXACT, own])
    assert found.holds
    assert found.headline.startswith("2 of 2 networks are bit-exact")
    assert "1,234,570 integers" in found.headline
    assert found.rows[0] == ("UNet", "MONAI", "brevitas", "yes", "2", "1,234,567", "4,096", "5,000", "1.5", "0")
    assert len(found.rows[0]) == len(COLUMNS)


def test_what_is_not_is_named_with_its_reason() -> None:
    found = outcome([EXACT, Built("ENet", "arXiv", "onnxruntime", "a layer has no hardware")])
    assert not found.holds
    assert found.notes[0] == "ENet: a layer has no hardware"
    assert found.rows[1][3] == "no" and len(found.rows[1]) == len(COLUMNS)
