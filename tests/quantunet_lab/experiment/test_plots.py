# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from quantunet_lab.experiment.plots import dice_against_bits, dice_against_luts, pareto_front
from quantunet_lab.experiment.runs import HardwareEstimate
from tests.quantunet_lab.experiment.test_goal import variant

VARIANTS = [variant("float", 0.93, 0.98, 32.0), variant("fixed-4", 0.91, 0.97), variant("learned", 0.92, 0.97, 3.9)]


def test_the_front_is_what_nothing_beats_in_both() -> None:
    points = [(4.0, 0.91), (6.0, 0.93), (5.0, 0.90), (4.0, 0.92), (8.0, 0.93)]
    assert pareto_front(points) == [(4.0, 0.92), (6.0, 0.93)]


def test_the_plot_is_an_svg_with_every_variant_and_always_the_same() -> None:
    svg = dice_against_bits(VARIANTS, "float")
    ElementTree.fromstring(svg)
    for words in ("fixed-4", "learned", "float (32 bits)", "mean bits per layer"):
        assert words in svg
    assert svg == dice_against_bits(VARIANTS, "float")


def test_luts_are_plotted_where_they_were_estimated() -> None:
    assert dice_against_luts(VARIANTS, "float") is None
    VARIANTS[2].hardware[1] = HardwareEstimate(
        board="pynq-z2", target_fps=1000, fps=1010, lut=10_000, ff=1, bram36=1, dsp=1
    )
    svg = dice_against_luts(VARIANTS, "float")
    VARIANTS[2].hardware.clear()
    assert svg is not None
    assert "1000 frames/s on pynq-z2" in svg
    assert "fixed-4" not in svg
