# SPDX-License-Identifier: BSD-3-Clause
"""YAML: configurations of builds and of trainings."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from trust.hostile_input.case import BadInput
from trust.hostile_input.mutate import changed, damaged, drawn, values
from trust.hostile_input.payloads import NO_FILES, YAML_TAGS, write_canary_module
from trust.hostile_input.seeds import Seeds

BUILD, TRAIN = "build configuration", "training configuration"

_BUILD_SETTINGS: dict[str, Any] = {
    "model": "network.onnx",
    "output_dir": "../out/build",
    "board": "pynq-z2",
    "fpga_part": "xc7z020clg400-1",
    "synth_clk_period_ns": 10.0,
    "flow": "none",
    "target_fps": 100.0,
    "verify_input_npy": "images.npy",
    "verify_expected_output_npy": "logits.npy",
    "frames": 1,
    "stall_probability": 0.3,
    "seed": 1,
    "netlist_frames": 1,
    "activity": False,
    "start_step": None,
    "stop_step": "step_qonnx_cleanup",
    "steps": ["step_qonnx_cleanup"],
    "jobs": 1,
    "generate_outputs": ["estimate_reports"],
    "folding_config_file": None,
}
_TRAIN_SETTINGS: dict[str, Any] = {
    "model": {
        "in_channels": 1,
        "out_channels": 1,
        "base_width": 2,
        "depth": 1,
        "image_size": [8, 8],
        "decoder": "transpose",
        "precision": "fixed",
        "bits": 4,
    },
    "data": {
        "kind": "folder",
        "path": "in/data",
        "validation_fraction": 0.3,
        "test_fraction": 0.2,
        "split_seed": 1,
        "folds": None,
        "fold": 0,
        "memory_mib": 1,
        "empty_masks": "keep",
        "group_separator": "_",
        "images": ["images/{case}"],
        "mask": "masks/{case}",
        "labels": [255, "#ff0000"],
        "ignore": [7, [0, 0, 255]],
        "threshold": None,
    },
    "seed": 1,
    "steps": 1,
    "batch_size": 2,
    "learning_rate": 0.001,
    "width_learning_rate": 0.02,
    "warmup_steps": 0,
    "bit_penalty": 0.25,
    "bit_terms": {"mean": 1.0, "weight_memory": 0.0, "thresholds": 0.0, "products": 0.0},
    "penalty_start": 0.1,
    "freeze_at": 0.7,
    "augment": {"mirror": "both", "rotate": 10, "elastic": 1.0},
    "validate_every": 1,
    "save_every": 1,
    "device": "cpu",
    "mixed_precision": False,
}


def cases(seeds: Seeds) -> list[BadInput]:
    found = []
    for kind, settings in ((BUILD, _BUILD_SETTINGS), (TRAIN, _TRAIN_SETTINGS)):
        sound = yaml.safe_dump(settings).encode()
        texts = [*changed(settings, 28 if kind == BUILD else 60, kind)]
        contents = [(name, _dumped(tree)) for name, tree in texts]
        contents += list(damaged(sound, 12, kind))
        contents += [(f"tag {name}", _with_tag(settings, tag)) for name, tag in YAML_TAGS.items()]
        contents += list(crafted(settings).items())
        contents += [(f"as a whole: {str(value)[:30]!r}, {i}", _dumped(value)) for i, value in enumerate(values(16))]
        found += [_case(seeds, kind, name, content, index) for index, (name, content) in enumerate(contents)]
        found += [_odd(seeds, kind, name, make) for name, make in _ODD.items()]
    return found


def _dumped(tree: Any) -> bytes:
    """As YAML, where it can be; surrogates as YAML escapes them."""
    return yaml.safe_dump(tree).encode("utf-8", "backslashreplace")


def _with_tag(settings: dict[str, Any], tag: str) -> bytes:
    rest = {name: value for name, value in settings.items() if name != "seed"}
    return _dumped(rest) + f"seed: {tag}\n".encode()


def crafted(settings: dict[str, Any]) -> dict[str, bytes]:
    """YAML that is odd in itself, some of it around sound settings."""
    sound = _dumped(settings)
    laughs = "a0: &a0 [lol, lol]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))
    return {
        "a billion laughs": laughs.encode(),
        "a billion laughs as a setting": laughs.encode() + b"model: *a11\nsteps: *a11\nboard: *a11\n",
        "merged into itself": b"a: &a\n  <<: *a\n",
        "anchor that holds itself": b"model: &m\n  x: *m\n",
        "list that holds itself": b"steps: &s [*s]\n",
        "nested 100,000 deep": b"model: " + b"[" * 100_000,
        "nested 2,000 deep, closed": b"model: " + b"[" * 2000 + b"]" * 2000,
        "blocks 3,000 deep": b"".join(b" " * i + b"a:\n" for i in range(3000)),
        "two documents": sound + b"---\n" + sound,
        "UTF-16": sound.decode().encode("utf-16"),
        "Latin-1": sound + "# \xe4\n".encode("latin1"),
        "NUL": sound + b"\0",
        "tabs": sound.replace(b"  ", b"\t"),
        "keys twice": sound + sound,
        "keys of numbers": b"1: 2\n3.5: 4\nnull: 5\ntrue: 6\n",
        "key is a list": b"? [1, 2]\n: 3\n",
        "key is a mapping": b"? {a: 1}\n: 3\n",
        "a number of a million digits": b"seed: " + b"9" * 1_000_000 + b"\n",
        "a number in base 60": b"seed: " + b":".join([b"59"] * 5000) + b"\n",
        "a date that is none": b"seed: 2024-99-99\n",
        "a date of year 0": b"seed: 0000-01-01 00:00:00\n",
        "binary": b"seed: !!binary aGVsbG8=\n",
        "broken binary": b"seed: !!binary =====\n",
        "set": b"seed: !!set {a, b}\n",
        "ordered": b"seed: !!omap [a: 1]\n",
        "float as tag": b"seed: !!float abc\n",
        "int as tag": b"seed: !!int abc\n",
        "bool as tag": b"seed: !!bool abc\n",
        "timestamp as tag": b"seed: !!timestamp abc\n",
        "a million keys": b"".join(b"k%d: 1\n" % i for i in range(20_000)),
        "empty": b"",
        "blank": b"\n \n",
        "random text": b"%\t@`!&*",
        **{f"strings of hypothesis, {i}": text.encode("utf-8", "replace") for i, text in enumerate(_texts())},
    }


def _texts() -> list[str]:
    from hypothesis import strategies as st

    return drawn(st.text(alphabet="abc:-[]{}!&*|>'\"%@`#, \n\t?~<=0.e", max_size=60), 12)


def _case(seeds: Seeds, kind: str, name: str, content: bytes, index: int) -> BadInput:
    def write(folder: Path) -> None:
        (folder / "settings.yaml").write_bytes(content)
        write_canary_module(folder)
        if kind == BUILD:
            for file in (seeds.network, seeds.images, seeds.logits):
                shutil.copy(file, folder)
        else:
            shutil.copytree(seeds.data, folder / "data")

    program, arguments = _command(kind, index)
    if kind == BUILD and b"model" not in content:  # the default is a network that takes its time
        arguments = (*arguments, "--model", "in/network.onnx")
    return BadInput(kind, name, program, arguments, write, attacked="--config")


def _command(kind: str, index: int) -> tuple[str, tuple[str, ...]]:
    config = ("--config", "in/settings.yaml")
    if kind == BUILD:
        stop = ("--stop-step", "step_qonnx_cleanup", "--frames", "1", "--batch")
        # most with the folder of the file, which is the one setting that may lie anywhere
        return "qu-build", (*config, *stop, "--output", "out/build")
    if index % 8 == 0:
        return "qu-train", (*config, "--output", "out/run", "--steps", "1")
    return "qu-data", config


def _odd(seeds: Seeds, kind: str, name: str, make: Callable[[Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        make(folder / "settings.yaml")

    return BadInput(kind, name, *_command(kind, 1), write, attacked="--config")


_ODD: dict[str, Callable[[Path], object]] = {
    **NO_FILES,
    "64 MiB of blanks": lambda path: path.write_bytes(b" " * 2**26),
}
