# SPDX-License-Identifier: BSD-3-Clause
"""Write `driver/` and `deploy/` of a build."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np

import quantunet_common
from hw_flows import drivers
from hw_flows.drivers.description import AcceleratorDescription
from hw_flows.drivers.pictures import MASK
from hw_flows.drivers.segmenter import mask_of
from hw_flows.drivers.weights import WeightFiles
from hw_flows.memory_system import MemorySystem
from hw_flows.weight_memory.image import IDENTITY_BITS, IMAGE_NAME, MANIFEST_NAME
from quantunet_common.files import copy_atomically, write_atomically, write_text_atomically

MAX_SAMPLES = 4
WEIGHTS_FOLDER = "weights"
#: The files that training and driver share; `hw_flows.drivers` only refers to them.
SHARED = ("pixels.py", "dicom.py", "dicom_file.py", "dicom_header.py")

RUN = '''\
"""Segment images on the board: python run.py --help"""

from pathlib import Path

from driver.command import main

raise SystemExit(main(Path(__file__).resolve().parent))
'''

README = """\
{name} on {title}
{rule}
{experimental}
    python run.py                      the sample images: each mask is compared with the expected one
    python run.py IMAGES --masks OUT   a folder of images of your own ({shape}), masks as pictures in OUT

Needed here: Python 3.10 or newer and numpy; {needs}

run.py loads the bitstream into the board and talks to the accelerator in it; the board tells which build it runs, so
another bitstream is noticed. By hand:

    {load}
    python run.py --no-load

Images are .npy files, float32 (channels, height, width) in the range that the network was trained on, or grey or colour
pictures (with Pillow), read as in training: 8 bits are divided by 255; grey of 16 or 32 bits uses the range that the
picture has, its 0.5th percentile becomes 0 and its 99.5th becomes 1. Pictures of another size keep their proportions, with
zeros around them, and are resized with antialias; their masks in OUT have the size of the picture. DICOM files (with Pillow
and pydicom 3) use the window that they state; each of their frames is an image. Nothing of a patient is read or written, but
names of files are: masks are named after them.

In a program of your own:

    from pathlib import Path
    from driver.description import AcceleratorDescription
    from driver.segmenter import Segmenter
    from driver.{driver} import open_board

    folder = Path("deploy")
    description = AcceleratorDescription.load(folder / "accelerator.json")
    board = open_board(description, folder)
    for mask in Segmenter(description, board).masks(images):
        ...
    board.close()

    accelerator.json  what the driver knows of the accelerator   bitfile/  the bitstream
    driver/           the driver, plain Python                   sample/   images and their expected masks
{weights}{head}
{facts}
"""


WEIGHTS = """
    weights/          weights of {layers} layers, {size:,} bytes, which the accelerator reads from the board's memory; run.py checks
                      them, and finds and holds a piece of memory for them; if they are damaged there later, it says so
"""

HEAD = """
The masks are those of the logits that the accelerator computes: above 0, or the largest of several classes. What the
network itself computes behind its logits ({operators}) lies in head.onnx, for ONNX Runtime; the driver does not run it.
"""


def write_driver(folder: Path) -> None:
    """Copy the driver package into `folder`, without anything left from before. It stands alone."""
    shutil.rmtree(folder, ignore_errors=True)
    own = [source for source in resources.files(drivers).iterdir() if source.name.endswith(".py")]
    shared = [resources.files(quantunet_common) / name for name in SHARED]
    for source in (*(source for source in own if source.name not in SHARED), *shared):
        write_text_atomically(folder / source.name, source.read_text(encoding="utf-8"))


def weight_files(system: MemorySystem) -> WeightFiles:
    """What `accelerator.json` says of the weights in memory."""
    return WeightFiles(
        f"{WEIGHTS_FOLDER}/{IMAGE_NAME}",
        f"{WEIGHTS_FOLDER}/{MANIFEST_NAME}",
        f"{system.layout.identity:0{IDENTITY_BITS // 4}x}",
    )


def write_deploy(
    folder: Path,
    description: AcceleratorDescription,
    files: Sequence[Path],
    images: np.ndarray,
    logits: np.ndarray,
    readme: str,
    head: Path | None = None,
    weights: Path | None = None,
) -> None:
    """Fill `folder`. `images` (N, C, H, W) with the network's `logits` (N, classes, H, W) give the sample; `head` is the
    network behind its logits, if it has one; `weights` the folder of those that the accelerator reads from memory."""
    write_driver(folder / "driver")
    if head is None:
        (folder / "head.onnx").unlink(missing_ok=True)
    else:
        copy_atomically(head, folder / "head.onnx")
    for file in files:
        copy_atomically(file, folder / "bitfile" / file.name)
    shutil.rmtree(folder / WEIGHTS_FOLDER, ignore_errors=True)
    if weights is not None:
        for name in (IMAGE_NAME, MANIFEST_NAME):
            copy_atomically(weights / name, folder / WEIGHTS_FOLDER / name)
    description.save(folder / "accelerator.json")
    write_text_atomically(folder / "run.py", RUN)
    write_text_atomically(folder / "README.md", readme)
    shutil.rmtree(folder / "sample", ignore_errors=True)
    for number in range(min(MAX_SAMPLES, len(images))):
        _save(folder / "sample" / f"image{number}.npy", images[number].astype(np.float32))
        _save(folder / "sample" / f"image{number}{MASK}", mask_of(logits[number]))


def _save(path: Path, array: np.ndarray) -> None:
    def write(temporary: Path) -> None:
        with temporary.open("wb") as handle:
            np.save(handle, array)

    write_atomically(path, write)
