# SPDX-License-Identifier: BSD-3-Clause
"""`python -m trust.wheel`: build the wheel, install it outside the checkout, and use it there as a stranger would.

Nothing but Python with venv and a C++ compiler is needed; pip brings the rest, 1.5 GB, into a folder that is removed at the end.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import ToolError
from trust.wheel.checks import CHECKS, Check
from trust.wheel.machine import Machine
from trust.wheel.versions import PINNED, VERSIONS, constraints
from trust.wheel.wheel import build_wheel, left_out

_Result = TypeVar("_Result")
EXAMPLE = "example: python3 -m trust.wheel --versions lowest --pip-args '--extra-index-url https://index/of/cpu/builds'"


def main(arguments: Sequence[str] | None = None) -> int:
    """Status 0: all holds; 1: something does not; 2: it could not be tried."""
    parser = argparse.ArgumentParser(prog="python -m trust.wheel", description=__doc__, epilog=EXAMPLE)
    parser.add_argument(
        "--versions",
        choices=VERSIONS,
        default=PINNED,
        help="of the requirements: those of constraints.txt, the lower bounds, or what pip takes; default: %(default)s",
    )
    parser.add_argument("--pip-args", default="", help="further arguments of pip install")
    parser.add_argument("--folder", type=Path, help="new folder to work in, which stays; default: a temporary one")
    options = parser.parse_args(arguments)
    try:
        if options.folder is not None:
            return _try(options.folder.resolve(), options.versions, shlex.split(options.pip_args))
        with tempfile.TemporaryDirectory(prefix="wheel-") as folder:
            return _try(Path(folder), options.versions, shlex.split(options.pip_args))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _try(folder: Path, versions: str, pip_arguments: list[str]) -> int:
    machine = Machine(folder / "machine")
    _timed("a new environment", machine.set_up)
    (folder / "wheel").mkdir()
    wheel = _timed("the wheel", lambda: build_wheel([str(machine.python), "-m", "pip", "wheel"], folder / "wheel"))
    failed = 0
    if missing := left_out(wheel):
        print(f"DOES NOT HOLD: the wheel leaves out {', '.join(missing)}", flush=True)
        failed = 1
    wanted = [*constraints(versions, folder), *pip_arguments, str(wheel)]
    _timed(f"installed, {versions} versions", lambda: machine.pip("install", "--quiet", *wanted))
    for name, check in CHECKS:
        wrong = _timed(name, partial(_wrong, check, machine))
        if wrong is not None:
            print(f"DOES NOT HOLD: {name}: {wrong}", flush=True)
            failed = 1
    return failed


def _wrong(check: Check, machine: Machine) -> str | None:
    try:
        return check(machine)
    except ToolError as error:
        return str(error)


def _timed(name: str, action: Callable[[], _Result]) -> _Result:
    started = time.monotonic()
    result = action()
    print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main())
