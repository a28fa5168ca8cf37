# SPDX-License-Identifier: BSD-3-Clause
"""Sound files of every kind, to be damaged: a small network with its checkpoint, QONNX file, arrays and build, data sets,
a training and an experiment."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image

SIZE = (8, 8)
"""Height and width of the network's image."""
EXPERIMENT_OUTPUT, RUN_OUTPUT = "out/experiment", "out/run"
#: Settings of a tiny training, and of an experiment of two of them; threads of the command itself compute it.
TRAIN: dict[str, Any] = {
    "model": {"base_width": 2, "depth": 1, "image_size": list(SIZE)},
    "data": {"kind": "folder", "path": "in/data"},
    "steps": 2,
    "batch_size": 2,
    "validate_every": 1,
    "save_every": 1,
    "device": "cpu",
}
EXPERIMENT: dict[str, Any] = {
    "title": "Discs",
    "train": "train.yaml",
    "seeds": [0],
    "variants": {"learned": {}, "float": {"model": {"precision": "float"}}},
    "cluster": {"kind": "local", "workers": 1, "processes": False},
}
LIMIT_SECONDS = 900.0


@dataclass(frozen=True)
class Seeds:
    """Where the sound files lie."""

    checkpoint: Path
    torch_file: Path
    network: Path
    """QONNX."""
    images: Path
    """Float32 (2, 1, 8, 8), k/255."""
    logits: Path
    data: Path
    """`images/` and `masks/` of six pairs, PNG."""
    build: Path
    """Output folder of qu-build, up to the stitched RTL."""
    cache: Path
    """Cache in which the build's simulator is compiled."""
    experiment: Path
    """A finished experiment: `in/experiment.yaml` with what it names, `out/experiment`."""
    training: Path
    """A finished training with its last state: `in/train.yaml` with what it names, `out/run`."""


def make_seeds(folder: Path) -> Seeds:
    """Write all into `folder`."""
    import torch

    from quantunet.checkpoint import save_checkpoint
    from quantunet.config import FolderConfig, ModelConfig
    from quantunet.export import export_qonnx
    from quantunet.model import QuantUNet
    from quantunet.quantizers import freeze_widths

    data = draw_data(folder / "data")
    torch.manual_seed(1)
    torch.set_num_threads(1)
    model = QuantUNet(ModelConfig(depth=1, base_width=2, image_size=SIZE))
    model.data = FolderConfig(path=Path("in/data"))
    with torch.no_grad():
        for _ in range(3):
            model.train()(torch.rand(4, 1, *SIZE))
    freeze_widths(model)
    model.eval()
    seeds = Seeds(
        folder / "checkpoint",
        folder / "network.pt",
        folder / "network.onnx",
        folder / "images.npy",
        folder / "logits.npy",
        data,
        folder / "build",
        folder / "cache",
        folder / "experiment",
        folder / "training",
    )
    save_checkpoint(seeds.checkpoint, model)
    torch.save({"model": model.config.model_dump(mode="json"), "state_dict": model.state_dict()}, seeds.torch_file)
    export_qonnx(model, seeds.network)
    images = (np.random.default_rng(3).integers(0, 256, (2, 1, *SIZE)) / 255).astype(np.float32)
    np.save(seeds.images, images)
    with torch.no_grad():
        np.save(seeds.logits, model.double()(torch.from_numpy(images).double()).float().numpy())
    _finish_with_the_commands(seeds)
    return seeds


def _finish_with_the_commands(seeds: Seeds) -> None:
    """What the commands leave behind; relative names, so that it works in the folder of a case too."""
    for folder in (seeds.experiment, seeds.training):
        shutil.copytree(seeds.data, folder / "in" / "data")
        (folder / "in" / "train.yaml").write_text(yaml.safe_dump(TRAIN))
    (seeds.experiment / "in" / "experiment.yaml").write_text(yaml.safe_dump(EXPERIMENT))
    _run(seeds, seeds.training, "qu-train", "--config", "in/train.yaml", "--output", RUN_OUTPUT)
    _run(seeds, seeds.experiment, "qu-experiment", "--config", "in/experiment.yaml", "--output", EXPERIMENT_OUTPUT)
    _run(
        seeds,
        seeds.build.parent,
        "qu-build",
        "--model",
        str(seeds.network),
        "--verify-input",
        str(seeds.images),
        "--output",
        str(seeds.build),
        "--flow",
        "none",
        "--frames",
        "2",
        "--jobs",
        "1",
        "--target-fps",
        "20000",
        "--batch",
        "--stop-step",
        "step_stitch",
    )
    _run(seeds, seeds.build.parent, "qu-sim", str(seeds.build), "--jobs", "1")


def _run(seeds: Seeds, folder: Path, command: str, *arguments: str) -> None:
    code = f"import sys; from trust.hostile_input.commands import installed; sys.argv[0] = {command!r}; "
    path = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "QU_CACHE": str(seeds.cache)}
    run = subprocess.run(
        [sys.executable, "-c", f"{code} installed()[{command!r}]()", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert run.returncode == 0, f"{command}: {run.stdout}{run.stderr}"


def draw_data(folder: Path, count: int = 6) -> Path:
    """Pairs of 20x16 pixels: a bright disc on noise and its mask."""
    source = np.random.default_rng(0)
    rows, columns = np.mgrid[:20, :16]
    for kind in ("images", "masks"):
        (folder / kind).mkdir(parents=True)
    for index in range(count):
        disc = (rows - 8 - index % 3) ** 2 + (columns - 8) ** 2 < 20
        image = source.integers(0, 80, disc.shape) + 150 * disc
        Image.fromarray(image.astype(np.uint8)).save(folder / "images" / f"case{index}.png")
        Image.fromarray((255 * disc).astype(np.uint8)).save(folder / "masks" / f"case{index}.png")
    return folder


def picture(suffix: str, mode: str = "L", size: tuple[int, int] = (16, 20)) -> bytes:
    """An image file of width and height `size`."""
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
    file = io.BytesIO()
    kind = {"jpg": "JPEG", "tif": "TIFF", "pgm": "PPM"}.get(suffix, suffix.upper())
    Image.fromarray(pixels).convert(mode).save(file, format=kind)
    return file.getvalue()


def nifti(values: np.ndarray) -> bytes:
    """An uncompressed NIfTI file with an affine of 1 mm."""
    import nibabel

    image: bytes = nibabel.Nifti1Image(values, np.eye(4)).to_bytes()
    return image


def compressed(data: bytes) -> bytes:
    """As gzip writes it at no time."""
    return gzip.compress(data, mtime=0)


def nrrd_file(values: np.ndarray, **header: str) -> bytes:
    """A NRRD file with raw data; more fields of the header by name, blanks as underscores."""
    fields = {
        "type": "uint8",
        "dimension": str(values.ndim),
        "sizes": " ".join(map(str, values.shape)),
        "encoding": "raw",
        **{name.replace("_", " "): text for name, text in header.items()},
    }
    text = "NRRD0004\n" + "".join(f"{name}: {value}\n" for name, value in fields.items()) + "\n"
    return text.encode("utf-8", "surrogateescape") + values.astype(np.uint8).tobytes(order="F")


def npy(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, values, allow_pickle=True)
    return file.getvalue()


def npy_with_header(header: str, data: bytes = b"") -> bytes:
    """A .npy file of version 1.0 with any header."""
    text = header.encode("latin1") + b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data
