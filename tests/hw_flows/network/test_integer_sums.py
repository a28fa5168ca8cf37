# SPDX-License-Identifier: BSD-3-Clause
"""The graph with integers in place of unequal scales gives the answers that it gave before."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.network.integer_sums import sums_to_integers
from tests.hw_flows.network.normal_form.graphs import kinds
from tests.hw_flows.network.test_sums import answers, network


@pytest.mark.parametrize(
    ("scales", "bits"), [([0.3, 0.4], (4, 3)), ([0.11, 0.7], (3, 4)), ([0.21, 0.4, 0.3], (3, 2, 2))]
)
def test_every_tuple_gives_the_same_answer(scales: list[float], bits: tuple[int, ...]) -> None:
    model = network(scales, list(bits), 0.37)
    before = ModelWrapper(model.model, make_deepcopy=True)
    sums_to_integers(model)
    left = kinds(model)
    assert "MultiThreshold" in left and "BatchNormalization" not in left and "Relu" not in left
    ranges = [range(-(2 ** (b - 1)), 2 ** (b - 1)) if b % 2 == 0 else range(2**b) for b in bits]
    for integers in product(*ranges):
        assert answers(model, integers) == answers(before, integers)


def test_sums_of_a_common_measure_stay() -> None:
    model = network([0.25, 0.5], [4, 3], 0.37)
    before = kinds(model)
    sums_to_integers(model)
    assert kinds(model) == before


def test_the_factors_make_whole_numbers() -> None:
    model = network([0.3, 0.4], [4, 4], 0.37)
    sums_to_integers(model)
    for mul in model.get_nodes_by_op_type("Mul")[:2]:
        scale = np.float64(model.get_initializer(model.find_producer(mul.input[0]).input[1]))
        product_of_both = scale * model.get_initializer(mul.input[1])
        assert product_of_both == pytest.approx(round(float(product_of_both)), rel=1e-14)
