# SPDX-License-Identifier: BSD-3-Clause
"""Shapes inferred, constants folded, names unique, one form for all networks; then: is there hardware?"""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.network.clean import clean_network


def step_qonnx_cleanup(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """QONNX as Brevitas exports it to clean QONNX. Raises UserError where a part of the network has no hardware."""
    return clean_network(model)
