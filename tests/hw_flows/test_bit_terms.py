# SPDX-License-Identifier: BSD-3-Clause
"""What training takes for the cost of bits (`quantunet.bit_terms`) against the operators that the flow makes."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.operators.matrix_vector.cases import matrix_vector
from hw_flows.steps import STEP_NAMES, load_step
from hw_flows.testing.operator_bench import rtl_operator
from quantunet.bit_terms import measured_terms, product_luts
from quantunet.config import ModelConfig
from quantunet.export import export_qonnx
from quantunet.model import QuantUNet
from quantunet.quantizers import freeze_widths, learned_widths


@pytest.mark.parametrize("products", [9, 36, 72])
def test_a_product_costs_what_the_cost_model_of_the_flow_says(products: int) -> None:
    """`LUT_PER_...` are fitted to that model: if this fails because the model is better now, fit them again."""
    errors = []
    for data, weight in product(range(2, 9), range(2, 9)):
        unit = rtl_operator(matrix_vector(products, 1, products, 1, f"UINT{data}", f"INT{weight}"))
        control_and_accumulator = 15 + unit.get_output_datatype().bitwidth()
        counted = (unit.cost().lut - control_and_accumulator) / products
        estimate = product_luts(torch.tensor(float(data)), torch.tensor(float(weight))).item()
        errors.append(estimate / counted - 1)
    assert np.abs(errors).max() < 0.07
    assert np.abs(errors).mean() < 0.03


@pytest.mark.parametrize(
    "scales", [{}, {"weight_scales": "learned", "weight_scales_per": "channel"}], ids=["", "channel"]
)
@pytest.mark.parametrize("decoder", ["transpose", "upsample"])
def test_the_terms_are_what_the_flow_builds(decoder: str, scales: dict[str, str], tmp_path: Path) -> None:
    model = mixed_network(decoder, scales)
    terms = measured_terms(model)
    graph = hardware_graph(model, tmp_path)
    weight_memory = thresholds = products = 0.0
    for node in graph.graph.node:
        operator = getCustomOp(node)
        if node.op_type.startswith("MVAU"):
            weights = operator.get_nodeattr("MW") * operator.get_nodeattr("MH")
            data, weight = (operator.get_input_datatype(i).bitwidth() for i in (0, 1))
            weight_memory += weights * weight
            frame = weights * int(np.prod(operator.get_nodeattr("numInputVectors")))
            products += frame * product_luts(torch.tensor(float(data)), torch.tensor(float(weight))).item()
        elif node.op_type.startswith("Thresholding"):
            steps = graph.get_initializer(node.input[1]).shape
            thresholds += steps[0] * steps[1] * operator.get_input_datatype(0).bitwidth()
    assert terms["weight_memory"] == weight_memory
    assert terms["products"] == pytest.approx(products)
    # Accumulators are whole bits there, and their widths come from the rounded weights.
    assert terms["thresholds"] == pytest.approx(thresholds, rel=0.1)


def mixed_network(decoder: str, scales: dict[str, str]) -> QuantUNet:
    """Every width another, scales and statistics as after some training."""
    torch.manual_seed(0)
    shape = {"depth": 1, "base_width": 4, "image_size": (8, 4), "decoder": decoder}
    model = QuantUNet(ModelConfig.model_validate({**shape, **scales}))
    with torch.no_grad():
        for index, (_, width) in enumerate(learned_widths(model)):
            width.bit_width_offset.fill_(1 + index % 6)
        for _ in range(3):
            model(torch.randint(0, 256, (4, *model.input_shape)) / 255)
    freeze_widths(model)
    return model.eval()


def hardware_graph(model: QuantUNet, folder: Path) -> ModelWrapper:
    export_qonnx(model, folder / "network.onnx")
    graph = ModelWrapper(str(folder / "network.onnx"))
    for step in STEP_NAMES[: STEP_NAMES.index("step_minimize_bit_width") + 1]:
        graph = load_step(step)(graph, SimpleNamespace(output_dir=str(folder)))
    return graph
