# SPDX-License-Identifier: BSD-3-Clause
"""Computes the runs of an experiment that are not there yet. One that fails is told; the others go on."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from quantunet_common.errors import UserError
from quantunet_common.files import write_durably
from quantunet_common.installation import advice_for
from quantunet_common.locks import LOCK, claimed_folder
from quantunet_lab.experiment.cluster import client
from quantunet_lab.experiment.config import ExperimentConfig
from quantunet_lab.experiment.runs import Run, Status, runs_of
from quantunet_lab.experiment.work import MARKER, estimate_run, train_run

TOPIC = "qu-experiment"
TRAINING, ESTIMATE = "training", "hardware"


@dataclass(frozen=True)
class _Ended:
    """How a piece of work ended; None: well."""

    message: str | None = None
    details: str = ""


def compute(config: ExperimentConfig, output: Path, say: Callable[[str], None]) -> dict[str, str]:
    """Train what is not trained, go on with what was interrupted, try again what failed.

    Args:
        say: told what happens, a line each.

    Returns:
        Name of a run -> how it failed; empty where all went well.

    Raises:
        UserError: the folder is in use or holds other runs, or there are no workers.
    """
    with _claimed(output):
        to_train, to_estimate = _to_do(config, output, say)
        if not to_train and not to_estimate:
            return {}
        return _compute(config, to_train, to_estimate, say)


def compute_in_turn(
    config: ExperimentConfig, output: Path, say: Callable[[str], None], after_each: Callable[[], object]
) -> dict[str, str]:
    """As `compute`, one run after the other in this process, without workers.

    Args:
        after_each: called when a run is done.

    Raises:
        UserError: the folder is in use or holds other runs.
    """
    failures: dict[str, str] = {}
    with _claimed(output):
        to_train, to_estimate = _to_do(config, output, say)
        for count, run in enumerate(to_train, 1):
            say(f"{run.name}: {count} of {len(to_train)}")
            if failed := [name for name in run.needs if f"{name}, {TRAINING}" in failures]:
                ended = _Ended(f"needs {failed[0]}, whose training failed")
            else:
                ended = _guarded(run, partial(train_run, run, config.cluster.threads, lambda line: say(f"  {line}")))
            if ended.message is not None:
                failures[f"{run.name}, {TRAINING}"] = ended.message
                say(f"{run.name}: FAILED, the others go on: {ended.message}")
                continue
            after_each()
        for run in to_estimate:
            if f"{run.name}, {TRAINING}" not in failures and config.hardware is not None:
                ended = _guarded(run, partial(estimate_run, run, config.hardware))
                if ended.message is not None:
                    failures[f"{run.name}, {ESTIMATE}"] = ended.message
    return failures


@contextmanager
def _claimed(output: Path) -> Iterator[None]:
    if output.is_dir():
        _check_folder(output)
    with claimed_folder(output, "another qu-experiment"):
        yield


def _to_do(config: ExperimentConfig, output: Path, say: Callable[[str], None]) -> tuple[list[Run], list[Run]]:
    """The runs to train and those to estimate; the folder becomes that of the experiment."""
    runs = runs_of(config, output)
    states = {run.name: run.status() for run in runs}  # complains before anything is computed
    write_durably(output / MARKER, (config.model_dump_json(indent=1) + "\n").encode())
    to_train = [run for run in runs if states[run.name] is not Status.DONE]
    to_estimate = [run for run in runs if wants_estimate(run, config)]
    begun = sum(states[run.name] is Status.STARTED for run in to_train)
    say(
        f"{len(runs)} runs: {len(runs) - len(to_train)} done, {begun} to continue, "
        f"{len(to_train) - begun} to start; {len(to_estimate)} hardware estimates"
    )
    return to_train, to_estimate


def wants_estimate(run: Run, config: ExperimentConfig) -> bool:
    """Whether the estimate of a run is asked for and not there."""
    if config.hardware is None or run.settings.model.precision == "float":
        return False
    found = run.hardware()
    wanted = config.hardware
    return found is None or (found.board, found.target_fps) != (wanted.board, wanted.target_fps)


def _compute(
    config: ExperimentConfig, to_train: list[Run], to_estimate: list[Run], say: Callable[[str], None]
) -> dict[str, str]:
    from distributed import KilledWorker, as_completed

    failures: dict[str, str] = {}
    with client(config.cluster) as workers:
        workers.subscribe_topic(TOPIC, lambda event: say(str(event[1])))
        of: dict[str, tuple[Run, str]] = {}
        trainings: dict[str, Any] = {}
        for rank, run in enumerate(to_train):
            future = workers.submit(
                _train,
                run,
                config.cluster.threads,
                [trainings[name] for name in run.needs if name in trainings],
                key=f"{TRAINING} {run.name}",
                priority=-rank,
                pure=False,
            )
            trainings[run.name] = future
            of[str(future.key)] = (run, TRAINING)
        futures = list(trainings.values())
        for run in to_estimate:
            # Before any training: an estimate takes a minute and waits for nothing but the training it is of.
            future = workers.submit(
                _estimate,
                run,
                config.hardware,
                trainings.get(run.name),
                key=f"{ESTIMATE} {run.name}",
                priority=1,
                pure=False,
            )
            futures.append(future)
            of[str(future.key)] = (run, ESTIMATE)
        left = len(futures)
        for future in as_completed(futures):
            run, kind = of[str(future.key)]
            left -= 1
            try:
                ended = future.result()
            except KilledWorker:
                ended = _Ended("its process was killed again and again; is there too little memory?")
                run.fail(str(ended.message))
            if ended.message is None:
                say(f"{run.name}: {kind} done, {left} to go")
            else:
                failures[f"{run.name}, {kind}"] = ended.message
                say(f"{run.name}: {kind} FAILED, the others go on: {ended.message}")
    return failures


def _train(run: Run, threads: int, needed: list[_Ended]) -> _Ended:
    from distributed import get_worker

    if any(ended.message is not None for ended in needed):
        return _Ended(f"the training of a run that it needs failed ({', '.join(run.needs)})")
    worker = get_worker()
    return _guarded(run, lambda: train_run(run, threads, lambda line: worker.log_event(TOPIC, f"{run.name}: {line}")))


def _estimate(run: Run, hardware: object, training: _Ended | None) -> _Ended:
    from quantunet_lab.experiment.config import Hardware

    assert isinstance(hardware, Hardware)
    if training is not None and training.message is not None:
        return _Ended("there is no network to estimate, its training failed")
    return _guarded(run, lambda: estimate_run(run, hardware))


def _guarded(run: Run, work: Callable[[], object]) -> _Ended:
    """Do `work`; whatever goes wrong is written beside the run, as it must not end the others."""
    try:
        work()
    except UserError as error:
        ended = _Ended(error.headline, error.place_first)
    except ImportError as error:
        advice = advice_for(error)
        ended = _Ended(f"{advice[0]}; {advice[1]}" if advice else str(error), traceback.format_exc())
    except Exception as error:  # a bug: the traceback is kept
        ended = _Ended(f"{type(error).__name__}: {error}".splitlines()[0], traceback.format_exc())
    else:
        return _Ended()
    run.fail(ended.message or "", ended.details)
    return ended


def _check_folder(output: Path) -> None:
    """Raises UserError where the folder holds something that is no experiment."""
    others = [path.name for path in output.iterdir() if path.name != LOCK]
    if others and not (output / MARKER).is_file():
        raise UserError("already holds other files", str(output), "Choose an empty or a new --output.")
