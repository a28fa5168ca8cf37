# SPDX-License-Identifier: BSD-3-Clause
"""One build by FINN's builder, in a process of its own: `python -m trust.finn_builder.builder NETWORK OUTPUT [--wrong]`.

NETWORK is a checkpoint folder or a QONNX file with images.npy beside it. FINN is given the network, one image and the
network's answer (with `--wrong` another answer), and OUTPUT/result.json gets what became of it.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from quantunet_common.files import write_text_atomically

RESULT = "result.json"
#: FINN's steps behind ours; all that need neither Vivado's synthesis nor Vitis HLS.
FINN_STEPS = ("step_generate_estimate_reports", "step_hw_codegen", "step_hw_ipgen", "step_create_stitched_ip")
LAST_OF_OURS = "step_set_fifo_depths"


def build(network: Path, output: Path, wrong: bool) -> dict[str, Any]:
    """FINN's status (0 is success), the files of its verification, and the operators in the stitched design."""
    # FINN writes the name of Vivado's folder into its report, and does without Vivado otherwise
    os.environ.setdefault("XILINX_VIVADO", "none")
    from hw_flows.config import BuildConfig
    from hw_flows.finn_environment import prepare_finn
    from hw_flows.finn_verilator import install
    from hw_flows.inputs import prepare_inputs
    from hw_flows.steps import STEP_NAMES, load_step

    prepare_finn(output / "finn")
    install()
    from finn.builder.build_dataflow import build_dataflow_cfg
    from finn.builder.build_dataflow_config import DataflowBuildConfig, DataflowOutputType, VerificationStepType
    from qonnx.core.modelwrapper import ModelWrapper

    images = network.parent / "images.npy" if network.suffix == ".onnx" else None
    given = {"model": network, "output_dir": output, "frames": 1, "verify_input_npy": images}
    inputs = prepare_inputs(BuildConfig.model_validate(given))
    image, answer = output / "image.npy", output / "answer.npy"
    np.save(image, np.load(inputs.images)[:1])
    np.save(answer, np.load(inputs.expected)[:1] + (1.0 if wrong else 0.0))
    ours = [load_step(name) for name in STEP_NAMES[: STEP_NAMES.index(LAST_OF_OURS) + 1]]
    config = DataflowBuildConfig(
        output_dir=str(output / "build"),
        board="Pynq-Z2",
        synth_clk_period_ns=10.0,
        target_fps=1000,
        steps=[*ours, *FINN_STEPS],
        generate_outputs=[DataflowOutputType.STITCHED_IP, DataflowOutputType.ESTIMATE_REPORTS],
        verify_steps=[VerificationStepType.STITCHED_IP_RTLSIM],
        verify_input_npy=str(image),
        verify_expected_output_npy=str(answer),
        enable_build_pdb_debug=False,
    )
    status = build_dataflow_cfg(str(inputs.network), config)
    stitched = output / "build" / "intermediate_models" / f"{FINN_STEPS[-1]}.onnx"
    verified = (output / "build" / "verification_output").glob("verify_*")
    return {
        "status": status,
        "verified": sorted(file.name for file in verified),
        "steps": len(config.steps or ()),
        "operators": len(ModelWrapper(str(stitched)).graph.node) if stitched.is_file() else 0,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--wrong", action="store_true", help="give FINN another answer than the network's")
    options = parser.parse_args()
    options.output.mkdir(parents=True)
    result = build(options.network, options.output, options.wrong)
    write_text_atomically(options.output / RESULT, json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
