# SPDX-License-Identifier: BSD-3-Clause
"""`run.py` of a deploy folder: load the board, segment a folder of images, compare with expected masks, tell the speed."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import numpy as np

from .description import AcceleratorDescription
from .errors import BoardError
from .pictures import InputPicture, read_folder, write_mask
from .segmenter import BoardLink, Segmenter


def main(folder: Path, arguments: Sequence[str] | None = None) -> int:
    """`folder` holds accelerator.json. Exit status: 0 all masks as expected, 1 one differs, 2 board or input unusable."""
    options = _parser().parse_args(arguments)
    try:
        return _run(folder, options)
    except BoardError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run.py",
        description="Segment images on the board.",
        epilog="Example: python run.py my_images --masks masks",
    )
    parser.add_argument("images", nargs="?", type=Path, help="folder of images; default: the sample of this build")
    parser.add_argument("--port", help="serial port of the board, for example /dev/ttyUSB0; default: the one found")
    parser.add_argument("--no-load", action="store_true", help="the bitstream is in the board already")
    parser.add_argument("--repeat", type=int, default=1, help="run all images so many times, to measure the speed")
    parser.add_argument("--masks", type=Path, help="folder for the masks, as .pgm pictures")
    parser.add_argument("--grace", type=float, default=2.0, help="seconds that the board may be silent (default 2)")
    return parser


def _run(folder: Path, options: argparse.Namespace) -> int:
    description = AcceleratorDescription.load(folder / "accelerator.json")
    pictures = read_folder(options.images or folder / "sample", description.image_shape)
    driver = import_module(f".{description.link['driver']}", __package__)
    board: BoardLink = driver.open_board(description, folder, options.port, not options.no_load, options.grace)
    try:
        print(f"{description.name} on {description.board}, build {description.identity}")
        started = time.monotonic()
        repeated = [picture.image for _ in range(max(1, options.repeat)) for picture in pictures]
        masks = list(Segmenter(description, board).masks(repeated))
        seconds = time.monotonic() - started
    finally:
        board.close()
    print(f"{len(masks)} frames in {seconds:.3f} s: {len(masks) / seconds:.2f} frames/s")
    wrong = [_compare(picture, mask) for picture, mask in zip(pictures * max(1, options.repeat), masks, strict=True)]
    if options.masks is not None:
        for picture, mask in zip(pictures, masks, strict=False):
            write_mask(options.masks / f"{picture.name}.pgm", mask, picture.size)
        print(f"masks: {options.masks}")
    return 1 if any(wrong) else 0


def _compare(picture: InputPicture, mask: np.ndarray) -> bool:
    """Tell whether a mask is the expected one; True where it is not."""
    share = f"{int((mask != 0).sum()):,} of {mask.size:,} pixels set"
    if picture.expected is None:
        print(f"  {picture.name}: {share}")
        return False
    differing = int((picture.expected != mask).sum()) if picture.expected.shape == mask.shape else mask.size
    verdict = "as expected" if not differing else f"DIFFERS from the expected mask in {differing:,} pixels"
    print(f"  {picture.name}: {verdict}, {share}")
    return bool(differing)
