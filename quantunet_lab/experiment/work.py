# SPDX-License-Identifier: BSD-3-Clause
"""What a worker does: it trains a network, measures it, and asks the flow what it would take on a board."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quantunet_common.errors import UserError
from quantunet_common.files import write_durably
from quantunet_common.locks import claimed_folder
from quantunet_lab.experiment.config import Hardware
from quantunet_lab.experiment.runs import (
    HARDWARE,
    PREDICTIONS,
    RESULT,
    HardwareEstimate,
    ImageScore,
    Run,
    Status,
    TrainedRun,
)

MARKER = "experiment.json"


def train_run(run: Run, threads: int, report: Callable[[str], None]) -> TrainedRun:
    """Train and measure, going on where an earlier attempt stopped.

    Args:
        threads: of torch.
        report: told a line each tenth of the way.

    Raises:
        UserError: this machine does not see the experiment's folder, another one trains the run,
            or the training cannot go on.
    """
    _check_folder(run)
    # Workers of a cluster may still train what a process that is gone asked for.
    with claimed_folder(run.folder, "another worker"):
        return _train(run, threads, report)


def _train(run: Run, threads: int, report: Callable[[str], None]) -> TrainedRun:
    import torch

    from quantunet.train import Progress, train

    torch.set_num_threads(threads)
    run.clear()
    resume = run.status() is not Status.NEW
    steps = run.settings.steps
    every = max(1, steps // 10)

    def tell(progress: Progress) -> None:
        if progress.step % every == 0 or progress.step == steps:
            dice = "" if progress.validation_dice is None else f", Dice {progress.validation_dice:.4f}"
            bits = f"{progress.weight_bits:.2f} W / {progress.activation_bits:.2f} A bits"
            report(f"step {progress.step}/{steps}, loss {progress.loss:.3f}{dice}, {bits}")

    started = time.monotonic()
    command = f"qu-experiment: {run.name}"
    trained = train(run.settings, run.training, resume=resume, command=command, report=tell, say=report)
    return _measure(run, trained.checkpoint, time.monotonic() - started)


def _check_folder(run: Run) -> None:
    root = run.folder.parents[2]
    if not (root / MARKER).is_file():
        raise UserError(
            "the worker does not see the experiment's folder",
            str(root),
            "Workers on other machines need it under the same path, on a shared file system.",
        )


def _measure(run: Run, checkpoint: Path, seconds: float) -> TrainedRun:
    """Scores of the best checkpoint, and what it predicts, on the test part or, where there is none, the validation
    part.
    """
    import torch

    from quantunet.checkpoint import load_checkpoint, read_description
    from quantunet.data import load_data
    from quantunet.exact import exact_logits
    from quantunet.image_scores import measured_logits
    from quantunet.metrics import widths

    model = load_checkpoint(checkpoint)
    split = load_data(run.settings.data, run.settings.model)
    pairs = split.validation if split.test is None else split.test
    images, masks = pairs.as_float()
    logits = torch.from_numpy(exact_logits(model, images))
    measured = measured_logits(logits, torch.from_numpy(masks), pairs.names, pairs.case_names)
    whole, cost = measured.whole, widths(model)
    training = read_description(checkpoint).training
    assert training is not None
    result = TrainedRun(
        settings=run.settings,
        part="validation" if split.test is None else "test",
        dice=whole.dice,
        iou=whole.iou,
        pixel_accuracy=whole.pixel_accuracy,
        images=whole.images,
        mean_weight_bits_per_layer=cost.mean_weight_bits_per_layer,
        mean_activation_bits=cost.mean_activation_bits,
        mean_bits_per_weight=cost.mean_bits_per_weight,
        size_bytes=cost.size_bytes,
        compression=cost.compression,
        best_step=training.step,
        seconds=round(seconds, 1),
        cases=tuple(ImageScore.model_validate(vars(image)) for image in measured.images),
    )
    write_durably(run.folder / PREDICTIONS, _npy((logits > 0).numpy()))
    # The figures last: who finds them finds the predictions too.
    write_durably(run.folder / RESULT, (result.model_dump_json(indent=1) + "\n").encode())
    return result


def _npy(array: NDArray[np.bool_]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def estimate_run(run: Run, hardware: Hardware) -> HardwareEstimate:
    """Build the trained network up to its FIFOs and write down what the cost models say.

    Raises:
        UserError: the flow cannot build it, or not as fast as asked for.
    """
    _check_folder(run)
    from hw_flows.build import build
    from hw_flows.config import load_config
    from hw_flows.report.files import read_report

    run.clear()
    folder = run.folder / "build"
    values: dict[str, object] = {
        "model": run.training / "best",
        "output_dir": folder,
        "board": hardware.board,
        "flow": "none",
        "target_fps": hardware.target_fps,
        "frames": 1,
        "stop_step": "step_set_fifo_depths",
        "jobs": 1,
    }
    outcome = build(load_config(None, values))
    if not outcome.ok:
        raise UserError("; ".join(outcome.failures), str(folder), "See build.log there.")
    total = (read_report(folder, "estimate") or {})["total"]
    folding = read_report(folder, "folding") or {}
    found = HardwareEstimate(
        board=hardware.board,
        target_fps=hardware.target_fps,
        fps=folding["fps"],
        lut=total["LUT"],
        ff=total["FF"],
        bram36=total["BRAM36"],
        dsp=total["DSP"],
    )
    write_durably(run.folder / HARDWARE, (found.model_dump_json(indent=1) + "\n").encode())
    return found
