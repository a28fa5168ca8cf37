# SPDX-License-Identifier: BSD-3-Clause
"""`BuildConfig`: everything a build can be told; schema, defaults and documentation in one place.

Keys are FINN's own (DataflowBuildConfig) where FINN has one; the command line overrides the YAML file.
"""

from __future__ import annotations

import os
import reprlib
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from hw_flows.boards import is_file_name
from hw_flows.flow_names import AUTO, NONE, known_choice
from hw_flows.machine.errors import UserError
from quantunet_common.configurations import WRITTEN_FOR, Purpose, configuration_file, is_name, what_to_give
from quantunet_common.files import require_input_file

MOST_BYTES = 2**20
_LARGEST_SIZE = 2**16


def _one_image(shape: tuple[int, ...]) -> tuple[int, ...]:
    if len(shape) != 4 or shape[0] != 1 or max(shape) > _LARGEST_SIZE:
        raise ValueError(f"give four whole numbers, 1,channels,height,width, none above {_LARGEST_SIZE}")
    return shape


class BuildConfig(BaseModel):
    """One build. Paths in a YAML file are relative to that file."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    model: Path | None = Field(None, description="Checkpoint folder of qu-train, or a QONNX file. Default: the demo's.")
    input_shape: Annotated[tuple[PositiveInt, ...], AfterValidator(_one_image)] | None = Field(
        None, description="Size of the images, [1, channels, height, width], where an ONNX file leaves it open."
    )
    output_tensor: str | None = Field(None, description="The output that counts, where an ONNX file has several.")
    output_dir: Path = Field(Path("builds"), description="Output folder; default builds/<board>.")
    board: str = Field("pynq-z2", description="Name of a board in hw_flows/boards, or a YAML file like those.")
    fpga_part: str | None = Field(None, description="Device, when it is not the board's own.")
    synth_clk_period_ns: float | None = Field(None, gt=0, le=1000, description="Clock period; default the board's.")
    flow: Annotated[str, AfterValidator(known_choice)] = Field(
        AUTO, description="How far to go; none ends after verification and report."
    )
    target_fps: float | None = Field(None, gt=0, description="Frames per second the folding aims for.")
    weights: Literal["auto", "on_chip", "memory"] = Field(
        "auto",
        description="Where weights lie: on the chip if they fit at target_fps, else in the board's memory; or one of both.",
    )
    folding_config_file: Path | None = Field(
        None, description="JSON of attributes per node (FINN's format), applied after the automatic folding."
    )
    operators: tuple[Path, ...] = Field((), description="Folders of operators that are not in this package.")
    verify_input_npy: Path | None = Field(None, description="float32 NCHW images in the range trained on.")
    verify_expected_output_npy: Path | None = Field(None, description="The network's output for them, or its logits.")
    frames: int = Field(4, ge=1, le=10_000, description="Frames simulated back to back.")
    stall_probability: float = Field(0.3, ge=0, lt=1, description="Chance of a stall per cycle in the stalled run.")
    seed: int = Field(1, ge=0, lt=2**31, description="Seed of the random stalls.")
    netlist_frames: int | None = Field(
        None,
        ge=0,
        le=10_000,
        description="Frames run through the synthesized netlist; 0: none. Default: 1, or none where that takes an hour or more.",
    )
    activity: bool | None = Field(
        None,
        description="Whether switching activity is recorded for tools that tell power. Default: where the flow reads it (vivado).",
    )
    start_step: str | None = Field(None, description="First step to run; earlier results are taken from output_dir.")
    stop_step: str | None = Field(None, description="Last step to run; an unknown name lists all.")
    steps: list[str] | None = Field(None, description="Names of the steps to run, in order; default all.")
    jobs: int = Field(
        default_factory=lambda: os.cpu_count() or 2, ge=1, le=256, description="Processes at once; default all cores."
    )
    generate_outputs: list[str] | None = Field(None, description="Accepted for FINN's sake; `flow` decides.")

    @property
    def synth_clk_period(self) -> float:
        """Clock period in ns; only valid once the board has filled it in."""
        assert self.synth_clk_period_ns is not None
        return self.synth_clk_period_ns

    @property
    def images(self) -> Path:
        """The images (N, channels, height, width), float32; only valid once the inputs are prepared."""
        assert self.verify_input_npy is not None
        return self.verify_input_npy

    @property
    def answers(self) -> Path:
        """The network's logits for `images`; only valid once the inputs are prepared."""
        assert self.verify_expected_output_npy is not None
        return self.verify_expected_output_npy


