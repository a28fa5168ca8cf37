# SPDX-License-Identifier: BSD-3-Clause
"""A layer that an exporter writes as several operators is refused once, as what its author knows it for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from onnx import TensorProto, helper
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.network.supported.causes import BATCH_NORM_COSTS, consequences, results_of_image

MEASURED = Path(__file__).parents[3] / "benchmarks" / "data" / "normalization.json"


def _told(nodes: list[tuple[str, str, str]], unknown: set[str]) -> list[str]:
    """Types of what is left of `nodes` (type, inputs, output), all refused; `unknown` are the types without hardware."""
    image, mask = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4, 8, 8]) for name in ("image", "mask"))
    graph = helper.make_graph(
        [helper.make_node(kind, inputs.split(), [output]) for kind, inputs, output in nodes], "net", [image], [mask]
    )
    model = ModelWrapper(helper.make_model(graph))
    refused = [node for node in model.graph.node if node.op_type not in ("Conv", "Quant", "Relu")]
    of_image = results_of_image(model, {"Conv"})
    hidden = consequences(model, [node for node in refused if node.op_type in unknown], refused, of_image)
    return [node.op_type for node in refused if not hidden.intersection(node.output)]


CONVOLUTION = ("Conv", "image w", "c")


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        ([("Reshape", "c s", "r"), ("InstanceNormalization", "r a b", "n"), ("Reshape", "n s", "mask")], "InstanceNormalization"),
        ([("Reshape", "c s", "r"), ("Quant", "r", "q"), ("LayerNormalization", "q", "mask")], "LayerNormalization"),
        ([("Reshape", "c s", "r"), ("MatMul", "r r", "m"), ("Softmax", "m", "p"), ("MatMul", "p r", "mask")], "Softmax"),
        ([("Reshape", "c s", "r"), ("Transpose", "r", "t"), ("Reshape", "t s", "mask")], "Reshape"),
        ([("Squeeze", "c", "r"), ("LSTM", "r w", "l"), ("Unsqueeze", "l", "mask")], "LSTM"),
        ([("ReduceL2", "c", "r"), ("Clip", "r", "t"), ("Expand", "t s", "e"), ("Div", "c e", "mask")], "ReduceL2"),
        ([("ReduceMean", "c", "r"), ("Gemm", "r w", "g"), ("Unsqueeze", "g", "u"), ("Mul", "c u", "mask")], "Gemm"),
        ([("Split", "c", "s"), ("Sigmoid", "s", "g"), ("Mul", "s g", "mask")], "Split"),
    ],
)  # fmt: skip
def test_only_the_cause_is_told(nodes: list[tuple[str, str, str]], told: str) -> None:
    known = {"ReduceMean", "Clip", "Sigmoid", "Div", "Mul"}
    assert _told([CONVOLUTION, *nodes], {kind for kind, *_ in nodes} - known) == [told]


def test_two_layers_are_told_each() -> None:
    norm = "InstanceNormalization"
    nodes = [CONVOLUTION, (norm, "c", "n"), ("Conv", "n w", "d"), (norm, "d", "mask")]
    assert _told(nodes, {norm}) == [norm, norm]


def test_what_prepares_the_image_is_told_once() -> None:
    nodes = [("ReduceMean", "image", "m"), ("Sub", "image m", "d"), ("Sqrt", "m", "s"), ("Div", "d s", "c")]
    assert _told([*nodes, ("Conv", "c w", "mask")], {"Sqrt"}) == ["Sqrt"]


def test_the_figures_of_the_refusal_are_those_that_were_measured() -> None:
    for name, found in json.loads(MEASURED.read_text()).items():
        means = {norm: 100 * sum(dice) / len(dice) for norm, dice in found["dice"].items()}
        figures = [f"{means[norm]:.1f}" for norm in ("batch", "group", "instance")]
        assert re.search(rf"{name}\D+{re.escape(' / '.join(figures))}", BATCH_NORM_COSTS)
