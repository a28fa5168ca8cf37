# SPDX-License-Identifier: BSD-3-Clause
"""One self-contained page for people, from what the other steps left under `report/`."""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.config import settings
from hw_flows.report.page import write_page


def step_report(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Writes `report/index.html`."""
    config = settings(cfg)
    write_page(config.output_dir)
    return model
