# SPDX-License-Identifier: BSD-3-Clause
"""What a build shows in the terminal: a line per step, a live bar for the running one, a summary at the end."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from rich.console import Console as RichConsole
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from hw_flows.build.run import Listener
from hw_flows.build.state import StepRecord

MARKS = {"done": "ok", "kept": "kept", "failed": "FAILED", "skipped": "skipped"}
BATCH_INTERVAL_SECONDS = 10.0


class Console(Listener):
    """Live in a terminal; plain lines with `batch` or where the output is not a terminal."""

    def __init__(self, batch: bool = False) -> None:
        self._console = RichConsole(highlight=False)
        self._live = not batch and sys.stdout.isatty()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._heading = ""
        self._last_line = 0.0
        self._number = 0

    def step_started(self, number: int, total: int, name: str) -> None:
        self._number = number
        self._heading = f"[{number:2d}/{total}] {name}"
        self._last_line = time.monotonic()
        if self._live:
            self._bar = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                TimeElapsedColumn(),
                TextColumn("{task.fields[words]}"),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task(self._heading.replace("[", r"\["), total=None, words="")
            self._bar.start()

    def progress(self, fraction: float, words: str) -> None:
        if self._bar is not None and self._task is not None:
            total = 1.0 if fraction > 0 else None
            self._bar.update(self._task, total=total, completed=fraction, words=words)
        elif not self._live and time.monotonic() - self._last_line > BATCH_INTERVAL_SECONDS:
            self._last_line = time.monotonic()
            self._print(f"        {words} ({100 * fraction:.0f} %)")

    def step_ended(self, record: StepRecord) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        self._number += record.status in ("kept", "skipped")
        self._print(f"  {MARKS.get(record.status, record.status):8}{record.name:34}{record.seconds:8.1f} s")

    def say(self, words: str) -> None:
        self._print(words)

    def summary(self, output_dir: Path) -> None:
        """Tables of what was verified, how fast it is and what it costs."""
        from hw_flows.report.terminal import print_summary

        print_summary(output_dir, self._console)

    def _print(self, words: str) -> None:
        self._console.print(words, markup=False, soft_wrap=True)
