# SPDX-License-Identifier: BSD-3-Clause
"""Stands in for the `docker` program: answers its questions, notes what it was asked, and really runs the command.

    MOCK_NOTES   file that gets one JSON list of arguments per call
    MOCK_IMAGES  file with the names of the images that are there, one a line; `build` adds one
    MOCK_INFO    what `info` answers; "silent" is an engine whose service does not run
    MOCK_STATUS  status with which `build` and an engine's own failure of `run` end

`run` insists on absolute bind mounts that exist, and starts the command as the user, in the folder and with the variables
asked for, and with no other variable of the caller's.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

QU_BUILD = "import sys; sys.argv[0] = 'qu-build'; from hw_flows.cli import build_main; build_main()"


def main(arguments: list[str]) -> int:
    with Path(os.environ["MOCK_NOTES"]).open("a") as notes:
        notes.write(json.dumps(arguments) + "\n")
    images = Path(os.environ["MOCK_IMAGES"])
    info = os.environ.get("MOCK_INFO", '["name=seccomp,profile=builtin"]')
    match arguments:
        case ["--version"]:
            print("podman version 5.0.0" if info in ("true", "false") else "Docker version 28.2.2, build e6534b4")
        case ["info", *_]:
            if info == "silent":
                print("Cannot connect to the Docker daemon. Is the docker daemon running?", file=sys.stderr)
                return 1
            print(info)
        case ["image", "inspect", *_, name]:
            return 0 if name in images.read_text().splitlines() else 1
        case ["build", *rest]:
            with images.open("a") as file:
                file.write(rest[rest.index("--tag") + 1] + "\n")
            return int(os.environ.get("MOCK_STATUS", "0"))
        case ["run", *rest]:
            return run(rest)
        case ["stop", *_, name]:
            os.kill(int(running(name).read_text()), signal.SIGKILL)
        case _:
            raise AssertionError(arguments)
    return 0


def running(name: str) -> Path:
    """The file with the process id of a container."""
    return Path(os.environ["MOCK_NOTES"]).with_name(f"{name}.pid")


def run(arguments: list[str]) -> int:
    if status := int(os.environ.get("MOCK_STATUS", "0")):
        return status
    parser = argparse.ArgumentParser()
    for flag in ("--rm", "--init", "--tty"):
        parser.add_argument(flag, action="store_true")
    for single in ("--name", "--user", "--workdir", "--network", "--security-opt", "--userns"):
        parser.add_argument(single)
    for several in ("--mount", "--env", "--group-add"):
        parser.add_argument(several, action="append", default=[])
    parser.add_argument("image")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args(arguments)
    for mount in asked.mount:
        fields = dict(f.split("=", 1) for f in next(csv.reader([mount])) if "=" in f)
        source = Path(fields["source"])
        assert fields["type"] == "bind" and source.is_absolute() and source.exists(), mount
    user, group = map(int, asked.user.split(":"))
    own = {k: os.environ[k] for k in ("PATH", "PYTHONPATH") if k in os.environ}
    own |= dict(variable.split("=", 1) for variable in asked.env)
    name, *rest = asked.command
    command = [sys.executable, "-c", QU_BUILD, *rest] if name == "qu-build" else asked.command
    as_root = os.getuid() == 0
    child = subprocess.Popen(
        command,
        cwd=asked.workdir,
        env=own,
        user=user if as_root else None,
        group=group if as_root else None,
        start_new_session=True,  # the caller's terminal is not the container's
    )
    running(asked.name).write_text(str(child.pid))
    # The client of an engine hands signals on to the container.
    signal.signal(signal.SIGINT, lambda number, frame: child.send_signal(number))
    status = child.wait()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
