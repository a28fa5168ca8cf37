# SPDX-License-Identifier: BSD-3-Clause
"""A process that has imported everything and forks once for each command; `serve` is its main function.

It reads a JSON job a line (folder, program, arguments, wall_seconds) and answers with a JSON line (status, signal, timed_out, memory,
seconds). The job's command runs in `folder`, with its output in `said.txt` and what the guard saw in `seen.txt`.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from trust.hostile_input.case import IDLE_SECONDS
from trust.hostile_input.commands import installed
from trust.hostile_input.guard import limit_resources, watch

#: Where a case may write: the output folder, the folder for temporary files and the one for the caches.
OUTPUT, TEMPORARY, CACHE = "out", "tmp", "cache"


def serve() -> None:
    """Answer jobs until standard input ends."""
    commands = _commands()
    print(json.dumps({"ready": True}), flush=True)
    while line := sys.stdin.readline():
        print(json.dumps(_run(json.loads(line), commands)), flush=True)


def _commands() -> dict[str, Callable[[], Any]]:
    """All commands that are installed, with everything imported that they import late."""
    import brevitas.export
    import monai.transforms  # noqa: F401
    import nibabel

    import_module("nilearn")
    import nrrd  # noqa: F401
    import onnxruntime  # noqa: F401
    import pydicom.pixels  # noqa: F401
    import torch

    import hw_flows.build
    import hw_flows.build.console
    import hw_flows.cli
    import hw_flows.deploy.simulated
    import hw_flows.doctor
    import hw_flows.resimulate
    import quantunet_lab.cli
    import quantunet_lab.experiment.page
    import quantunet_lab.experiment.sweep
    import quantunet_lab.forms  # noqa: F401
    from hw_flows.finn_environment import prepare_finn
    from hw_flows.steps import STEP_NAMES, load_step

    with tempfile.TemporaryDirectory() as scratch:
        prepare_finn(Path(scratch))
        for name in STEP_NAMES:
            load_step(name)
        import hw_flows.inputs
        import hw_flows.network.execute
        import hw_flows.network.verification  # noqa: F401
    for name in ("FINN_BUILD_DIR", "FINN_SETTINGS"):  # of the scratch folder, which is gone
        del os.environ[name]
    torch.set_num_threads(1)  # a thread of the parent would be missing after the fork
    assert brevitas.export and nibabel
    return installed()


def _run(job: dict[str, Any], commands: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    before = _resident()
    child = os.fork()
    if child == 0:
        _be_the_command(Path(job["folder"]), job["program"], job["arguments"], commands)
    ended = _wait(child, job["wall_seconds"])
    with contextlib.suppress(ProcessLookupError):  # the command, or what it left behind
        os.killpg(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return {
        "status": code,
        "timed_out": not ended,
        "memory": max(0, usage.ru_maxrss * 1024 - before),
        "seconds": usage.ru_utime + usage.ru_stime,
    }


def _wait(child: int, limit: float) -> bool:
    """Until it has ended, or, False, sleeps and does nothing, or has taken too long."""
    waiting = os.pidfd_open(child)
    deadline = time.monotonic() + limit
    awake = time.monotonic()
    spent = ""
    try:
        while time.monotonic() < deadline:
            if select.select([waiting], [], [], 1.0)[0]:
                return True
            state, *numbers = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            spent_now = " ".join(numbers[10:14])  # its own time and that of its children
            if state != "S" or spent_now != spent or _has_children(child):
                awake, spent = time.monotonic(), spent_now
            elif time.monotonic() - awake > IDLE_SECONDS:
                return False
    finally:
        os.close(waiting)
    return False


def _has_children(process: int) -> bool:
    """Whether any of its threads waits for a tool."""
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # of a thread that has just ended
            if file.read_text():
                return True
    return False


def _be_the_command(folder: Path, program: str, arguments: list[str], commands: dict[str, Callable[[], Any]]) -> None:
    """Never returns."""
    os.setsid()
    os.chdir(folder)
    nothing = os.open(os.devnull, os.O_RDONLY)
    said = os.open("said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    seen = os.open("seen.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for target, source in ((0, nothing), (1, said), (2, said)):
        os.dup2(source, target)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
    sys.stderr = open(2, "w", closefd=False, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    os.environ.update({"TMPDIR": str(folder / TEMPORARY), "HOME": str(folder / TEMPORARY)})
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(folder / TEMPORARY / "torchinductor")
    os.environ.setdefault("QU_CACHE", str(folder / CACHE))
    tempfile.tempdir = None
    sys.argv = [program, *arguments]
    sys.path.insert(0, str(folder / "in"))  # so that a module of the input would be found
    limit_resources()
    cache = Path(os.environ["QU_CACHE"])
    watch(seen, [folder / OUTPUT, folder / TEMPORARY, cache])
    code: Any = 70
    try:
        commands[program]()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
