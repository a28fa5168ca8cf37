# SPDX-License-Identifier: BSD-3-Clause
"""The top level as plain structural SystemVerilog, and the accelerator's description beside it."""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.config import extract_model_config_to_json

from hw_flows.boards import load_board
from hw_flows.config import settings
from hw_flows.memory_system.write import write_system
from hw_flows.steps.apply_folding import HW_ATTRIBUTES
from hw_flows.stitch import describe, write_operators, write_top
from hw_flows.weight_memory.ports import MOST_PORTS


def step_stitch(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Writes `rtl/quantunet_accel.sv`, `rtl/filelist.f`, `rtl/accelerator.json`, `final_hw_config.json`; where weights come from
    memory also `weights/` and, around the accelerator, `rtl/quantunet_system.sv`, `rtl/filelist_system.f`, `rtl/system.json`."""
    config = settings(cfg)
    rtl = config.output_dir / "rtl"
    accelerator = describe(model)
    write_operators(model, accelerator, rtl)
    write_top(accelerator, rtl)
    if accelerator.memory:
        blocks = {name: model.get_initializer(accelerator.stream(name).tensor) for name in accelerator.memory}
        ports = load_board(config.board).dram_ports or MOST_PORTS
        write_system(accelerator, blocks, config.output_dir, most_ports=ports)
    extract_model_config_to_json(model, str(config.output_dir / "final_hw_config.json"), HW_ATTRIBUTES)
    return model
