# SPDX-License-Identifier: BSD-3-Clause
"""A page in a real browser, where there is one: Debian's package `chromium`."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: Debian's package chromium")

#: Asks the page in a frame of some width, and leaves the answer as text.
_FRAME = """<!doctype html><meta charset="utf-8"><body style="margin:0">
<iframe id="frame" src="%s" style="border:0;width:%dpx;height:900px"></iframe><pre id="answer"></pre>
<script>document.getElementById("frame").addEventListener("load", (event) => {
  const page = event.target.contentDocument, view = event.target.contentWindow;
  document.getElementById("answer").textContent = JSON.stringify((%s)(page, view));
});</script>"""


def ask(page: Path, question: str, width: int, dark: bool = False) -> tuple[Any, list[str]]:
    """What the function `question` of document and window, in JavaScript, returns; and errors on the console."""
    assert CHROMIUM is not None
    frame = page.with_name(f"frame_{width}.html")
    frame.write_text(_FRAME % (page.name, width, question), encoding="utf-8")
    run = subprocess.run(
        [
            CHROMIUM,
            *(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--allow-file-access-from-files",
                "--enable-logging=stderr",
            ),
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            f"--user-data-dir={page.parent / 'browser'}",
            *("--window-size=1300,950", "--virtual-time-budget=4000", "--dump-dom", frame.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    answer = re.search(r'<pre id="answer">(.*?)</pre>', run.stdout, re.DOTALL)
    assert answer is not None and answer[1], run.stderr[-2000:]
    return json.loads(html.unescape(answer[1])), [line for line in run.stderr.splitlines() if "CONSOLE" in line]
