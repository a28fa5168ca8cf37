# SPDX-License-Identifier: BSD-3-Clause
"""What batch normalization costs in accuracy against group and instance normalization, which have no hardware.

    .venv/bin/python benchmarks/normalization.py DATA [--group-separator _] [--seeds 3] [--results FILE.json] [--markdown]

DATA holds `images` and `masks` (data kind `folder`). The float U-Net of `quantunet` is trained with each normalization in
the place of its batch normalization: same first weights, same batches, same steps, no choice of a checkpoint. The score is
Dice over all pixels of a test part that no training sees; with `--group-separator` names that agree up to it lie in one part.
Each run is kept in FILE.json, under the name of DATA: run it in pieces, for several folders, and see all with `--show`.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tables import table
from torch import nn

from quantunet.config import FolderConfig, ModelConfig
from quantunet.data import Split, load_data
from quantunet.data.sampling import batch
from quantunet.losses import segmentation_loss
from quantunet.metrics import evaluate
from quantunet.model import QuantUNet

RESULTS = Path(__file__).parent / "data" / "normalization.json"
GROUPS = 4
NORMALIZATIONS: dict[str, Callable[[int], nn.Module]] = {
    "batch": nn.BatchNorm2d,
    "group": lambda channels: nn.GroupNorm(GROUPS, channels),
    "instance": lambda channels: nn.InstanceNorm2d(channels, affine=True),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--group-separator", help="names that agree up to it are of one case")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=3e-3, help="Adam's at the beginning of a cosine")
    parser.add_argument("--base-width", type=int, default=8)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--show", action="store_true", help="only print the results kept")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    kept: dict[str, Any] = json.loads(options.results.read_text()) if options.results.is_file() else {}
    if not options.show:
        measure(options, kept)
    for name, found in kept.items():
        print(summary(name, found, options.markdown))


def measure(options: argparse.Namespace, kept: dict[str, Any]) -> None:
    """Train and score what `kept` has not yet, and write it after each run."""
    torch.set_num_threads(1)
    size = (options.size, options.size)
    model = ModelConfig(base_width=options.base_width, image_size=size, precision="float")
    data = FolderConfig(path=options.data, group_separator=options.group_separator, test_fraction=0.2)
    settings = {name: getattr(options, name) for name in ("steps", "batch_size", "learning_rate", "base_width", "size")}
    found = kept.setdefault(options.data.name, {"settings": settings, "dice": {}})
    if found["settings"] != settings:
        raise SystemExit(
            f"{options.results} has results of other settings for {options.data.name}: give another --results"
        )
    split = load_data(data, model)
    assert split.test is not None
    found["images"] = {"train": len(split.train), "test": len(split.test)}
    for seed in range(options.seeds):
        for name in NORMALIZATIONS:
            dice = found["dice"].setdefault(name, [])
            if len(dice) > seed:
                continue
            started = time.process_time()
            dice.append(trained_dice(name, seed, model, split, options))
            print(
                f"{options.data.name}, {name}, seed {seed}: {dice[-1]:.4f} in {time.process_time() - started:.0f} s",
                flush=True,
            )
            options.results.write_text(json.dumps(kept, indent=1) + "\n")


def trained_dice(name: str, seed: int, config: ModelConfig, split: Split, options: argparse.Namespace) -> float:
    """Dice on the test part after a training with normalization `name`."""
    torch.manual_seed(seed)
    model = QuantUNet(config)
    _replace_norms(model, NORMALIZATIONS[name])
    optimizer = torch.optim.Adam(model.parameters())
    model.train()
    for step in range(options.steps):
        for group in optimizer.param_groups:
            group["lr"] = options.learning_rate * 0.5 * (1 + math.cos(math.pi * step / options.steps))
        images, masks = (torch.from_numpy(a) for a in batch(split.train, options.batch_size, seed, step, augment=True))
        loss = segmentation_loss(model(images), masks)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert split.test is not None
    return evaluate(model, split.test).dice


def _replace_norms(model: nn.Module, norm: Callable[[int], nn.Module]) -> None:
    for module in list(model.modules()):
        for child_name, child in list(module.named_children()):
            if isinstance(child, nn.BatchNorm2d):
                setattr(module, child_name, norm(child.num_features))


def mean_and_error(values: list[float]) -> tuple[float, float]:
    """Mean and standard error of the mean."""
    return statistics.mean(values), statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan


def summary(name: str, found: dict[str, Any], markdown: bool) -> str:
    rows: list[list[object]] = []
    for norm, dice in found["dice"].items():
        less = [100 * (a - b) for a, b in zip(dice, found["dice"]["batch"], strict=False)]
        cells = [mean_and_error([100 * value for value in dice]), mean_and_error(less)]
        words = [
            f"{mean:+.2f} ± {error:.2f}" if n else f"{mean:.2f} ± {error:.2f}" for n, (mean, error) in enumerate(cells)
        ]
        rows.append([norm, len(dice), words[0], None if norm == "batch" else words[1]])
    images = found["images"]
    title = (
        f"{name}: {images['train']} images to train, {images['test']} to test, base {found['settings']['base_width']}"
    )
    return table(title, ["normalization", "seeds", "Dice, %", "less batch, same seed"], rows, markdown)


if __name__ == "__main__":
    main()
