# SPDX-License-Identifier: BSD-3-Clause
"""Simulations of a written module that works on the board's memory: how such a bench is compiled and run.

`memory_bench.h` has what the harnesses in C++ share, `axi_memory.h` the model of the memory.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hw_flows.machine.cache import cached
from hw_flows.machine.errors import UserError
from hw_flows.simulate.board_memory import MODEL, SIGNALS
from hw_flows.simulate.verilator import build_executable, recipe

SHARED = Path(__file__).with_name("memory_bench.h")
#: The harnesses give and take every stream's words in this width.
MOST_WORD_BITS = 256
LIMIT_SECONDS = 600


def check_widths(word_bits: Iterable[int]) -> None:
    """Raises UserError where a stream is too wide for the harnesses."""
    if any(bits > MOST_WORD_BITS for bits in word_bits):
        raise UserError(
            f"a stream has words of more than {MOST_WORD_BITS} bits", "model of the memory", "use narrower ones"
        )


def compile_bench(
    bench: str, sources: Iterable[Path], written: Mapping[str, str], harness: Path, *headers: Path, jobs: int
) -> Path:
    """The executable. `written`: SystemVerilog in compile order, the module `bench` last, and headers, by file name.

    Raises UserError and ToolError as `build_executable`.
    """
    sources = list(sources)
    own = (harness, SHARED, SIGNALS, MODEL, *headers)
    files = {**written, **{file.name: file.read_text(encoding="utf-8") for file in own}}
    digest = hashlib.sha256()
    for text in (*files.values(), *(source.read_text(encoding="utf-8") for source in sources), recipe()):
        digest.update(text.encode() + b"\0")
    modules = [name for name in written if name.endswith(".sv")]
    names = [*(str(source.resolve()) for source in sources), *modules, harness.name]
    binary, _ = cached(
        "simulators",
        digest.hexdigest()[:40],
        ".exe",
        lambda made: build_executable(bench, names, files, made, jobs=jobs, optimization="-O1", compiler_flags="-I.."),
    )
    return binary


def run_bench(binary: Path, folder: Path, settings: Mapping[str, object]) -> dict[str, Any]:
    """What the bench tells, run in `folder`. Raises AssertionError where it found something wrong."""
    lines = "\n".join(f"{name} {value}" for name, value in settings.items())
    (folder / "settings").write_text(lines + "\n")
    done = subprocess.run([str(binary)], cwd=folder, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr.strip() or f"the simulation ended with {done.returncode}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told
