# SPDX-License-Identifier: BSD-3-Clause
"""An accelerator in Icarus Verilog: as plain Verilog through Yosys, with a testbench that compares every stream.

Icarus 11 stops at typed parameters, so Yosys' slang frontend elaborates the sources and writes what Icarus reads. The
testbench does what `hw_flows/simulate/harness.cpp` does at full speed: same cycles of reset, same stimuli, each word of
each stream compared with its file; what it finds of a stream is the same down to the cycle.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hw_flows.accelerator import Accelerator, Stream
from hw_flows.machine.tools import require_program, run_tool
from hw_flows.machine.yosys import run_yosys
from hw_flows.simulate.pack import bytes_per_word
from hw_flows.stitch.write import port_prefixes

#: As in the harness.
RESET_CYCLES = 4
YOSYS_LIMIT_SECONDS = 1800
COMPILE_LIMIT_SECONDS = 1800
FIX = "install Icarus Verilog 11 or newer (Debian: apt install iverilog)"


@dataclass(frozen=True)
class IcarusRun:
    """What the testbench found."""

    cycles: int
    seconds: float
    """Of the processor, from the first clock edge to the last, without reading the design."""
    words: dict[str, int]
    """Words by stream."""
    errors: dict[str, int]
    """Words that differ, by stream."""
    spans: dict[str, tuple[int, int]]
    """Cycles of the first and the last word of each stream that carried one."""


def require_icarus() -> str:
    """Icarus' own version. Raises UserError where it is missing."""
    require_program("vvp", "it runs what iverilog compiled", FIX)
    program = require_program("iverilog", "it is what our simulation is compared with", FIX)
    words = subprocess.run([str(program), "-V"], capture_output=True, text=True, timeout=60, check=True).stdout
    return words.splitlines()[0].split(" (")[0]


def write_verilog(accelerator: Accelerator, rtl: Path, folder: Path) -> Path:
    """The accelerator in `rtl` as one file of plain Verilog in `folder`, contents of memories included."""
    (folder / "rtl").symlink_to(rtl.resolve(), target_is_directory=True)
    sources = " ".join(f"rtl/{name}" for name in accelerator.sources)
    script = (
        f"read_slang --threads 1 --top {accelerator.name} {sources}\n"
        "proc\nopt -fast\nmemory -nomap\nopt_clean\nwrite_verilog -noattr dut.v\n"
    )
    run_yosys(script, folder, log=folder / "yosys.log", limit_seconds=YOSYS_LIMIT_SECONDS)
    return folder / "dut.v"


def compile_testbench(
    accelerator: Accelerator, verilog: Path, words: Path, frames: int, cycles: int, folder: Path
) -> Path:
    """Compile `verilog` with a testbench that runs `cycles` cycles. `words` holds `<stream>.bin` for every stream."""
    for stream in accelerator.streams:
        write_hex(stream, words / f"{stream.name}.bin", min(cycles, frames * stream.words), folder)
    (folder / "testbench.v").write_text(testbench(accelerator, frames, cycles))
    command = ["iverilog", "-g2005", "-s", "testbench", "-o", "testbench.vvp", "testbench.v", str(verilog.resolve())]
    run_tool("iverilog", command, cwd=folder, log=folder / "iverilog.log", limit_seconds=COMPILE_LIMIT_SECONDS)
    return folder / "testbench.vvp"


def simulate(compiled: Path) -> IcarusRun:
    """Run a compiled testbench."""
    process = subprocess.Popen(["vvp", "-n", compiled.name], cwd=compiled.parent, stdout=subprocess.PIPE, text=True)
    started = ended = 0.0
    cycles = 0
    words, errors, spans = {}, {}, {}
    assert process.stdout is not None
    for line in process.stdout:
        match line.split():
            case ["begin"]:
                started = processor_seconds(process.pid)
            case ["end", number]:
                ended, cycles = processor_seconds(process.pid), int(number)
            case ["stream", name, count, wrong, first, last]:
                words[name], errors[name] = int(count), int(wrong)
                if int(count):
                    spans[name] = int(first), int(last)
            case _:
                print(f"vvp: {line.rstrip()}", file=sys.stderr)
    assert process.wait() == 0 and cycles, "vvp ended before its time"
    return IcarusRun(cycles, ended - started, words, errors, spans)


