# SPDX-License-Identifier: BSD-3-Clause
from dataclasses import replace

from hw_flows.report.names import OwnNames
from hw_flows.report.timeline import Row, timeline_of, timeline_report
from tests.hw_flows.report.drawing.networks import u_net
from tests.hw_flows.report.test_memory import run


def spans(**changed: list[int]) -> dict[str, list[int]]:
    """Each stream takes 100 cycles, and each begins 10 after the one before."""
    streams = u_net(1).streams
    return {stream.name: [10 * n, 10 * n + 100] for n, stream in enumerate(streams)} | changed


def report(cycles: int = 1000, interval: int = 400, **changed: list[int]) -> dict:
    return {"frame": 0, "cycles": cycles, "cycles_per_frame": interval, "streams": spans(**changed)}


def test_cycles_count_from_the_first_word_of_the_frame_and_leave_weights_out():
    accelerator = replace(u_net(1), memory=("MVAU_0_out0",))
    passed = {stream.name: (107, 250) for stream in accelerator.streams}
    simulated = replace(run(1000, None), frame_start=(7, 1007, 2007, 3007), first_frame=passed)
    told = timeline_report(accelerator, simulated)
    assert (told["cycles"], told["cycles_per_frame"]) == (994, 1000)
    assert told["streams"]["MVAU_1_out0"] == [100, 243]
    assert "MVAU_0_out0" not in told["streams"]


def test_layers_are_shown_from_their_first_word_in_to_their_last_out():
    accelerator = u_net(1)
    shown = timeline_of(accelerator, OwnNames(accelerator), report())
    assert shown is not None
    at = {stream.name: 10 * n for n, stream in enumerate(accelerator.streams)}
    assert shown.rows[1] == Row(
        "bottom", False, at["Fork_0_out0"], at["Thresholding_1_out0"], at["Thresholding_1_out0"] + 100
    )
    assert [row.name for row in shown.rows[:3]] == ["encoder.0", "bottom", "decoder.0"]


def test_a_skip_connection_is_shown_while_it_holds_words():
    accelerator = u_net(1)
    held = report(Fork_0_out1=[50, 150], StreamingFIFO_100_out0=[300, 400])
    shown = timeline_of(accelerator, OwnNames(accelerator), held)
    assert shown is not None
    assert [row for row in shown.rows if row.skip] == [Row("encoder.0 → decoder.0", True, 50, 300, 400)]


def test_later_frames_are_marked_unless_they_are_many():
    accelerator = u_net(1)
    names = OwnNames(accelerator)
    assert timeline_of(accelerator, names, report()).marks == (400, 800)
    assert timeline_of(accelerator, names, report(interval=10)).marks == ()
    assert timeline_of(accelerator, names, report(interval=1000)).marks == ()
    assert timeline_of(accelerator, names, report()).share(250) == 25


def test_without_a_simulated_frame_there_is_none():
    accelerator = u_net(1)
    assert timeline_of(accelerator, OwnNames(accelerator), None) is None
    assert timeline_of(None, OwnNames(None), report()) is None
