# SPDX-License-Identifier: BSD-3-Clause
"""Peak memory of this process and all that it started, by phase, sampled from /proc (Linux).

`ru_maxrss` does not do here: a child inherits the high-water mark of the process that started it, and it has no sum.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from pathlib import Path

PERIOD_SECONDS = 0.1
_PAGE = os.sysconf("SC_PAGE_SIZE")


class MemoryWatch(threading.Thread):
    """Samples resident memory (shared pages counted in each process) until `stop`; `peaks` is in bytes by phase."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.phase = "start"
        self.peaks: dict[str, int] = defaultdict(int)
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(PERIOD_SECONDS):
            phase = self.phase
            self.peaks[phase] = max(self.peaks[phase], tree_bytes(os.getpid()))

    def stop(self) -> dict[str, int]:
        """End sampling; peak by phase in bytes."""
        self._ended.set()
        self.join()
        return dict(self.peaks)


def tree_bytes(root: int) -> int:
    """Resident bytes of process `root` and its descendants."""
    parent, resident = {}, {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            # the name, in brackets, may hold blanks: fields are counted behind it
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        parent[int(folder.name)], resident[int(folder.name)] = int(fields[1]), int(fields[21]) * _PAGE
    own = {root}
    for process in sorted(parent):  # a child's number is the higher one, but for wrap-around: repeat until nothing new
        if parent[process] in own:
            own.add(process)
    while new := {p for p, above in parent.items() if above in own} - own:
        own |= new
    return sum(resident[process] for process in own if process in resident)
