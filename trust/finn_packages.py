# SPDX-License-Identifier: BSD-3-Clause
"""FINN's tests, and what only they and FINN's builder need, by pip, into a folder of their own."""

from __future__ import annotations

import sys
from pathlib import Path

from hw_flows.machine.cache import cache_folder
from hw_flows.machine.tools import run_tool
from quantunet_common.files import write_text_atomically

TESTS = "finn-plus-tests==1.6.0"
#: Imported by FINN's test helpers or by its builder. Without their own dependencies: torch and its kin are
#: there, and mip's solver, which no test here calls, is 600 MB.
IMPORTED = (
    *("torchvision==0.28.0", "mip==2.0.0", "cffi==2.1.1", "pycparser==3.12", "wget==3.2", "junitparser==5.0.3"),
    *("pandas==3.1.1", "python-dateutil==4.0.0", "six==1.17.0", "tzdata==2026.6"),
    *("onnx-passes==0.4.1", "scikit-learn==1.9.1", "joblib==1.6.0", "threadpoolctl==3.8.0", "narwhals==2.29.0"),
)
_LIMIT_SECONDS = 900.0


def fetched(log: Path) -> Path:
    """The folder with FINN's `tests` package and its imports; downloaded if it is not there yet.

    Raises ToolError where pip cannot get them.
    """
    folder = cache_folder("finn_tests") / TESTS.replace("==", "-")
    done = folder / "done.txt"
    wanted = "\n".join([TESTS, *IMPORTED]) + "\n"
    if not done.is_file() or done.read_text(encoding="utf-8") != wanted:
        command = [sys.executable, "-m", "pip", "install", "--no-deps", "--upgrade", "--target", str(folder)]
        run_tool("pip", [*command, TESTS, *IMPORTED], cwd=log.parent, log=log, limit_seconds=_LIMIT_SECONDS)
        write_text_atomically(done, wanted)
    return folder
