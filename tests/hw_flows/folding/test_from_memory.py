# SPDX-License-Identifier: BSD-3-Clause
"""Units that take their weights from memory stand in the place of a network's convolutions and change none of its answers."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from qonnx.custom_op.registry import getCustomOp

from hw_flows.boards import load_board
from hw_flows.folding import Folding, Shortage, apply, budget_of, fold_from_memory
from hw_flows.folding.problem import DRAM, NOTHING, RESOURCES
from hw_flows.network.execute import execute_network
from hw_flows.operators import front_ends
from hw_flows.operators.alternatives import complete
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import after, exported

NET = ForeignNet(channels=(2, 4, 8), image=(16, 16), decoder="transpose")
BUDGET = budget_of(load_board("pynq-z2"), 100.0)
CYCLES = 16 * 16 * 40


def graph():
    return deepcopy(after(NET, "step_specialize_layers").model)


def alternatives(model):
    return [alternative for front_end in front_ends() for alternative in front_end.alternatives(model)]


@pytest.fixture(scope="module")
def taken():
    """The graph with all its weights in memory that may be there, and the alternatives."""
    model = graph()
    every = alternatives(model)
    folding = fold_from_memory(model, every, BUDGET, CYCLES, NOTHING, forced=True)
    assert isinstance(folding, Folding)
    chosen = apply(model, folding.options, every)
    complete(model, chosen)
    return model, every, chosen, folding


def kinds(model):
    return [node.op_type for node in model.graph.node]


def test_every_convolution_with_thresholds_may_take_its_weights_from_memory():
    """Not the last one, whose sums leave the accelerator."""
    model = graph()
    assert len(alternatives(model)) == kinds(model).count("OpenMVAU_rtl") - 1


def test_looking_for_them_changes_nothing():
    model = graph()
    before = model.model.SerializeToString(deterministic=True)
    alternatives(model)
    assert model.model.SerializeToString(deterministic=True) == before


def test_all_are_taken_where_that_is_asked_for(taken):
    model, every, chosen, _ = taken
    assert len(chosen) == len(every)
    assert kinds(model).count("OpenBlockMVAU_rtl") == len(every)
    assert kinds(model).count("OpenMVAU_rtl") == 1


def test_the_network_answers_the_same(taken):
    model, network = taken[0], exported(NET)
    parent = after(NET, "step_specialize_layers").parent
    for frame, expected in zip(network.frames, network.outputs, strict=True):
        answer = execute_network(model, parent, frame[None])[0]
        np.testing.assert_allclose(answer, expected, rtol=0, atol=2e-6 * np.abs(expected).max())


def test_nothing_of_the_replaced_operators_is_left(taken):
    model = taken[0]
    used = {name for node in model.graph.node for name in node.input}
    assert {tensor.name for tensor in model.graph.initializer} <= used


def test_the_bytes_that_folding_counts_are_those_of_the_constants(taken):
    model, _, _, folding = taken
    read = sum(option.dram_bytes for option in folding.options)
    blocks = [getCustomOp(node) for node in model.graph.node if node.op_type == "OpenBlockMVAU_rtl"]
    constants = [model.get_initializer(block.onnx_node.input[1]) for block in blocks]
    assert read == sum(block.blocks() * constant.size for block, constant in zip(blocks, constants, strict=True)) > 0
    assert read / CYCLES <= folding.used[RESOURCES.index(DRAM)] <= read / folding.cycles  # bytes a cycle


def test_a_memory_that_is_too_slow_makes_slower_frames():
    model = graph()
    slow = (*BUDGET[:-1], BUDGET[-1] / 1000)
    found = fold_from_memory(model, alternatives(model), slow, CYCLES, NOTHING, forced=True)
    assert isinstance(found, Shortage)
    assert found.fastest is None or found.fastest.cycles > CYCLES


def test_without_a_rate_asked_for_it_is_nearly_the_fastest():
    model = graph()
    every = alternatives(model)
    little = tuple(amount / 9 for amount in BUDGET)
    found = fold_from_memory(model, every, little, None, NOTHING, forced=True)
    assert isinstance(found, Folding) and found.target_cycles is None
    assert all(used <= limit for used, limit in zip(found.used, little, strict=True))
    assert isinstance(fold_from_memory(model, every, little, found.cycles * 3 // 4, NOTHING, forced=True), Shortage)


def test_what_does_not_fit_at_any_rate_is_told():
    model = graph()
    nothing = tuple(amount / 1000 for amount in BUDGET)
    found = fold_from_memory(model, alternatives(model), nothing, None, NOTHING)
    assert isinstance(found, Shortage) and found.fastest is None
    assert "LUT" in found.over


def test_weights_that_fit_stay_on_the_chip():
    """Where reading them costs more than it saves: the memory brings next to nothing."""
    model = graph()
    slow = (*BUDGET[:-1], 1e-3)
    found = fold_from_memory(model, alternatives(model), slow, CYCLES, NOTHING)
    assert isinstance(found, Folding)
    assert not any(option.dram_bytes for option in found.options)


def test_an_image_without_a_border_is_no_convolution_of_blocks():
    """A valid convolution has no zeros around it."""
    valid = replace(NET, channels=(2, 4))
    model = deepcopy(after(valid, "step_specialize_layers").model)
    padding = next(node for node in model.graph.node if node.op_type == "OpenFMPadding_rtl")
    getCustomOp(padding).set_nodeattr("Padding", [1, 0, 1, 2])
    assert len(alternatives(model)) == kinds(model).count("OpenMVAU_rtl") - 2


def test_they_have_names_of_their_own():
    model = graph()
    names = {node.name for node in model.graph.node}
    assert not names & {node.name for alternative in alternatives(model) for node in alternative.nodes}
