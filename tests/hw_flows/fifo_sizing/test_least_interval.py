# SPDX-License-Identifier: BSD-3-Clause
"""The slowest part between FIFOs sets the rate, exactly."""

from __future__ import annotations

import pytest

from hw_flows.fifo_sizing import TimingModel
from hw_flows.fifo_sizing.least_interval import least_interval, parts_between
from hw_flows.machine.errors import UserError
from tests.hw_flows.fifo_sizing.designs import UPSAMPLE, folded, with_depths
from tests.hw_flows.simulate.test_deadlock import fork_and_join


@pytest.fixture(scope="module")
def design():
    return with_depths(folded(UPSAMPLE, 2000), {})


def test_every_operator_is_in_one_part_and_every_fifo_in_none(design):
    parts = parts_between(design, {})
    names = [name for part in parts for name in part]
    assert sorted(names) == sorted(i.name for i in design.instances if not i.is_fifo)


def test_no_frame_interval_is_less_in_the_long_run(design):
    interval = least_interval(design).cycles_per_frame
    model = TimingModel(design)
    deep = dict.fromkeys(model.fifos, 100000)
    assert model.steady(deep, pace=interval).cycles_per_frame == interval
    # offered words a little faster, the design falls further and further behind
    assert model.steady(deep, pace=interval - 1, give_up=True).status == "slow"


def test_a_given_depth_binds_the_operators_at_its_ends_together(design):
    fifo = next(
        i
        for i in design.instances
        if i.is_fifo and i.inputs[0].streams[0] not in design.inputs and i.outputs[0].streams[0] not in design.outputs
    )
    together = [part for part in parts_between(design, {fifo.name: 2}) if fifo.name in part]
    assert len(together) == 1 and len(together[0]) >= 3
    assert least_interval(design, {fifo.name: 2}).cycles_per_frame >= least_interval(design).cycles_per_frame


def test_given_depths_that_stop_the_design_are_refused():
    accelerator = with_depths(fork_and_join(), {})
    skip = next(i for i in accelerator.instances if i.is_fifo and i.inputs[0].streams[0] == "DuplicateStreams_0_out1")
    with pytest.raises(UserError, match="stops with the given depths"):
        least_interval(accelerator, {skip.name: 2})
