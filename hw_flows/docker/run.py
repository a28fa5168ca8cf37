# SPDX-License-Identifier: BSD-3-Clause
"""Run a planned container: its output is the caller's, its status is returned, and an interruption stops it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

from hw_flows.config import BuildConfig
from hw_flows.docker.engine import ANSWER_SECONDS, ContainerEngine, find_engine
from hw_flows.docker.images import VENDOR, find_image, require_image, stage_of
from hw_flows.docker.plan import ContainerRun, plan_run
from hw_flows.docker.xilinx import find_installation
from hw_flows.machine.errors import UserError

#: The engine's own statuses: it failed itself, the command cannot be run, the command does not exist.
ENGINE_FAILED = (125, 126, 127)
#: How long an interrupted build may take to end its tools before it is ended.
STOP_SECONDS = 15.0
INTERRUPTED = 130
TERMINATED = 143


def build_in_container(
    cfg: BuildConfig,
    config: Path | None,
    arguments: list[str],
    image: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> int:
    """Run `qu-build ARGUMENTS` in the image that the flow of `cfg` needs; its exit status.

    The image is built when it is not there; `image` names another one. Raises UserError where the engine, the image, an
    input or the Xilinx tools are missing.
    """
    stage = stage_of(cfg.flow, environment)
    xilinx = find_installation(environment) if stage == VENDOR else None
    engine = find_engine()
    chosen = find_image(stage, image)
    planned = plan_run(cfg, config, arguments, engine, chosen, xilinx, environment)
    require_image(engine, chosen, environment)
    return run_container(engine, planned)


def run_container(engine: ContainerEngine, planned: ContainerRun) -> int:
    """The exit status of the command inside. Raises UserError where the engine could not run it.

    Ctrl-C reaches the container through the engine's client; one that has not ended after STOP_SECONDS, or whose caller
    ends for another reason, is stopped.
    """
    sys.stdout.flush()
    with _terminated_by_exception():
        try:
            process = subprocess.Popen(planned.command, stdin=subprocess.DEVNULL)
        except OSError as error:
            raise UserError(f"{engine.program} could not be started: {error.strerror}", str(engine.program)) from error
        try:
            status = process.wait()
        except KeyboardInterrupt:
            with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                if process.wait(STOP_SECONDS) == INTERRUPTED:
                    return INTERRUPTED  # the build inside has said what there is to say
            _stop(engine, planned, process)
            raise
        except BaseException:
            _stop(engine, planned, process)
            raise
    if status in ENGINE_FAILED:
        raise UserError(
            f"{engine.program.name} could not run the container (status {status})",
            planned.name,
            "its own message is above; qu-doctor examines the engine",
        )
    return status if status >= 0 else 128 - status


def _stop(engine: ContainerEngine, planned: ContainerRun, process: subprocess.Popen[bytes]) -> None:
    """End the container, so that nothing goes on writing behind the caller's back, and the engine's client."""
    with contextlib.suppress(OSError, subprocess.SubprocessError, KeyboardInterrupt):
        command = [str(engine.program), "stop", "-t", "5", planned.name]
        subprocess.run(command, capture_output=True, timeout=ANSWER_SECONDS, stdin=subprocess.DEVNULL, check=False)
    with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
        process.wait(STOP_SECONDS)
    if process.poll() is None:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _terminated_by_exception() -> Iterator[None]:
    """SIGTERM ends the caller through the clean-up instead of past it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(signal_number: int, frame: FrameType | None) -> None:
        raise SystemExit(TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