#: Fields that mean something else in FINN's configuration, or nothing to a step.
_NOT_OF_STEPS = frozenset({"steps", "start_step", "stop_step", "generate_outputs"})


def settings(cfg: object) -> BuildConfig:
    """The configuration of a step, whoever runs it.

    Ours is taken as it is; of any other, such as FINN's `DataflowBuildConfig`, the fields that have our names, and our
    defaults for the rest. Raises pydantic's ValidationError for values that no build can have.
    """
    if isinstance(cfg, BuildConfig):
        return cfg
    names = BuildConfig.model_fields.keys() - _NOT_OF_STEPS
    given = {name: value for name in names if (value := getattr(cfg, name, None)) is not None}
    return BuildConfig.model_validate({"flow": NONE, **given})


PATH_KEYS = ("model", "output_dir", "folding_config_file", "verify_input_npy", "verify_expected_output_npy")


def load_config(path: Path | None, overrides: dict[str, object]) -> BuildConfig:
    """Read a YAML file, or a configuration by name, or none, and lay the command line's values over it.

    Raises UserError naming each bad key.
    """
    values: dict[str, object] = {}
    if path is not None:
        named = is_name(path)
        base = WRITTEN_FOR if named else path.parent
        path = configuration_file(path)
        try:
            if path.exists():
                require_input_file(path, MOST_BYTES)
            read = yaml.safe_load(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise UserError(
                "the configuration file does not exist", str(path), f"give {what_to_give(Purpose.BUILD)}"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"the configuration file cannot be read: {error}", str(path)) from error
        except UserError:
            raise
        except Exception as error:  # PyYAML's constructors end on odd numbers and dates with errors of many types
            reason = str(error) or type(error).__name__
            raise UserError(f"the configuration file is not YAML: {reason}", str(path), "correct the syntax") from error
        if read is None:
            read = {}
        if not isinstance(read, dict):
            raise UserError("the configuration file is not a mapping of keys", str(path), "give lines of `key: value`")
        values.update({str(k): v for k, v in read.items()})
        for key in PATH_KEYS:
            if isinstance(values.get(key), str):
                values[key] = _below(base, values[key])
                if named and not Path(str(values[key])).exists():  # what does not come along is the user's own
                    values[key] = os.path.relpath(str(values[key]), WRITTEN_FOR.parent)
        if isinstance(given := values.get("operators"), list):
            values["operators"] = [_below(base, folder) for folder in given]
        own_board = values.get("board")
        if isinstance(own_board, str) and is_file_name(str(base / own_board)):
            values["board"] = os.path.normpath(base / own_board)
        if named:  # it may lie among installed packages: results belong to where the user works
            values["output_dir"] = Path("builds") / path.stem
    values.update({key: value for key, value in overrides.items() if value is not None})
    board = values.get("board")  # a list of aliases of lists may be too large to be written out
    named_board = board if isinstance(board, str) and board else BuildConfig.model_fields["board"].default
    values.setdefault(
        "output_dir", Path("builds") / (Path(named_board).stem if is_file_name(named_board) else named_board)
    )
    try:
        return BuildConfig.model_validate(values)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']} (given: {_shown(e['input'])})" for e in error.errors()]
        known = ", ".join(BuildConfig.model_fields)
        raise UserError(
            "the configuration has wrong values: " + "; ".join(lines),
            str(path or "command line"),
            f"known keys: {known}",
        ) from None


def _below(base: Path, path: object) -> object:
    """A path of the file, which is relative to `base`; what is no path is left to validation."""
    return Path(os.path.normpath(base / path)) if isinstance(path, str) else path


def _shown(value: object) -> str:
    """A value of unknown size in a few characters: aliases in YAML make lists of lists that no memory holds."""
    try:
        return reprlib.repr(value)
    except ValueError:  # Python does not write out whole numbers of thousands of digits
        return f"a very large {type(value).__name__}"
