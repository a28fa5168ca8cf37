# SPDX-License-Identifier: BSD-3-Clause
"""Stream fork against FINN's Python model; stalled outputs take the same word on different cycles."""

from __future__ import annotations

import pytest

from hw_flows.errors import UserError
from tests.hw_flows.operators.harness import Case, check, check_netlist, rtl_operator


def fork(vectors, channels, pe, outputs, datatype, node_outputs=None):
    return Case(
        "OpenDuplicateStreams_rtl",
        {
            "numInputVectors": vectors, "NumChannels": channels, "PE": pe, "NumOutputStreams": outputs,
            "inputDataType": datatype,
        },
        outputs=node_outputs or outputs,
    )  # fmt: skip


GRID = [
    fork([1, 5, 4], 4, 2, 2, "INT4"),
    fork([1, 3, 4], 4, 4, 3, "UINT3"),
    fork([1, 3, 4], 6, 1, 5, "INT8"),
    fork([1, 3, 4], 4, 4, 1, "UINT4"),
    fork([1, 2, 2], 36, 36, 2, "BINARY"),
]


def test_equals_the_model_and_takes_one_cycle_per_word(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 5 * 4 * 2


def test_netlist_equals_the_model(tmp_path):
    check_netlist([fork([1, 5, 4], 4, 2, 3, "INT4")], tmp_path)


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (fork([1, 4, 4], 6, 4, 2, "INT3"), "PE = 4 does not divide NumChannels = 6"),
        (fork([1, 4, 4], 6, 2, 2, "INT3", node_outputs=3), "NumOutputStreams = 2"),
        (fork([1, 4, 4], 6, 2, 2, "FLOAT32"), "FLOAT32"),
    ],
)
def test_unusable_attributes_are_named(case, named):
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()
