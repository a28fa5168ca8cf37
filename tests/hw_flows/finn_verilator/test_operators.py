# SPDX-License-Identifier: BSD-3-Clause
"""Our operators under FINN's names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qonnx.custom_op.registry import add_op_to_domain, get_ops_in_domain, getCustomOp

from hw_flows.finn_verilator.operators import take_the_place_of
from hw_flows.machine.errors import UserError
from hw_flows.operators import RTL_DOMAIN
from tests.hw_flows.finn_verilator.test_finn_rtl import CHANNELS, model_of, thresholding, thresholds

SHAPE = [1, 4, 4, CHANNELS]


@pytest.fixture(autouse=True)
def thresholding_of_ours() -> Iterator[None]:
    finns = dict(get_ops_in_domain(RTL_DOMAIN))["Thresholding_rtl"]
    take_the_place_of(["Thresholding_rtl"])
    yield
    add_op_to_domain(RTL_DOMAIN, finns)


def operator(values: np.ndarray) -> tuple[Any, Any]:
    model = model_of([thresholding("x", "y", SHAPE[:3], 0)], SHAPE, SHAPE, {}, values)
    return getCustomOp(model.graph.node[0]), model


def test_its_parameters_are_written_by_themselves(tmp_path: Path) -> None:
    ours, model = operator(thresholds(1))
    ours.generate_params(model, str(tmp_path))
    assert {file.name for file in tmp_path.iterdir()} == {f"Thresholding_rtl_0_thresholds_0_{k}.mem" for k in range(2)}


def test_what_it_refuses_is_the_error_that_finns_callers_know(tmp_path: Path) -> None:
    from finn.util.exception import FINNUserError

    ours, model = operator(thresholds(1)[:, ::-1])
    with pytest.raises(FINNUserError, match="sorted in ascending order"):
        ours.generate_params(model, str(tmp_path))


def test_an_operator_that_we_lack_is_named() -> None:
    with pytest.raises(UserError, match="Pool_rtl"):
        take_the_place_of(["Pool_rtl"])
