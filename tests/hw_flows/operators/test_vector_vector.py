# SPDX-License-Identifier: BSD-3-Clause
"""Vector-vector unit against its Python model, and that against a convolution in as many groups as channels."""

from __future__ import annotations

import numpy as np
import pytest
from qonnx.custom_op.registry import getCustomOp
from torch import from_numpy
from torch.nn.functional import conv2d

from hw_flows.machine.errors import UserError
from hw_flows.operators.vector_vector.cases import GRID, vector_vector
from hw_flows.testing.operator_bench import build_model, check, check_netlist, rtl_operator


def test_equals_the_model_and_takes_a_cycle_for_each_word_of_products(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 3 * 4 * 9 * 2


def test_netlist_equals_the_model(tmp_path):
    check_netlist(
        [
            vector_vector(4, (3, 3), 2, 1, "INT4", "INT4"),
            vector_vector(2, (3, 3), 2, 3, "UINT3", "INT3"),
            vector_vector(12, (2, 2), 1, 1, "UINT4", "INT5", ram_style="block"),
        ],
        tmp_path,
    )


def test_the_model_is_a_depthwise_convolution():
    x = np.random.default_rng(0).integers(-8, 8, (1, 5, 6, 4)).astype(np.float32)
    case = vector_vector(4, (3, 2), 2, 1, "INT4", "INT4", image=(3, 5))
    windows = np.stack([x[:, i : i + 3, j : j + 5] for i in range(3) for j in range(2)], axis=3)
    (node,) = build_model([case]).graph.node
    context = {node.input[0]: windows.reshape(1, 3, 5, -1), node.input[1]: case.constants[0][0].astype(np.float32)}
    getCustomOp(node).execute_node(context, None)
    expected = conv2d(from_numpy(x.transpose(0, 3, 1, 2)), from_numpy(context[node.input[1]]), groups=4).numpy()
    np.testing.assert_array_equal(context[node.output[0]].transpose(0, 3, 1, 2), expected)


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (vector_vector(6, (3, 3), 4), "PE = 4 does not divide Channels = 6"),
        (vector_vector(6, (3, 3), 6, 2), "SIMD = 2 does not divide Kernel"),
        (vector_vector(6, (3, 3), 3, 3), "SIMD = 3 with PE = 3"),
        (vector_vector(6, (3, 3), 3, 1, "UINT10"), "UINT10, at most 9 bits"),
        (vector_vector(6, (3, 3), 3, 1, "UINT4", "INT9"), "INT9, must be an integer of at most 8 bits"),
    ],
)
def test_unusable_attributes_are_named(case, named):
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()
