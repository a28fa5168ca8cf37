"""`--flow finn`: FINN's stitched IP, DMA shell and driver around our operators."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from hw_flows.errors import CheckFailed, UserError
from hw_flows.files import copy_atomically
from hw_flows.tools import package_version
from hw_flows.vendor import UNPROVEN
from hw_flows.vendor.finn import install
from hw_flows.vendor.finn.build import build, finn_period
from hw_flows.vendor.flow import Job, Result
from hw_flows.vendor.need import Need
from hw_flows.vendor.vivado import require_timing
from hw_flows.vendor.vivado_flow import SHOWN

#: FINN's own names (finn.builder, step_synthesize_bitfile), which its driver looks for.
BITFILE, HANDOFF, SETTINGS = "finn-accel.bit", "finn-accel.hwh", "settings.json"
GRAPH = "step_set_fifo_depths"


def needs() -> list[Need]:
    """What it needs beside what every build needs, for `qu-doctor`."""
    return install.needs()


def make_bitstream(job: Job) -> tuple[Result, CheckFailed | None]:
    """Build with FINN in `<output>/finn_zynq`; bitstream to `bitfile/`, what FINN's driver reads to `driver/`.

    The second value is a missed timing, as in `vivado_flow.make_bitstream`. Raises UserError where something is missing
    or FINN or a tool fails, CheckFailed where the design does not fit.
    """
    board = install.BOARDS.get(job.board.name)
    if board is None:
        known = ", ".join(install.BOARDS)
        raise UserError(f"FINN has no shell for {job.board.title}", "--board", f"boards with one: {known}")
    tools = install.find_tools()
    model = dataflow_graph(job.output)
    job.say(
        0.0, f"FINN {package_version('finn-plus')} and Vivado {tools.vivado.version_text} build; this takes an hour"
    )
    made = build(model, board, job.board.part, job.clock_mhz, tools, job.output / "finn_zynq", jobs=job.jobs)
    _, clock = finn_period(job.clock_mhz)
    files: list[Path] = []
    missed: CheckFailed | None = None
    try:
        require_timing(made.timing, clock)
    except CheckFailed as error:
        missed = error
    else:
        for source, name in ((made.bitfile, BITFILE), (made.hwh, HANDOFF)):
            copy_atomically(source, job.output / "bitfile" / name)
            files.append(job.output / "bitfile" / name)
        copy_atomically(made.driver / SETTINGS, job.output / "driver" / SETTINGS)
    job.say(1.0, "bitstream written" if files else "timing missed")
    result = Result(
        flow="finn",
        files=tuple(files),
        identity="",  # FINN's shell has no register that says which build it is
        link={"kind": "finn", "settings": f"driver/{SETTINGS}", "driver": "pip install finn-plus-driver, on the board"},
        clock_mhz=clock,
        fmax_mhz=made.timing.fmax_mhz,
        utilization={name: made.utilization.rows[name] for name in SHOWN if name in made.utilization.rows},
        tools={"vivado": tools.vivado.version_text, "finn-plus": package_version("finn-plus")},
        seconds={"finn": made.seconds},
        experimental=UNPROVEN,
        notes={
            "timing": {
                "worst_setup_slack_ns": made.timing.worst_setup_slack,
                "worst_hold_slack_ns": made.timing.worst_hold_slack,
                "worst_pulse_width_slack_ns": made.timing.worst_pulse_width_slack,
                "failing_endpoints": made.timing.failing_endpoints,
            },
            "resources": {
                "source": f"Vivado {tools.vivado.version_text}, placed design with FINN's shell",
                "total": asdict(made.utilization.resources),
            },
            "operators": list(made.operators),
        },
    )
    return result, missed


def dataflow_graph(output: Path) -> Path:
    """The graph with its FIFO depths. Raises UserError where the build has not come that far."""
    found = sorted((output / "intermediate_models").glob(f"*_{GRAPH}.onnx"))
    if not found:
        what = f"the build has no graph of {GRAPH}"
        raise UserError(what, str(output / "intermediate_models"), "run the build without --start-step")
    return found[-1]
