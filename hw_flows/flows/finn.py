# SPDX-License-Identifier: BSD-3-Clause
"""`--flow finn`: FINN's stitched IP, DMA shell and driver around our operators, for people who live in FINN."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

from hw_flows.amd import UNPROVEN
from hw_flows.amd.finn import install
from hw_flows.amd.finn.build import FinnBuild, build, finn_clock
from hw_flows.boards import Board
from hw_flows.flows.bitstream import Bitstream, BitstreamJob
from hw_flows.flows.flow import BITSTREAM_STEPS, Flow
from hw_flows.flows.vivado import checked, fmax, shown
from hw_flows.machine.errors import UserError
from hw_flows.machine.findings import Finding
from hw_flows.machine.tools import package_version
from quantunet_common.files import copy_atomically, write_text_atomically

#: FINN's own layout of a deployment package (finn.builder, step_deployment_package).
BITFILE, HANDOFF, SETTINGS = "bitfile/finn-accel.bit", "bitfile/finn-accel.hwh", "driver/settings.json"
GRAPH = "step_set_fifo_depths"

README = """\
{title}: accelerator built by FINN {finn}
{rule}

**Not proven.** {unproven}

On the board, in the virtual environment of its PYNQ image, as root:

    pip install finn-plus-driver=={finn}
    finn-plus-driver -b {bitfile} -s {settings} -f throughput_test

Images of your own: `FINNDMAOverlay(...).execute(images)` of the package finn_plus_driver. It takes and gives integers;
shapes and number formats are in {settings}. What the network does before and after (the input quantizer, the scale and bias
of its last layer) is in intermediate_models/dataflow_parent.onnx of the build.
"""


class Finn(Flow):
    """FINN's ZynqBuild."""

    meaning = "FINN's own build and driver (not yet run against the real tools)"
    families = ("xc7", "xcup")
    steps = tuple(name for name in BITSTREAM_STEPS if name != "step_deploy")  # FINN has a deployment package of its own
    image = "vendor"
    only_on_request = True

    def suits(self, board: Board) -> bool:
        return super().suits(board) and board.finn_name != ""

    def needs(self) -> list[Finding]:
        return install.findings()

    def make_bitstream(self, job: BitstreamJob) -> Bitstream:
        """Build with FINN in `<output>/finn_zynq`; bitstream to `bitfile/`, and a deployment package in FINN's layout.

        Where the clock is missed the result has no files. Raises UserError where something is missing or FINN or a tool
        fails, CheckFailed where the design does not fit, and as `flows.vivado.make_bitstream` does.
        """
        board = job.board.finn_name
        tools = install.find_tools()
        graph = dataflow_graph(job.output)
        version = package_version("finn-plus")
        job.say(0.0, f"FINN {version} and Vivado {tools.vivado.version_text} build; this takes an hour")
        made = build(graph, board, job.board.part, job.clock_mhz, tools, job.output / "finn_zynq", jobs=job.jobs)
        for folder in (job.bitfile, job.output / "driver", job.output / "deploy"):
            shutil.rmtree(folder, ignore_errors=True)  # of an earlier build
        files = _deploy(job, made, version) if made.timing.met else ()
        clock = finn_clock(job.clock_mhz)
        bitstream = Bitstream(
            flow=self.name,
            files=files,
            identity="",  # FINN's shell has no register that says which build it is
            link={"driver": "finn-plus-driver", "kind": "dma", "settings": SETTINGS},
            clock_mhz=clock,
            fmax_mhz=fmax(made.timing, clock),
            utilization=shown(made.utilization),
            tools={"vivado": tools.vivado.version_text, "finn-plus": version},
            seconds={"finn": made.seconds},
            checks=("Vivado's timing, setup, hold and pulse width, of the routed design",) if files else (),
            experimental=UNPROVEN,
            notes={
                "timing": asdict(made.timing),
                "resources": {
                    "source": f"Vivado {tools.vivado.version_text}, placed design with FINN's shell",
                    "total": asdict(made.utilization.resources),
                },
                "operators_in_stitched_ip": len(made.operators),
                "load": f"finn-plus-driver -b {BITFILE} -s {SETTINGS} -f throughput_test",
            },
        )
        return checked(bitstream, made.timing)


def dataflow_graph(output: Path) -> Path:
    """The graph with its FIFO depths. Raises UserError where the build has not come that far."""
    found = sorted((output / "intermediate_models").glob(f"*_{GRAPH}.onnx"))
    if not found:
        what = f"the build has no graph of {GRAPH}"
        raise UserError(what, str(output / "intermediate_models"), "run the build without --start-step")
    return found[-1]


def _deploy(job: BitstreamJob, made: FinnBuild, version: str) -> tuple[Path, ...]:
    """Bitstream and settings where the build keeps them, and all that goes to the board in `deploy/`."""
    for source, name in ((made.bitfile, BITFILE), (made.hwh, HANDOFF), (made.driver / "settings.json", SETTINGS)):
        copy_atomically(source, job.output / name)
        copy_atomically(source, job.output / "deploy" / name)
    text = README.format(
        title=job.board.title,
        finn=version,
        rule="=" * (len(job.board.title) + len(version) + 28),
        unproven=UNPROVEN,
        bitfile=BITFILE,
        settings=SETTINGS,
    )
    write_text_atomically(job.output / "deploy" / "README.md", text)
    return (job.output / BITFILE, job.output / HANDOFF)
