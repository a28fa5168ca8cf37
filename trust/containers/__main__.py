# SPDX-License-Identifier: BSD-3-Clause
"""`python -m trust.containers`: build the images of docker/ and try all that they are for.

Each image is built from nothing that was built before but the engine's own layers. In it, as a user whom it does not know
and without a network: every command, qu-doctor, qu-eval, a small qu-experiment, and the demo to its report; from outside
`qu-build --docker`. The results are compared with those of the same build on this machine. The engine is the one that
qu-build would take, else buildah (root). FINN_DOCKER_BUILD_EXTRA holds further arguments of the image's build, for example
`--volume /etc/pip.conf:/etc/pip.conf:ro` or `--build-arg PIP_ARGS=...`. Needs 25 GB of disk and most of an hour.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from hw_flows.docker.images import OPEN, VENDOR, project_folder
from hw_flows.machine.errors import UserError
from quantunet_common.files import write_text_atomically
from trust.containers.engine import find_trial_engine
from trust.containers.summary import markdown
from trust.containers.trial import ContainerTrial, revision

EXAMPLE = "example: python -m trust.containers --stages open"


def main(arguments: Sequence[str] | None = None) -> int:
    """Status 0: all holds; 1: something does not, the summary is written; 2: it could not be tried."""
    project = project_folder()
    parser = argparse.ArgumentParser(
        prog="python -m trust.containers",
        description=__doc__,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stages", nargs="+", choices=(OPEN, VENDOR), default=[OPEN, VENDOR], help="default: both")
    parser.add_argument(
        "--config",
        type=Path,
        default=project / "build_configs" / "demo.yaml",
        help="what is built in and outside of the images; below the project's folder",
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=project / "builds" / "containers",
        help="folder for logs, builds and summary.md; emptied first",
    )
    parser.add_argument(
        "--no-build", action="store_true", help="try the images of these sources that are there already"
    )
    options = parser.parse_args(arguments)
    try:
        work = options.work.resolve()
        if work.exists() and any(work.iterdir()) and not (work / "summary.md").exists():
            raise UserError("the folder holds other files", str(work), "choose an empty or a new one with --work")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        write_text_atomically(work / "summary.md", "not done\n")
        engine = find_trial_engine(work)
        trial = ContainerTrial(
            engine, work, options.config.resolve(), lambda line: print(line, flush=True), not options.no_build
        )
        tried = [trial.outside()]
        for stage in options.stages:
            tried += trial.image(stage)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    machine = f"{os.cpu_count()} cores, {platform.machine()}"
    text = markdown(time.strftime("%Y-%m-%d"), engine, revision(), machine, tried)
    write_text_atomically(work / "summary.md", text)
    print(f"\n{text}\n{work / 'summary.md'}")
    return 0 if all(row.holds for row in tried) else 1


if __name__ == "__main__":
    sys.exit(main())
