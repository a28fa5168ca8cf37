# SPDX-License-Identifier: BSD-3-Clause
"""Tables from a graph: what folding counts is what the completed graph costs."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
from qonnx.custom_op.registry import getCustomOp

from hw_flows.folding import Folding, apply, cheapest_for, current_folding, fastest, folding_problem
from hw_flows.folding.network import amounts
from hw_flows.folding.problem import RESOURCES
from hw_flows.folding.skips import waits
from hw_flows.operators.names import finn_name
from hw_flows.stitch.insert import insert_fifos, insert_width_converters
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import after

NET = ForeignNet(channels=(2, 4, 8), image=(16, 16), decoder="transpose")
BUDGET = tuple(map(float, (20_000, 40_000, 5_000, 40, 40, 0)))


def graph():
    return deepcopy(after(NET, "step_specialize_layers").model)


@pytest.fixture(scope="module")
def problem():
    return folding_problem(graph())


@pytest.fixture(scope="module")
def folded(problem):
    """The graph with its fastest folding, and that folding."""
    model, folding = graph(), fastest(problem, BUDGET)
    assert isinstance(folding, Folding)
    apply(model, folding.options)
    return model, folding


def test_listing_the_options_changes_nothing():
    model = graph()
    before = model.model.SerializeToString(deterministic=True)
    folding_problem(model)
    assert model.model.SerializeToString(deterministic=True) == before


def test_the_graph_has_the_chosen_cycles_and_cost(folded):
    model, folding = folded
    assert max(getCustomOp(node).get_exp_cycles() for node in model.graph.node) == folding.cycles
    current, options = current_folding(model)
    assert current.cost(options) == pytest.approx(folding.used)


def test_converters_and_fifos_are_counted(folded):
    """All but the FIFOs' depths is known: the completed graph with them at the estimated depths costs the same."""
    model, folding = folded
    nodes = [*model.graph.node]
    operators = np.sum([amounts(getCustomOp(node).cost()) for node in nodes], axis=0)
    complete = insert_width_converters(deepcopy(model))
    converters = [n for n in complete.graph.node if "WidthConverter" in n.op_type]
    between = np.sum([amounts(getCustomOp(node).cost()) for node in converters] or [np.zeros(len(RESOURCES))], axis=0)
    streams = len([n for n in insert_fifos(complete).graph.node if "FIFO" in n.op_type])
    fifos = np.array(folding.used) - operators - between
    assert fifos[RESOURCES.index("DSP")] == pytest.approx(0)
    assert fifos[RESOURCES.index("FF")] >= streams, "every FIFO has at least a flip-flop"


def test_matrices_may_be_built_of_luts_or_dsps(problem):
    for operator in problem.operators:
        if operator.name.startswith("MVAU"):
            assert {dict(option.attributes)["resType"] for option in operator.options} == {"lut", "dsp"}


def test_nodes_may_be_settled():
    model = graph()
    node = next(n for n in model.graph.node if finn_name(n.op_type) == "Thresholding")
    problem = folding_problem(model, {node.name: [(("PE", 1),)]})
    (settled,) = [operator for operator in problem.operators if operator.name == node.name]
    assert [option.attributes for option in settled.options] == [(("PE", 1),)]


def test_skips_wait_for_the_levels_below():
    waiting = waits(graph())
    joins = [node for node in graph().graph.node if finn_name(node.op_type) == "StreamingConcat"]
    frames = [max(waiting.get(name, 0.0) for name in node.input) for node in joins]
    assert len(joins) == 2 and len(waiting) == 2
    assert 0 < frames[0] < frames[1], "the inner skip waits less than the one around it"
    # The inner skip, of 8x8: a 2x2 pool, a 3x3 convolution of 4x4 and a transposed one, both a pixel to work.
    assert frames[0] == pytest.approx((8 + 1) / 64 + (4 + 1) / 16 + 2 / 16)


def test_windows_are_parallel_only_where_a_word_a_cycle_is_too_slow(problem):
    windows = [o for o in problem.operators if o.name.startswith("ConvolutionInputGenerator")]
    for operator in windows:
        serial, parallel = (
            [o for o in operator.options if dict(o.attributes)["parallel_window"] == value] for value in (0, 1)
        )
        assert min(o.cycles for o in parallel) < min(o.cycles for o in serial)
        assert {o.outputs[0] / o.inputs[0] for o in parallel} == {9} and {
            o.outputs[0] / o.inputs[0] for o in serial
        } == {1}
    slow, quick = (cheapest_for(problem, BUDGET, cycles) for cycles in (16 * 16 * 20, 16 * 16 * 7))
    assert isinstance(slow, Folding) and isinstance(quick, Folding)
    chosen = [sum(dict(o.attributes).get("parallel_window", 0) for o in f.options) for f in (slow, quick)]
    assert chosen[0] == 0 < chosen[1] < len(windows)
