# SPDX-License-Identifier: BSD-3-Clause
"""Grouped vector-vector unit against its Python model, and that against a convolution in groups."""

from __future__ import annotations

import numpy as np
import pytest
from qonnx.custom_op.registry import getCustomOp
from torch import from_numpy
from torch.nn.functional import conv2d

from hw_flows.machine.errors import UserError
from hw_flows.operators.grouped_vector_vector.cases import GRID, grouped
from hw_flows.testing.operator_bench import build_model, check, check_netlist, rtl_operator


def test_equals_the_model_and_takes_a_cycle_for_each_word_of_products(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 3 * 4 * 9 * 2


def test_netlist_equals_the_model(tmp_path):
    check_netlist([grouped(4, (2, 3), (2, 2), 2), grouped(3, (1, 2), (1, 3), 3, 3, "INT3", "INT4")], tmp_path)


@pytest.mark.parametrize("group", [(2, 3), (1, 2), (3, 1)])
def test_the_model_is_a_convolution_in_groups(group):
    case = grouped(4, group, (3, 2), 2, 1, "INT4", "INT4", image=(3, 5))
    x = np.random.default_rng(0).integers(-8, 8, (1, 5, 6, 4 * group[0])).astype(np.float32)
    windows = np.stack([x[:, i : i + 3, j : j + 5] for i in range(3) for j in range(2)], axis=3)
    (node,) = build_model([case]).graph.node
    context = {node.input[0]: windows.reshape(1, 3, 5, -1), node.input[1]: case.constants[0][0].astype(np.float32)}
    getCustomOp(node).execute_node(context, None)
    expected = conv2d(from_numpy(x.transpose(0, 3, 1, 2)), from_numpy(context[node.input[1]]), groups=4).numpy()
    np.testing.assert_array_equal(context[node.output[0]].transpose(0, 3, 1, 2), expected)


def test_another_shape_of_weights_is_named():
    model = build_model([grouped(4, (2, 3), (3, 3), 2)])
    model.set_initializer(model.graph.node[0].input[1], np.zeros((12, 3, 3, 3), np.float32))
    with pytest.raises(UserError, match=r"weights have shape \(12, 3, 3, 3\), must be \(12, 2, 3, 3\)"):
        getCustomOp(model.graph.node[0]).rtl_memories(model)
