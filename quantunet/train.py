"""Training with learned bit widths.

A training has three phases: at 8 bits until `penalty_start`, with penalized widths until `freeze_at`, then
with rounded, fixed widths. The best checkpoint is the one of highest validation Dice in the last phase: an
earlier one would win by its wider bits.
"""

from __future__ import annotations

import importlib.metadata
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from quantunet.checkpoint import Training, read_description, save_checkpoint
from quantunet.config import TrainConfig
from quantunet.data import Split, load_data
from quantunet.data.sampling import batch
from quantunet.errors import QuantUNetError
from quantunet.files import write_file
from quantunet.losses import bit_penalty, segmentation_loss
from quantunet.metrics import evaluate, widths
from quantunet.model import QuantUNet
from quantunet.quantizers import clamp_widths, freeze_widths, learned_widths
from quantunet.training_state import has_state, load_state, save_state

SETTINGS = "settings.json"


@dataclass(frozen=True)
class Progress:
    """What a step came to. Validation figures are those of the latest validation, None before the first."""

    step: int
    steps: int
    loss: float
    weight_bits: float
    activation_bits: float
    validation_dice: float | None
    frozen: bool


@dataclass(frozen=True)
class Result:
    """Where the best checkpoint lies and its figures (see `Trainer.figures`)."""

    checkpoint: Path
    metrics: dict[str, Any]


def train(
    config: TrainConfig,
    output: Path,
    *,
    resume: bool = False,
    command: str = "",
    report: Callable[[Progress], None] = lambda progress: None,
) -> Result:
    """Train a network and write `output`/best (checkpoint), `output`/tensorboard and `output`/state (to
    resume from).

    Args:
        resume: go on from the latest saved state. The result is the same as without the interruption.
        command: recorded in the checkpoint.
        report: called after each step.

    Raises:
        QuantUNetError: the output folder is in use or unwritable, the data is unusable, there is nothing to
            resume or it had other settings, or the loss stops being finite.
    """
    _check_output(output, config, resume)
    data = load_data(config.data, config.model)
    write_file(output / SETTINGS, (config.model_dump_json(indent=2) + "\n").encode())
    trainer = Trainer(config, data, output, command)
    if resume and has_state(output / "state"):  # else it was interrupted before the first state: from the start
        trainer.restore()
    return trainer.run(report)


def _check_output(output: Path, config: TrainConfig, resume: bool) -> None:
    settings = output / SETTINGS
    if resume:
        if not settings.is_file():
            raise QuantUNetError("there is no training to resume", str(output), "Start it without --resume.")
        try:
            old = TrainConfig.model_validate_json(settings.read_bytes())
        except ValueError as error:
            raise QuantUNetError("is damaged", str(settings), "Start again in a new output folder.") from error
        changed = [name for name in TrainConfig.model_fields if getattr(old, name) != getattr(config, name)]
        if changed:
            raise QuantUNetError(
                f"the training to resume had another {', '.join(changed)}",
                str(output),
                "Resume with the settings it was started with, or start a new one elsewhere.",
            )
        return
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise QuantUNetError(
            "is already in use",
            str(output),
            "Give a new output folder, or --resume to go on with the training there.",
        )


class Trainer:
    """One training: network, optimizer and data, at some step."""

    def __init__(self, config: TrainConfig, data: Split, output: Path, command: str) -> None:
        self.config = config
        self.data = data
        self.output = output
        self.command = command
        self.step = 0
        self.best_dice: float | None = None
        torch.manual_seed(config.seed)
        self.model = QuantUNet(config.model)
        self.model.data = config.data
        self.freeze_step = max(1, round(config.freeze_at * config.steps))
        offsets = [width.bit_width_offset for _, width in learned_widths(self.model)]
        chosen = {id(offset) for offset in offsets}
        weights = [parameter for parameter in self.model.parameters() if id(parameter) not in chosen]
        self.optimizer = torch.optim.Adam([{"params": weights}, {"params": offsets}])

    @property
    def frozen(self) -> bool:
        return self.step >= self.freeze_step

    def restore(self) -> None:
        """Go to the latest saved state in the output folder."""
        self.step, self.best_dice = load_state(self.output / "state", self.model, self.optimizer)
        if self.frozen:
            freeze_widths(self.model)

    def run(self, report: Callable[[Progress], None]) -> Result:
        """Train up to the last step."""
        from torch.utils.tensorboard import SummaryWriter

        config = self.config
        dice: float | None = None
        with SummaryWriter(str(self.output / "tensorboard"), purge_step=self.step + 1) as board:
            while self.step < config.steps:
                loss = self._advance()
                last = self.step == config.steps
                cost = widths(self.model)
                if last or self.step % config.validate_every == 0:
                    measured = evaluate(self.model, self.data.validation)
                    dice = measured.dice
                    if self.frozen and (self.best_dice is None or dice > self.best_dice):
                        self.best_dice = dice
                        self._save_best()
                    for name in ("dice", "iou", "pixel_accuracy"):
                        board.add_scalar(f"validation/{name}", getattr(measured, name), self.step)
                    for name, width in learned_widths(self.model):
                        board.add_scalar(f"bits/{name}", int(width()), self.step)
                if last or self.step % config.save_every == 0:
                    save_state(self.output / "state", self.model, self.optimizer, self.step, self.best_dice)
                board.add_scalar("train/loss", loss, self.step)
                board.add_scalar("train/weight_bits", cost.mean_weight_bits_per_layer, self.step)
                board.add_scalar("train/activation_bits", cost.mean_activation_bits, self.step)
                report(
                    Progress(
                        step=self.step,
                        steps=config.steps,
                        loss=loss,
                        weight_bits=cost.mean_weight_bits_per_layer,
                        activation_bits=cost.mean_activation_bits,
                        validation_dice=dice,
                        frozen=self.frozen,
                    )
                )
        best = self.output / "best"
        return Result(best, read_description(best).metrics)

    def _advance(self) -> float:
        """One optimizer step; returns the loss."""
        config, model = self.config, self.model
        fall = 0.5 * (1 + math.cos(math.pi * self.step / config.steps))
        for group, rate in zip(
            self.optimizer.param_groups, (config.learning_rate, config.width_learning_rate), strict=True
        ):
            group["lr"] = rate * fall
        images, masks = batch(self.data.train, config.batch_size, config.seed, self.step, config.augment)
        model.train()
        loss = segmentation_loss(model(torch.from_numpy(images)), torch.from_numpy(masks))
        if not self.frozen and self.step >= config.penalty_start * config.steps:
            loss = loss + config.bit_penalty * bit_penalty(model)
        if not torch.isfinite(loss):
            raise QuantUNetError(
                f"the loss is {loss.item()} at step {self.step + 1}", "training", "Lower the learning rate."
            )
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        clamp_widths(model)
        self.step += 1
        if self.step == self.freeze_step:
            freeze_widths(model)
        return loss.item()

    def _save_best(self) -> None:
        training = Training(
            command=self.command,
            seed=self.config.seed,
            step=self.step,
            settings=self.config,
            versions={name: importlib.metadata.version(name) for name in ("torch", "brevitas")},
        )
        save_checkpoint(self.output / "best", self.model, figures(self.model, self.data), training)


def figures(model: QuantUNet, data: Split) -> dict[str, Any]:
    """Scores on both splits and mean widths of `model`: what its checkpoint records."""
    cost = widths(model).as_dict()
    del cost["layers"]
    return {
        "validation": vars(evaluate(model, data.validation)),
        "train": vars(evaluate(model, data.train)),
        "widths": cost,
    }
