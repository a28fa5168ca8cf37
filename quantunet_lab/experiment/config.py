# SPDX-License-Identifier: BSD-3-Clause
"""Every setting of an experiment: schema, defaults and documentation in one place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from quantunet.config import TrainConfig, laid_over, parse_config, read_settings, read_train_config
from quantunet_common.configurations import Purpose, configuration_file, is_name
from quantunet_common.errors import UserError


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class LocalCluster(_Settings):
    """Processes on this machine."""

    kind: Literal["local"] = "local"
    workers: int = Field(default=2, ge=1, le=1024)
    """Runs at once, each in a process of its own."""
    processes: bool = True
    """False: threads of one process, which starts sooner and where one crash ends all."""
    threads: int = Field(default=1, ge=1)
    """Threads that torch takes in each."""


class AddressCluster(_Settings):
    """Workers that stand ready somewhere, started with `dask scheduler` and `dask worker --nthreads 1`. They
    must see the output folder under the same path.
    """

    kind: Literal["address"]
    address: str
    """Of the scheduler, such as tcp://head:8786."""
    threads: int = Field(default=1, ge=1)
    """Threads that torch takes in each run."""


class SlurmCluster(_Settings):
    """Workers as SLURM jobs, by dask-jobqueue (`pip install "quantunet-flow[slurm]"`). They must see the output
    folder under the same path.
    """

    kind: Literal["slurm"]
    workers: int = Field(default=4, ge=1)
    """Jobs at once, one run each."""
    threads: int = Field(default=1, ge=1)
    """Threads that torch takes in each run."""
    options: dict[str, Any] = Field(default_factory=dict)
    """Arguments of `dask_jobqueue.SLURMCluster`: queue, memory, walltime, job_extra_directives, ..."""


Cluster = Annotated[LocalCluster | AddressCluster | SlurmCluster, Field(discriminator="kind")]


class Hardware(_Settings):
    """What each quantized network would take on a board, by the cost models of the flow: its build up to the
    FIFOs, nothing synthesized.
    """

    board: str = "pynq-z2"
    """Name of a board in hw_flows/boards."""
    target_fps: float = Field(default=300.0, gt=0)
    """Frames a second that every network is folded for, so that their LUTs can be compared."""


class Goal(_Settings):
    """What the experiment is to show; losses in points, hundredths of the score."""

    baseline: str = "float"
    """Variant that is compared with, trained the same way in float."""
    learned: str = "learned"
    """Variant that must reach the goal."""
    fixed: str | None = None
    """Variant of one width that the learned one must not be worse than, at equal or fewer mean bits."""
    seeds: int = Field(default=3, ge=1)
    """Least number of seeds."""
    mean_bits: float = Field(default=4.24, gt=0)
    """Most bits on average, per layer: of the weights, and of the activations."""
    accuracy_points: float = Field(default=1.0, ge=0)
    """Most points of pixel accuracy to lose."""
    dice_points: float = Field(default=1.5, ge=0)
    """Most points of Dice to lose."""
    size_ratio: float = Field(default=7.5, gt=0)
    """Least ratio of the weights' size in float32 to theirs."""


class ExperimentConfig(_Settings):
    """One experiment."""

    title: str = "QuantU-Net: learned bit widths"
    """Heading of the page."""
    train: Path
    """Settings that all runs share: a file of `qu-train`, relative to the experiment's own, or a name such as `train_demo`."""
    shared: dict[str, Any] = Field(default_factory=dict)
    """Settings laid over those of `train` for all variants."""
    data: Path | None = None
    """Where the data set lies; null: where `train` says."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """Each variant is trained once with each."""
    variants: dict[str, dict[str, Any]]
    """Name -> settings laid over those of `train` and `shared`. Those of the goal are trained first, then the others, seed by
    seed in this order. In texts ``{runs}`` stands for the folder of the runs and ``{seed}`` for the seed, so that a
    variant can begin with another's network, which is then trained before:
    ``init_from: "{runs}/float/seed-{seed}/training"``."""
    cluster: Cluster = LocalCluster()
    """Where the runs are computed."""
    hardware: Hardware | None = None
    """The estimate of LUTs; null: none."""
    base: str | None = None
    """Variant that differences are taken from, image by image; null: the goal's baseline, or the first float one."""
    goal: Goal | None = None
    """What to check; null: nothing."""

    @field_validator("seeds")
    @classmethod
    def _seeds_differ(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if not seeds or len(set(seeds)) != len(seeds):
            raise ValueError("give at least one seed and none twice")
        return seeds

    @field_validator("variants")
    @classmethod
    def _names_are_folders(cls, variants: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        if not variants:
            raise ValueError("give at least one variant")
        for name, settings in variants.items():
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
                raise ValueError(f"{name!r} is to be the name of a folder: letters, digits, dots, dashes")
            if "seed" in settings:
                raise ValueError(f"{name}: the seed is not a variant's; list seeds under `seeds`")
        return variants

    @model_validator(mode="after")
    def _goal_names_variants(self) -> ExperimentConfig:
        if self.base is not None and self.base not in self.variants:
            raise ValueError(f"base: there is no variant {self.base}")
        if self.goal is not None:
            named = [self.goal.baseline, self.goal.learned, *filter(None, [self.goal.fixed])]
            missing = [name for name in named if name not in self.variants]
            if missing:
                raise ValueError(f"goal: there is no variant {', '.join(missing)}")
        return self

    def training(self, variant: str, seed: int, runs: Path | None = None) -> TrainConfig:
        """Settings of one run.

        Args:
            runs: the folder of the runs; None leaves ``{runs}`` as it is.

        Raises:
            UserError: `train` cannot be read, or a setting of the variant is wrong.
        """
        names = {"{seed}": str(seed)} if runs is None else {"{seed}": str(seed), "{runs}": str(runs)}
        try:
            own = laid_over(self.shared, self.variants[variant])
            if self.data is not None:
                own = laid_over(own, {"data": {"path": str(self.data)}})
            return read_train_config(self.train, {**_filled(own, names), "seed": seed})
        except UserError as error:
            raise UserError(error.what, f"{error.where}, variant {variant}", error.fix) from error


def _filled(value: Any, names: dict[str, str]) -> Any:
    """`value` with the texts in it filled in."""
    if isinstance(value, dict):
        return {key: _filled(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, names) for item in value]
    if isinstance(value, str):
        for name, text in names.items():
            value = value.replace(name, text)
    return value


def read_experiment_config(path: Path, overrides: dict[str, Any] | None = None) -> ExperimentConfig:
    """Read a YAML file and replace its top-level keys by those of `overrides`.

    Raises:
        UserError: the file cannot be read, is not YAML, or a setting is wrong, also those of a variant.
    """
    path = configuration_file(path)
    values = read_settings(path, Purpose.EXPERIMENT)
    if isinstance(given := values.get("train"), str):
        beside, name = path.parent.absolute() / given, Path(given)
        values["train"] = configuration_file(name) if is_name(name) and not beside.exists() else beside
    config = parse_config(ExperimentConfig, {**values, **(overrides or {})}, str(path))
    for variant in config.variants:
        config.training(variant, config.seeds[0])
    return config
