# SPDX-License-Identifier: BSD-3-Clause
"""Proof that a mutant is the original in disguise: no input, at no time after a reset, tells them apart.

Both are elaborated by Yosys with the parameters and memory images of one tested configuration and put side by side. ABC
proves by signal correspondence and property-directed reachability, for all times, that tready, tvalid and, where tvalid is
high, tdata of both agree in every cycle. Registers and memories start with zeros in both, but a reset may come again at
any time and finds there whatever was sent before. What is not proved within the limit counts as different.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from hw_flows.accelerator import Accelerator, Instance, StreamPort
from hw_flows.machine.tools import ToolError, package_folder
from hw_flows.machine.yosys import run_yosys

SECONDS = 60
_SIDE = """\
read_slang --threads 1 --top observed {files}
hierarchy -check -top observed
proc
flatten
opt -full
memory_collect
memory_map
opt -full
rename observed {side}
setattr -mod -unset top {side}
design -stash {side}
"""
_BOTH = """\
design -copy-from gold gold
design -copy-from gate gate
miter -equiv -flatten gold gate both
hierarchy -check -top both
setundef -undriven -anyseq
opt -full
techmap
opt -full
dffunmap
aigmap
zinit -all
opt_clean
write_aiger both.aig
"""


def equivalent(accelerator: Accelerator, instance: Instance, rtl: Path, mutant: Mapping[str, str], work: Path) -> bool:
    """True where `instance` of the design in `rtl` is proved the same with the sources in `mutant` (name -> text).

    `work`: a new folder for scripts and logs.
    """
    package = package_folder("pyosys")
    script = ""
    for side, replaced in (("gold", {}), ("gate", mutant)):
        folder = work / side
        folder.mkdir(parents=True)
        for name in instance.sources:
            text = replaced.get(name) or (rtl / name).read_text(encoding="utf-8")
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "observed.sv").write_text(_observed(accelerator, instance, "memories"), encoding="utf-8")
        files = " ".join(f"{side}/{name}" for name in (*instance.sources, "observed.sv"))
        script += _SIDE.format(files=files, side=side)
    (work / "memories").symlink_to(rtl.resolve(), target_is_directory=True)
    try:
        run_yosys(script + _BOTH, work, log=work / "yosys.log", limit_seconds=2 * SECONDS)
    except ToolError:
        return False  # Yosys' frontend refuses what Verilator took, or the memories are too large
    steps = f"read_aiger both.aig; strash; scorr -F 2; dc2; scorr -F 1; strash; write_aiger left.aig; pdr -T {SECONDS}"
    try:
        result = subprocess.run(
            [str(package / "yosys-abc"), "-c", steps],
            cwd=work,
            capture_output=True,
            text=True,
            timeout=4 * SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return False
    (work / "abc.log").write_text(result.stdout + result.stderr, encoding="utf-8")
    return "Property proved" in result.stdout or _never(work / "left.aig")


def _never(file: Path) -> bool:
    """Whether what is left of a design in AIGER is one output that is constantly 0."""
    header, output, *_ = file.read_bytes().split(b"\n", 2) if file.is_file() else (b"", b"")
    latches_outputs_gates = header.split()[3:6]
    return latches_outputs_gates == [b"0", b"1", b"0"] and output == b"0"


def _observed(accelerator: Accelerator, instance: Instance, memories: str) -> str:
    """SystemVerilog of a top `observed`: the instance, reset in the first cycle, outputs of 0 while nothing is offered."""
    ports, connections, body = ["input logic clk_i", "input logic rst_i"], [".clk_i", ".rst_i(rst)"], []
    for port in instance.inputs:
        width, p = _width(accelerator, port), port.prefix
        n = len(port.streams)
        ports += [f"input logic [{width - 1}:0] {p}_tdata", f"input logic [{n - 1}:0] {p}_tvalid"]
        ports.append(f"output logic [{n - 1}:0] {p}_ready")
        connections += [f".{p}_tdata", f".{p}_tvalid", f".{p}_tready(raw_{p}_tready)"]
        body += [f"logic [{n - 1}:0] raw_{p}_tready;", f"assign {p}_ready = started ? raw_{p}_tready : '0;"]
    for port in instance.outputs:
        width, p = _width(accelerator, port), port.prefix
        n = len(port.streams)
        ports += [f"input logic [{n - 1}:0] {p}_tready", f"output logic [{n - 1}:0] {p}_valid"]
        ports.append(f"output logic [{width - 1}:0] {p}_data")
        connections += [f".{p}_tdata(raw_{p}_tdata)", f".{p}_tvalid(raw_{p}_tvalid)", f".{p}_tready"]
        body += [f"logic [{width - 1}:0] raw_{p}_tdata;", f"logic [{n - 1}:0] raw_{p}_tvalid;"]
        body.append(f"assign {p}_valid = started ? raw_{p}_tvalid : '0;")
        low = 0
        for i, name in enumerate(port.streams):
            bits = accelerator.stream(name).width
            part = f"[{low + bits - 1}:{low}]"
            body.append(f"assign {p}_data{part} = {p}_valid[{i}] ? raw_{p}_tdata{part} : '0;")
            low += bits
    parameters = [f".{key}({value})" for key, value in instance.parameters.items()]
    if instance.memories:
        parameters.append(f'.MEMORY_PREFIX("{memories}/{instance.name}")')
    return "\n".join(
        [
            f"module observed ({', '.join(ports)});",
            "  logic started = 1'b0;",
            "  always_ff @(posedge clk_i) started <= 1'b1;",
            "  wire rst = rst_i || !started;",
            *(f"  {line}" for line in body),
            f"  {instance.module} #({', '.join(parameters)}) core ({', '.join(connections)});",
            "endmodule",
            "",
        ]
    )


def _width(accelerator: Accelerator, port: StreamPort) -> int:
    return sum(accelerator.stream(name).width for name in port.streams)
