# SPDX-License-Identifier: BSD-3-Clause
"""What watches a command from inside its process: whatever Python opens for writing, imports, unpickles or starts.

Python tells audit hooks (PEP 578) before it acts, and nobody can take a hook away again. Each line of the record is a
verdict and what was seen.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from trust.hostile_input.case import ADDRESS_BOUND, CPU_SECONDS, InputVerdict
from trust.hostile_input.payloads import CANARY_MODULE

#: Programs that the commands start.
TOOLS = {
    *("g++", "make", "perl", "verilator", "verilator_bin", "vivado", "python", "python3", Path(sys.executable).name),
    *("docker", "podman", "openFPGALoader"),  # which qu-doctor asks for their versions
}
#: Starting something, by name of the event; the place of the program in the event's arguments.
_STARTS = {"subprocess.Popen": 0, "os.exec": 0, "os.posix_spawn": 0, "os.system": 0, "pty.spawn": 0, "os.startfile": 0}
#: Changing something, by name of the event: the place of each path in the event's arguments, and of its folder's descriptor.
_CHANGES: dict[str, Sequence[tuple[int, int | None]]] = {
    "os.rename": ((0, 2), (1, 3)),
    "os.remove": ((0, 1),),
    "os.mkdir": ((0, 2),),
    "os.rmdir": ((0, 1),),
    "os.symlink": ((1, 2),),
    "os.link": ((1, 3),),
    "os.truncate": ((0, None),),
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC


def limit_resources() -> None:
    """Bound address space and processor time of this process and what it starts."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    address = pages * os.sysconf("SC_PAGE_SIZE") + ADDRESS_BOUND
    resource.setrlimit(resource.RLIMIT_AS, (address, address))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**30, 2**30))


def watch(record: int, allowed: Sequence[Path]) -> None:
    """From now on write to the file descriptor `record` what this process does outside of the folders `allowed`."""
    roots = tuple(os.path.realpath(folder) for folder in allowed)

    def outside(path: Any, folder: Any = None, follow: bool = False) -> bool:
        if isinstance(path, int) or path is None:
            return False
        text = os.fsdecode(path)
        if isinstance(folder, int) and folder >= 0 and not text.startswith("/"):
            text = f"{Path(f'/proc/self/fd/{folder}').readlink()}/{text}"
        whole = Path(text)
        # renaming or removing changes a link itself, opening follows it
        real = os.path.realpath(whole) if follow else f"{os.path.realpath(whole.parent)}/{whole.name}"
        return real != "/dev/null" and not any(real == root or real.startswith(root + "/") for root in roots)

    def note(verdict: InputVerdict, what: str) -> None:
        os.write(record, f"{verdict.name} {what!r}\n".encode("utf-8", "backslashreplace"))

    hooks: dict[str, Callable[[tuple[Any, ...]], None]] = {}

    def opened(arguments: tuple[Any, ...]) -> None:
        path, mode, flags = arguments
        writing = any(c in (mode or "") for c in "wax+") if isinstance(mode, str) else bool((flags or 0) & _WRITING)
        if writing and outside(path, follow=True):
            note(InputVerdict.ESCAPED, f"opened {os.fsdecode(path)} for writing")

    def started(event: str) -> Callable[[tuple[Any, ...]], None]:
        def hook(arguments: tuple[Any, ...]) -> None:
            program = arguments[_STARTS[event]]
            known = Path(os.fsdecode(program)).name in TOOLS or not outside(program)  # a simulator that was compiled
            if event == "os.system" or not known:
                note(InputVerdict.EXECUTED, f"{event} of {os.fsdecode(program)}")

        return hook

    def changed(event: str) -> Callable[[tuple[Any, ...]], None]:
        def hook(arguments: tuple[Any, ...]) -> None:
            for place, folder in _CHANGES[event]:
                if outside(arguments[place], None if folder is None else arguments[folder]):
                    note(InputVerdict.ESCAPED, f"{event} of {os.fsdecode(arguments[place])}")

        return hook

    def unpickled(arguments: tuple[Any, ...]) -> None:
        note(InputVerdict.EXECUTED, f"unpickled {arguments[0]}.{arguments[1]}")

    def imported(arguments: tuple[Any, ...]) -> None:
        if str(arguments[0]).split(".")[0] == CANARY_MODULE:
            note(InputVerdict.EXECUTED, f"imported {arguments[0]}")

    def connected(arguments: tuple[Any, ...]) -> None:
        note(InputVerdict.ESCAPED, f"network: {arguments[1:]}")

    hooks["open"] = opened
    hooks["pickle.find_class"] = unpickled
    hooks["import"] = imported
    hooks["socket.connect"] = connected
    hooks["socket.getaddrinfo"] = connected
    hooks.update({event: started(event) for event in _STARTS})
    hooks.update({event: changed(event) for event in _CHANGES})
    inside = [False]  # what a hook itself does raises events too

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        found = hooks.get(event)
        if found is None or inside[0]:
            return
        inside[0] = True
        try:
            found(arguments)
        finally:
            inside[0] = False

    sys.addaudithook(hook)
