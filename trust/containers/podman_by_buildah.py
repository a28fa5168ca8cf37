# SPDX-License-Identifier: BSD-3-Clause
"""Stands in for the program `podman` where there is buildah alone: hands `build` and `run` to it. For root.

It works where no engine does, for example inside another container: layers are plain copies (`vfs`) and a command runs in
a chroot; STORAGE_DRIVER and BUILDAH_ISOLATION choose others. Mounts, user, variables, working folder and `--network none`
are honoured; there is no init process and no group but the user's, and `stop` is not known.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable

SETTINGS = {"STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
#: Status of an engine that fails itself.
FAILED = 125
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1
UNITS = {"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}


def main(arguments: list[str]) -> int:
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    match arguments:
        case ["--version"]:
            print(f"podman, in its place {_answer(['--version']).stdout.strip()}")
        case ["info", *_]:
            print("false")  # not rootless
        case ["image", "inspect", "--format", what, image]:
            return _inspect(what, image)
        case ["build", *rest]:
            return _buildah(["bud", "--pull-never", "--network", "host", "--format", "docker", *rest])
        case ["run", *rest]:
            return _run(rest)
        case ["rm", "--force", container]:
            return _answer(["rm", container]).returncode
        case _:
            print(f"not known here: {' '.join(arguments)}", file=sys.stderr)
            return FAILED
    return 0


def _inspect(what: str, image: str) -> int:
    """Whether an image is there; the answer is its size in bytes, as far as buildah tells it, or its id."""
    answer = _answer(["images", "--json", image])
    if answer.returncode != 0:
        return 1
    (found, *_) = json.loads(answer.stdout)
    number, unit = found["size"].split()
    print(int(float(number) * UNITS[unit.upper()]) if "Size" in what else found["id"])
    return 0


def _run(arguments: list[str]) -> int:
    """`podman run`: a container of the image, the command in it, and the container's end."""
    asked = _parser().parse_args(arguments)
    made = _answer(["from", "--pull-never", *(["--name", asked.name] if asked.name else []), asked.image])
    if made.returncode != 0:
        print(made.stderr, end="", file=sys.stderr)
        return FAILED
    container = made.stdout.strip()
    try:
        words = asked.command or _configured(asked.image, "Cmd")
        options = ["--user", asked.user] if asked.user else []
        options += ["--workingdir", asked.workdir] if asked.workdir else []
        options += [word for mount in asked.mount for word in ("--mount", _writable(mount))]
        options += [word for variable in asked.env for word in ("--env", variable)]
        # buildah's `run` starts the command alone.
        command = ["run", *options, container, "--", *_configured(asked.image, "Entrypoint"), *words]
        return _buildah(command, leave_network if asked.network == "none" else None)
    finally:
        _answer(["rm", container])


def _writable(mount: str) -> str:
    """A bind mount as buildah wants it, which takes one for read-only that says nothing."""
    return mount if "readonly" in mount.split(",") else f"{mount},rw"


def _parser() -> argparse.ArgumentParser:
    """The options of `run` that this project uses."""
    parser = argparse.ArgumentParser(prog="podman run")
    for flag in ("--rm", "--init", "--tty"):
        parser.add_argument(flag, action="store_true")
    for single in ("--name", "--user", "--workdir", "--network", "--security-opt", "--userns"):
        parser.add_argument(single)
    for several in ("--mount", "--env", "--group-add"):
        parser.add_argument(several, action="append", default=[])
    parser.add_argument("image")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    return parser


def leave_network() -> None:
    """Go into a network of one's own, in which there is only this machine's loopback. Raises OSError where that is not
    allowed."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "no network of its own: unshare")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        fcntl.ioctl(handle, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def _configured(image: str, key: str) -> list[str]:
    """Entrypoint or Cmd of an image."""
    answer = _answer(["inspect", "--type", "image", image])
    return list(json.loads(answer.stdout)["Docker"]["config"].get(key) or [])


def _buildah(arguments: list[str], before: Callable[[], None] | None = None) -> int:
    return subprocess.run(["buildah", *arguments], preexec_fn=before, check=False).returncode


def _answer(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["buildah", *arguments], capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
