# SPDX-License-Identifier: BSD-3-Clause
"""Makes FINN's transformations and custom operators run in this process, without FINN's command line and Vivado."""

from __future__ import annotations

import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def prepare_finn(build_dir: Path) -> None:
    """Point FINN's scratch files at `build_dir`, silence its log, and register our operators. May be called again.

    FINN reads its settings from environment variables and from a file in the home folder; both are set to places
    under `build_dir`, so that nothing outside of it is read or written.
    """
    build_dir = build_dir.absolute()
    build_dir.mkdir(parents=True, exist_ok=True)
    os.environ["FINN_BUILD_DIR"] = str(build_dir)
    os.environ["FINN_SETTINGS"] = str(build_dir / "finn_settings.yaml")
    # each data type or layout that FINN infers anew is a warning in its log; errors still come as exceptions
    logging.getLogger("finn_logger").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module=r"(qonnx|finn|brevitas)\.")

    import onnxruntime

    onnxruntime.set_default_logger_severity(4)  # it writes what it also raises, in colours, past Python's own streams

    from finn.util.settings import initialize_dummy_settings

    initialize_dummy_settings()

    from hw_flows.operators import register

    register()


@contextmanager
def finn_in_scratch(prefix: str) -> Iterator[Path]:
    """FINN prepared in a folder that is removed at the end; who had prepared it before finds it as it was."""
    before = os.environ.get("FINN_BUILD_DIR")
    with tempfile.TemporaryDirectory(prefix=prefix) as folder:
        prepare_finn(Path(folder))
        try:
            yield Path(folder)
        finally:
            if before is None:
                del os.environ["FINN_BUILD_DIR"], os.environ["FINN_SETTINGS"]
            else:
                prepare_finn(Path(before))
