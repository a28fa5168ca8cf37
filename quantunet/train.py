# SPDX-License-Identifier: BSD-3-Clause
"""Training with learned bit widths, and of the networks to compare with: fixed widths and float.

A training has three phases: at 8 bits until `penalty_start`, with penalized widths until `freeze_at`, then
with rounded, fixed widths. The best checkpoint is the one of highest validation Dice in the last phase: an
earlier one would win by its wider bits. The best of a fixed or float network is looked for in the same
steps, so that none gets more attempts than the other. What is validated in the last phase, and saved, may be an average
of the weights, or have statistics of its own (`quantunet.averaging`). Widths may be penalized by a given lambda or
towards a target (`quantunet.target`).

Several processes (`quantunet.engine`) train one network on the same global batches; process 0 writes.
"""

from __future__ import annotations

import importlib.metadata
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from quantunet.averaging import WeightAverage, in_place_of, reestimate_batch_norm
from quantunet.checkpoint import BEST, Training, read_description, save_checkpoint
from quantunet.config import TrainConfig
from quantunet.curves import Curves
from quantunet.data import Split, load_data
from quantunet.data.sampling import batch
from quantunet.engine import TrainingEngine
from quantunet.foreign.origin import Origin, read_origin
from quantunet.interpolated import interpolate_widths
from quantunet.losses import bit_penalty, distillation_loss, segmentation_loss
from quantunet.metrics import Widths, evaluate, widths
from quantunet.model import QuantUNet
from quantunet.quantizers import clamp_widths, freeze_widths, learned_widths, scale_parameters
from quantunet.start import load_teacher, start_from
from quantunet.synchronized import synchronize
from quantunet.target import TargetController, settle
from quantunet.training_state import Position, has_state, load_state, read_state, save_state
from quantunet_common.errors import UserError
from quantunet_common.files import recover_folder, write_durably

SETTINGS = "settings.json"
#: Of the weights that a training started from.
ORIGIN = "origin.json"
#: Settings that say where to train, not what: a training may be resumed with others.
PLACE = {"device"}


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
class TrainingResult:
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
    say: Callable[[str], None] = lambda text: None,
) -> TrainingResult:
    """Train a network and write `output`/best (checkpoint), `output`/tensorboard and `output`/state (to
    resume from).

    To be called by every process of a training; only the first touches `output`.

    Args:
        resume: go on from the latest saved state. The result is the same as without the interruption, also
            if that was a kill at any moment.
        command: recorded in the checkpoint.
        report: called after each step.
        say: called with what the one who trains should know before the first.

    Raises:
        UserError: the output folder is in use or unwritable, the data or the device is unusable, there
            is nothing to resume or it had other settings, the loss stops being finite, or another process of
            the training is lost.
    """
    engine = TrainingEngine(config.device, config.mixed_precision)
    with engine.running():
        engine.first(lambda: _check_output(output, config, resume))
        data = load_data(config.data, config.model)
        trainer = Trainer(config, data, output, command, engine)
        # A training that was interrupted before its first state begins again.
        goes_on = resume and engine.first(lambda: has_state(output / "state"))
        if config.init_from is not None and not goes_on:
            trainer.start_from(config.init_from)
        engine.first(lambda: write_durably(output / SETTINGS, (config.model_dump_json(indent=2) + "\n").encode()))
        if (origin := trainer.origin) is not None:
            engine.first(lambda: write_durably(output / ORIGIN, (origin.model_dump_json(indent=2) + "\n").encode()))
            say(str(origin))
        if resume:
            engine.first(lambda: recover_folder(output / BEST))
        if goes_on:
            trainer.restore()
            trainer.origin = engine.first(lambda: read_origin(output / ORIGIN))
        return trainer.run(report)


def _check_output(output: Path, config: TrainConfig, resume: bool) -> None:
    settings = output / SETTINGS
    if resume:
        if not settings.is_file():
            raise UserError("there is no training to resume", str(output), "Start it without --resume.")
        try:
            old = TrainConfig.model_validate_json(settings.read_bytes())
        except ValueError as error:
            raise UserError("is damaged", str(settings), "Start again in a new output folder.") from error
        compared = TrainConfig.model_fields.keys() - PLACE
        changed = sorted(name for name in compared if getattr(old, name) != getattr(config, name))
        if changed:
            raise UserError(
                f"the training to resume had another {', '.join(changed)}",
                str(output),
                "Resume with the settings it was started with, or start a new one elsewhere.",
            )
        return
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise UserError(
            "is already in use",
            str(output),
            "Give a new output folder, or --resume to continue the training there.",
        )


