# SPDX-License-Identifier: BSD-3-Clause
"""What the search finds is enough in the RTL, and for the skip connections not a step of memory too much."""

from __future__ import annotations

import pytest

from hw_flows.fifo_sizing import TimingModel, least_depths, search
from tests.hw_flows.fifo_sizing.designs import RESET, TRANSPOSE, UPSAMPLE, folded, rtl_run, rtl_simulator, with_depths
from tests.hw_flows.simulate.test_deadlock import HEIGHT, WIDTH, fork_and_join

FRAMES = 6
DESIGNS = {"upsample": (UPSAMPLE, 2000), "transpose": (TRANSPOSE, 4000)}


@pytest.fixture(scope="module", params=DESIGNS)
def sized(request):
    """A design, and the depths found for it."""
    net, cycles = DESIGNS[request.param]
    model = folded(net, cycles)
    return model, least_depths(with_depths(model, {}))


def test_the_rtl_moves_every_word_in_the_cycle_that_the_model_says(sized, tmp_path):
    model, sizing = sized
    simulator = rtl_simulator(model, sizing.depths, tmp_path)
    result = rtl_run(simulator, FRAMES, check_protocol=True)
    timing = TimingModel(simulator.accelerator).run(sizing.depths, FRAMES, spans=True)
    assert result.finished and not result.protocol_errors
    assert timing.spans == {name: (begin - RESET, end - RESET) for name, (begin, end) in result.spans.items()}
    assert timing.peaks == result.fifo_peaks
    assert [end + RESET for end in timing.frame_end] == list(result.frame_end)
    # no frame leaves the RTL later than FIFOs that never fill would let it
    assert [end + RESET for end in sizing.certificate.unlimited_frame_ends] == list(result.frame_end)


def test_the_rate_is_that_of_the_slowest_operator(sized):
    model, sizing = sized
    accelerator = with_depths(model, {})
    certificate = sizing.certificate
    assert sizing.slowest.cycles_per_frame == max(i.expected_cycles for i in accelerator.instances)
    assert (
        max(accelerator.instance(n).expected_cycles for n in sizing.slowest.instances) == certificate.cycles_per_frame
    )
    assert certificate.periodic and certificate.unchanged
    assert certificate.cycles_per_frame == certificate.cycles_per_frame_unlimited
    assert certificate.greedy_delay_cycles == 0


def test_skip_connections_in_the_boards_memory_keep_the_rate_and_are_not_searched(sized, monkeypatch):
    model, on_chip = sized
    rings = {}

    def all_of_them(width, held):
        rings.update({fifo: 4 * words for fifo, words in held.items()})
        return dict(rings)

    monkeypatch.setattr(search, "worth_memory", all_of_them)
    sizing = least_depths(with_depths(model, {}), board_memory=True)
    assert rings and set(sizing.in_memory) == set(rings) == {fifo for skip in sizing.skips for fifo in skip.fifos}
    assert all(sizing.depths[fifo] == depth for fifo, depth in rings.items())
    assert sizing.certificate.unchanged and sizing.trials < on_chip.trials
    assert sizing.certificate.cycles_per_frame == on_chip.certificate.cycles_per_frame


def test_no_skip_connection_can_lose_a_step(sized, monkeypatch, tmp_path):
    """With every depth a step, not a word; and the RTL agrees."""
    model, sizing = sized
    monkeypatch.setattr(search, "memory_steps", lambda width, most: list(range(search.LEAST_DEPTH, most + 1)))
    exact = least_depths(with_depths(model, {}))
    least, pace = exact.least, exact.slowest.cycles_per_frame
    timing = TimingModel(with_depths(model, least))
    assert timing.steady(least, pace=pace).cycles_per_frame == pace
    for skip in exact.skips:
        (fifo,) = skip.fifos
        assert least[fifo] <= sizing.least[fifo]
        less = timing.steady({**least, fifo: least[fifo] - 1}, pace=pace, frames=60)
        assert less.status == "deadlock" or less.cycles_per_frame != pace
    fifo = max((s.fifos[0] for s in exact.skips), key=least.__getitem__)
    tight = {**least, fifo: least[fifo] - 1}
    result = rtl_run(rtl_simulator(model, tight, tmp_path), FRAMES)
    agreed = timing.run(tight, FRAMES)
    assert result.finished == (agreed.status == "finished")
    assert [end + RESET for end in agreed.frame_end] == [end for end in result.frame_end if end]


def test_depths_are_rounded_up_to_what_costs_nothing(sized):
    model, sizing = sized
    assert all(sizing.least[name] <= depth for name, depth in sizing.depths.items())
    cost = [
        sum(i.cost[key] for i in with_depths(model, depths).instances for key in ("lut", "lutram", "bram36"))
        for depths in (sizing.least, sizing.depths)
    ]
    assert cost[1] <= cost[0]


def test_skips_hold_at_least_what_the_data_dependence_asks_for(sized):
    _, sizing = sized
    assert sizing.skips
    for skip in sizing.skips:
        assert 0 < skip.lower_bound <= sizing.least[skip.fifos[0]]


@pytest.mark.parametrize("adds", [False, True])
def test_the_lower_bound_is_a_row_and_a_pixel_for_a_single_window(adds: bool) -> None:
    model = fork_and_join(adds)
    sizing = least_depths(with_depths(model, {}))
    (skip,) = sizing.skips
    # The first 3x3 window, padded by one, ends at pixel (1, 1), so the fork has given WIDTH + 2 words; in the last row
    # of the frame nothing more is needed. One of them may wait in the fork.
    assert skip.lower_bound == WIDTH + 1
    assert WIDTH + 1 <= sizing.least[skip.fifos[0]] <= HEIGHT * WIDTH


@pytest.mark.parametrize("adds", [False, True])
def test_with_the_lower_bound_less_one_the_design_stops_and_names_the_skip(adds: bool) -> None:
    model = fork_and_join(adds)
    accelerator = with_depths(model, {})
    sizing = least_depths(accelerator)
    (skip,) = sizing.skips
    timing = TimingModel(accelerator)
    depths = dict.fromkeys(sizing.depths, 2)
    statuses = {d: timing.run({**depths, skip.fifos[0]: d}, 2) for d in range(2, WIDTH + 4)}
    dead = [d for d, run in statuses.items() if run.status == "deadlock"]
    assert dead == list(range(2, skip.lower_bound)), "below the bound it stops, from the bound on it goes"
    assert skip.fifos[0] in statuses[2].deadlock.full


def test_the_search_is_repeatable(sized):
    model, sizing = sized
    again = least_depths(with_depths(model, {}))
    assert again.depths == sizing.depths and again.least == sizing.least
