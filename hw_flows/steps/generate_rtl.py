# SPDX-License-Identifier: BSD-3-Clause
"""Complete the graph with width converters and FIFOs, and write every operator's RTL."""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.config import settings
from hw_flows.stitch import describe, write_operators
from hw_flows.stitch.insert import insert_fifos, insert_width_converters


def step_generate_rtl(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Writes sources and memory images to `rtl/`. Raises UserError where an operator refuses its parameters."""
    config = settings(cfg)
    model = insert_fifos(insert_width_converters(model))
    write_operators(model, describe(model), config.output_dir / "rtl")
    return model