class Trainer:
    """One process's part of a training: network, optimizer and data, at some step."""

    def __init__(self, config: TrainConfig, data: Split, output: Path, command: str, engine: TrainingEngine) -> None:
        if config.batch_size < engine.processes:
            raise UserError(
                f"{config.batch_size} images a step are too few for {engine.processes} processes",
                "batch_size",
                "Use a larger batch or fewer processes.",
            )
        self.config = config
        self.data = data
        self.output = output
        self.command = command
        self.engine = engine
        self.step = 0
        self.best_dice: float | None = None
        self.origin: Origin | None = None
        torch.manual_seed(config.seed)
        self.model = QuantUNet(config.model)
        self.model.data = config.data
        self.freeze_step = max(1, round(config.freeze_at * config.steps))
        if config.width_gradient == "interpolated":
            interpolate_widths(self.model)
        if engine.processes > 1:
            synchronize(self.model)
        offsets = [width.bit_width_offset for _, width in learned_widths(self.model)]
        scales = scale_parameters(self.model) if config.scale_learning_rate else []
        chosen = {id(parameter) for parameter in (*offsets, *scales)}
        weights = [parameter for parameter in self.model.parameters() if id(parameter) not in chosen]
        width_betas = (config.width_momentum, 0.999)  # the second is Adam's default
        groups: list[dict[str, Any]] = [{"params": weights}, {"params": offsets, "betas": width_betas}]
        self._rates = [config.learning_rate, config.width_learning_rate]
        if scales and config.scale_learning_rate is not None:
            groups.append({"params": scales})
            self._rates.append(config.scale_learning_rate)
        self.optimizer = torch.optim.Adam(groups)
        self._network, self._stepper = engine.setup(self.model, self.optimizer, apart=offsets)
        self._average = WeightAverage(self.model, config.average)
        self._target: TargetController | None = None
        if config.goal is not None and config.model.precision == "learned":
            first = round(config.penalty_start * config.steps)
            self._target = TargetController(config.goal, self.model, config.bit_penalty, first, self.freeze_step)
        self._teacher: QuantUNet | None = None
        if config.teacher is not None:
            self._teacher = load_teacher(config.model, config.teacher.run).to(engine.device)

    @property
    def in_last_phase(self) -> bool:
        return self.step >= self.freeze_step

    @property
    def widths_move(self) -> bool:
        return self.config.model.precision == "learned" and not self.in_last_phase

    def restore(self) -> None:
        """Go to the latest saved state in the output folder, with all processes."""
        saved = self.engine.first(lambda: read_state(self.output / "state"))
        position = load_state(saved, self.model, self.optimizer)
        self.step, self.best_dice = position.step, position.best_dice
        if self.in_last_phase:
            freeze_widths(self.model)
        try:
            if self.config.average and self.in_last_phase:
                self._average.restore(position.averages, int(position.numbers["averaged"]))
            if self._target is not None:
                self._target.penalty = position.numbers["penalty"]
                self._target.sum_of_errors = position.numbers["sum_of_errors"]
        except KeyError as error:
            raise UserError(
                f"the saved training lacks {error}", str(saved.folder), "Start again in a new output folder."
            ) from error

    def start_from(self, path: Path) -> None:
        """Begin with the weights of a trained network, see `quantunet.start`."""
        self.origin = start_from(self.model, path)

    def run(self, report: Callable[[Progress], None]) -> TrainingResult:
        """Train up to the last step."""
        config = self.config
        dice: float | None = None
        cost: Widths | None = None
        curves = Curves(self.output / "tensorboard" if self.engine.is_first else None, self.step)
        try:
            while self.step < config.steps:
                moved = self.widths_move
                loss = self._advance()
                last = self.step == config.steps
                if cost is None or moved:  # which takes as long as a small network's forward pass
                    cost = widths(self.model)
                if last or self.step % config.validate_every == 0:
                    with self._candidate():
                        measured = evaluate(self.model, self.data.validation, engine=self.engine)
                        dice = measured.dice
                        if self.in_last_phase and (self.best_dice is None or dice > self.best_dice):
                            self.best_dice = dice
                            self._save_best()
                        curves.validation(self.step, measured, self.model)
                curves.step(self.step, loss, cost, None if self._target is None else self._target.penalty)
                if last or self.step % config.save_every == 0:
                    curves.flush()
                    self._save_state()
                report(
                    Progress(
                        step=self.step,
                        steps=config.steps,
                        loss=loss,
                        weight_bits=cost.mean_weight_bits_per_layer,
                        activation_bits=cost.mean_activation_bits,
                        validation_dice=dice,
                        frozen=not self.widths_move,
                    )
                )
        finally:
            curves.close()
        best = self.output / BEST
        return TrainingResult(best, self.engine.first(lambda: read_description(best).metrics))

    @contextmanager
    def _candidate(self) -> Iterator[None]:
        """Within the block the network is what is validated and may be saved."""
        config = self.config
        if not self.in_last_phase or not (config.average or config.batch_norm_batches):
            yield
            return
        with in_place_of(self.model, self._average.tensors):
            if config.batch_norm_batches:
                reestimate_batch_norm(self.model, map(self._plain_batch, range(config.batch_norm_batches)))
            yield

    def _plain_batch(self, number: int) -> Callable[[], Tensor]:
        size = self.config.batch_size
        share, like = self.engine.share(size), next(self.model.parameters())
        return lambda: torch.from_numpy(batch(self.data.train, size, self.config.seed, number, False)[0][share]).to(
            like
        )

    def _advance(self) -> float:
        """One optimizer step; returns the loss of the global batch."""
        config, model, engine = self.config, self.model, self.engine
        self._set_learning_rates()
        images, masks = batch(self.data.train, config.batch_size, config.seed, self.step, config.augment)
        share = engine.share(config.batch_size)
        like = next(model.parameters())
        own_images, own_masks = (torch.from_numpy(a[share]).to(like) for a in (images, masks))
        if not model.training:
            model.train()
        logits = self._network(own_images)
        loss = segmentation_loss(logits, own_masks)
        if self._teacher is not None and config.teacher is not None:
            with torch.no_grad():
                wanted = self._teacher(own_images)
            learned = distillation_loss(logits, wanted, own_masks, config.teacher.temperature)
            loss = (1 - config.teacher.weight) * loss + config.teacher.weight * learned
        if engine.processes > 1:
            # The processes' losses are averaged: an unequal share counts by its size.
            loss = loss * (len(own_images) * engine.processes / config.batch_size)
        is_penalized = self.widths_move and self.step >= config.penalty_start * config.steps
        if is_penalized and self._target is not None:
            loss = loss + self._target.loss(model)
        elif is_penalized:
            loss = loss + config.bit_penalty * bit_penalty(model, config.bit_terms)
        value = (engine.total(loss) / engine.processes).item()
        if not math.isfinite(value):
            raise UserError(f"the loss is {value} at step {self.step + 1}", "training", "Lower the learning rate.")
        self.optimizer.zero_grad()
        engine.backward(loss)
        self._stepper.step()
        clamp_widths(model)
        self.step += 1
        if is_penalized and self._target is not None:
            self._target.follow(self.step)
        if self.step == self.freeze_step:
            if self._target is not None and config.goal is not None:
                settle(model, config.goal)
            freeze_widths(model)
        if config.average and self.in_last_phase:
            self._average.add()
        return value

    def _set_learning_rates(self) -> None:
        config = self.config
        share = 0.5 * (1 + math.cos(math.pi * self.step / config.steps))
        if self.step < config.warmup_steps:
            share *= (self.step + 1) / config.warmup_steps
        for group, rate in zip(self.optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * share

    def _save_state(self) -> None:
        if not self.engine.is_first:
            return
        numbers: dict[str, float] = {}
        if self._average.tensors:
            numbers["averaged"] = self._average.steps
        if self._target is not None:
            numbers |= {"penalty": self._target.penalty, "sum_of_errors": self._target.sum_of_errors}
        position = Position(self.step, self.best_dice, self._average.tensors, numbers)
        save_state(self.output / "state", self.model, self.optimizer, position)

    def _save_best(self) -> None:
        measured = figures(self.model, self.data, self.engine)
        if not self.engine.is_first:
            return
        training = Training(
            command=self.command,
            seed=self.config.seed,
            step=self.step,
            settings=self.config,
            versions={name: importlib.metadata.version(name) for name in ("torch", "brevitas")},
            origin=self.origin,
        )
        save_checkpoint(self.output / BEST, self.model, measured, training)


def figures(model: QuantUNet, data: Split, engine: TrainingEngine | None = None) -> dict[str, Any]:
    """Scores on both splits and mean widths of `model`: what its checkpoint records."""
    cost = widths(model).as_dict()
    del cost["layers"]
    return {
        "validation": vars(evaluate(model, data.validation, engine=engine)),
        "train": vars(evaluate(model, data.train, engine=engine)),
        "widths": cost,
    }
