# SPDX-License-Identifier: BSD-3-Clause
"""Our operators in FINN's own rtlsim: what streams is driven, weights are not; every output comes back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hw_flows.finn_verilator import install
from hw_flows.operators.add.cases import add
from hw_flows.operators.case import Case
from hw_flows.operators.fork.cases import fork
from hw_flows.operators.matrix_vector.cases import matrix_vector
from hw_flows.operators.multiply.cases import multiply
from hw_flows.testing.operator_bench import build_model, reference


@pytest.mark.parametrize(
    "case",
    [
        matrix_vector(6, 4, 3, 2),
        fork([1, 3, 4], 4, 2, 2, "INT4"),
        add([1, 3, 4, 4], 2, ["INT4", "UINT4"], (3, 2)),
        multiply([1, 3, 4, 4], [1, 3, 4, 1], 2, ("INT4", "UINT4")),
    ],
    ids=["weights", "outputs", "inputs", "inputs of other sizes"],
)
def test_equals_the_model(case: Case) -> None:
    from finn.core.onnx_exec import execute_onnx
    from finn.transformation.fpgadataflow.hlssynth_ip import HLSSynthIP
    from finn.transformation.fpgadataflow.prepare_ip import PrepareIP
    from finn.transformation.fpgadataflow.prepare_rtlsim import PrepareRTLSim
    from finn.transformation.fpgadataflow.set_exec_mode import SetExecMode

    install()
    model = build_model([case])
    tensors = reference(model, [case], frames=1)
    for transformation in (PrepareIP("xc7z020clg400-1", 10.0), HLSSynthIP(), PrepareRTLSim(), SetExecMode("rtlsim")):
        model = model.transform(transformation)
    found: dict[str, Any] = execute_onnx(model, {i.name: tensors[i.name][0] for i in model.graph.input})
    for output in model.graph.output:
        np.testing.assert_array_equal(found[output.name], tensors[output.name][0])
