# SPDX-License-Identifier: BSD-3-Clause
"""One process of a training, as `qu-train` runs it, that can be made to behave otherwise.

    [torchrun ...] python one_process.py CONFIG.json OUTPUT CURVE.json [--double] [--resume]
        [--kill-step N] [--kill-rank R] [--kill-in-save]

CURVE.json gets [loss, weight bits, activation bits] of each step.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path

import torch

from quantunet.config import TrainConfig
from quantunet.train import Progress, train
from quantunet_common.errors import UserError


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("config", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("curve", type=Path)
    parser.add_argument("--double", action="store_true", help="compute in float64")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--kill-step", type=int, help="SIGKILL after this step")
    parser.add_argument("--kill-rank", type=int, default=0, help="which process")
    parser.add_argument("--kill-in-save", action="store_true", help="within the next save of a checkpoint instead")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.double:
        torch.set_default_dtype(torch.float64)
    first = os.environ.get("RANK", "0") == "0"
    mine = int(os.environ.get("RANK", "0")) == options.kill_rank
    curve: list[tuple[float, float, float]] = []

    def report(progress: Progress) -> None:
        curve.append((progress.loss, progress.weight_bits, progress.activation_bits))
        if mine and progress.step == options.kill_step:
            if options.kill_in_save:
                kill_between_the_moves(options.output / "best")
            else:
                kill()

    try:
        train(
            TrainConfig.model_validate_json(options.config.read_bytes()),
            options.output,
            resume=options.resume,
            command="qu-train --example",
            report=report,
        )
    except UserError as error:
        sys.exit(f"error: {error}")
    if first:
        options.curve.write_text(json.dumps(curve))


def kill_between_the_moves(folder: Path) -> None:
    """From now on: SIGKILL once `folder` has been moved aside, before the new one is in its place."""
    replace = Path.replace

    def deadly(self: Path, target: Path) -> Path:
        moved = replace(self, target)
        if self == folder:
            kill()
        return moved

    Path.replace = deadly  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    main()