def processor_seconds(process: int) -> float:
    """Processor time of a running process (Linux)."""
    # the name, in brackets, may hold blanks: fields are counted behind it
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def write_hex(stream: Stream, source: Path, count: int, folder: Path) -> None:
    """The first `count` words of `source` for $readmemh."""
    size = bytes_per_word(stream.width)
    data = np.fromfile(source, np.uint8, count * size).reshape(count, size)
    digits = (stream.width + 3) // 4
    lines = [word.tobytes().hex()[-digits:] for word in data[:, ::-1]]
    (folder / f"{stream.name}.hex").write_text("\n".join(lines) + "\n")


def testbench(accelerator: Accelerator, frames: int, cycles: int) -> str:
    """Verilog-2001. What leaves in a cycle is sampled before the edge, what enters changes half a cycle later."""
    prefixes = port_prefixes(accelerator)
    wires, connections, drive = [], [".clk_i(clk)", ".rst_i(rst)"], []
    for name in accelerator.inputs:
        stream, prefix = accelerator.stream(name), prefixes[name]
        connections += [f".{prefix}_{signal}({prefix}_{signal})" for signal in ("tdata", "tvalid", "tready")]
        wires += [
            f"  reg [{stream.width - 1}:0] {prefix}_tdata = 0;",
            f"  reg {prefix}_tvalid = 0;",
            f"  wire {prefix}_tready;",
        ]
        drive += [  # words taken are counted below
            f"      {prefix}_tvalid = {name}_count < {frames * stream.words};",
            f"      if ({prefix}_tvalid && {name}_count < {cycles}) {prefix}_tdata = {name}_words[{name}_count];",
        ]
    for name in accelerator.outputs:
        stream, prefix = accelerator.stream(name), prefixes[name]
        wires.append(f"  wire [{stream.width - 1}:0] {prefix}_tdata;\n  wire {prefix}_tvalid;")
        connections += [f".{prefix}_tdata({prefix}_tdata)", f".{prefix}_tvalid({prefix}_tvalid)"]
        connections.append(f".{prefix}_tready(!rst)")
    checks: list[str] = []
    for stream in accelerator.streams:
        name, count = stream.name, min(cycles, frames * stream.words)
        checks += [
            f"  reg [{stream.width - 1}:0] {name}_words [0:{count - 1}];",
            f"  integer {name}_count = 0, {name}_errors = 0, {name}_first = 0, {name}_last = 0;",
            f'  initial $readmemh("{name}.hex", {name}_words);',
            f"  always @(posedge clk) if (!rst && dut.{name}_tvalid && dut.{name}_tready) begin",
            f"    if (dut.{name}_tdata !== {name}_words[{name}_count]) {name}_errors = {name}_errors + 1;",
            f"    if ({name}_count == 0) {name}_first = cycle;",
            f"    {name}_last = cycle;",
            f"    {name}_count = {name}_count + 1;",
            "  end",
        ]
    tell = [
        f'      $display("stream {s.name} %0d %0d %0d %0d", {s.name}_count, {s.name}_errors, {s.name}_first, '
        f"{s.name}_last);"
        for s in accelerator.streams
    ]
    return "\n".join(
        [
            "`timescale 1ns / 1ns",
            "module testbench;",
            "  reg clk = 0, rst = 1;",
            "  integer cycle = 0;",
            *wires,
            f"  {accelerator.name} dut ({', '.join(connections)});",
            *checks,
            '  initial begin $display("begin"); $fflush; end',
            "  always #1 clk = !clk;",
            "  always @(negedge clk) begin",
            "    cycle = cycle + 1;",
            f"    rst = cycle < {RESET_CYCLES};",
            "    if (!rst) begin",
            *drive,
            "    end",
            f"    if (cycle == {cycles}) begin",
            '      $display("end %0d", cycle); $fflush;',
            *tell,
            "      $finish;",
            "    end",
            "  end",
            "endmodule",
            "",
        ]
    )
