# SPDX-License-Identifier: BSD-3-Clause
"""The timing model against the RTL where FIFOs are full, empty, of every kind, and words come at random."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hw_flows.fifo_sizing import TimingModel, least_depths
from hw_flows.machine.errors import UserError
from tests.hw_flows.fifo_sizing.designs import RESET, UPSAMPLE, folded, rtl_run, rtl_simulator, with_depths


def test_it_agrees_with_the_rtl_at_any_depths(tmp_path):
    # Depths at random above those needed: shift registers, LUT memory and block memory, none at its least.
    model = folded(dataclasses.replace(UPSAMPLE, image=(12, 8), activation_bits=3), 1500)
    random = np.random.default_rng(3)
    least = least_depths(with_depths(model, {})).least
    depths = {name: depth + int(random.choice([0, 0, 1, 40, 3000])) for name, depth in least.items()}
    simulator = rtl_simulator(model, depths, tmp_path)
    styles = {i.parameters["STYLE"] for i in simulator.accelerator.instances if i.is_fifo}
    assert styles == {0, 1, 2}
    timing = TimingModel(simulator.accelerator)
    result, modelled = rtl_run(simulator, 3), timing.run(depths, 3, spans=True)
    assert modelled.spans == {name: (begin - RESET, end - RESET) for name, (begin, end) in result.spans.items()}
    assert modelled.peaks == result.fifo_peaks
    assert modelled.words == {s.name: 3 * s.words for s in simulator.accelerator.streams}
    # paced: the harness counts its interval from the beginning of reset
    result = rtl_run(simulator, 3, frame_interval=2200)
    modelled = timing.run(depths, 3, pace=2200, spans=True)
    assert {name: end for name, (_, end) in modelled.spans.items()} == {n: end for n, (_, end) in result.spans.items()}
    assert modelled.peaks == result.fifo_peaks


def test_it_agrees_with_the_rtl_where_windows_are_parallel(tmp_path):
    model = folded(UPSAMPLE, 500)
    depths = least_depths(with_depths(model, {})).depths
    simulator = rtl_simulator(model, depths, tmp_path)
    assert any(i.parameters.get("PARALLEL") for i in simulator.accelerator.instances)
    result, modelled = rtl_run(simulator, 4), TimingModel(simulator.accelerator).run(depths, 4, spans=True)
    assert modelled.spans == {name: (begin - RESET, end - RESET) for name, (begin, end) in result.spans.items()}


def test_stalls_are_random_but_repeatable():
    model = folded(UPSAMPLE, 2000)
    accelerator = with_depths(model, {})
    timing = TimingModel(accelerator)
    depths = least_depths(accelerator).depths
    runs = [timing.run(depths, 3, stall_probability=0.5, seed=seed).frame_end for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_an_operator_without_timing_is_named():
    accelerator = with_depths(folded(UPSAMPLE, 2000), {})
    odd = [dataclasses.replace(i, module="odd") if i.module == "qu_padding" else i for i in accelerator.instances]
    with pytest.raises(UserError, match="no timing is known of module odd"):
        TimingModel(dataclasses.replace(accelerator, instances=tuple(odd)))
