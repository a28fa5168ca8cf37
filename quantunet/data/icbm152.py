# SPDX-License-Identifier: BSD-3-Clause
"""Slices of the ICBM152 2009a non-linear average brain (Fonov et al., NeuroImage 54, 2011) at 1 mm.

The T1 volume (brain only) and the tissue probability maps lie as files inside the `nilearn` package. They
are read from there and none of nilearn's code is imported, as that would need scikit-learn and pandas.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import NamedTuple

import nibabel
import numpy as np
from numpy.typing import NDArray

from quantunet.config import Icbm152Config
from quantunet.data.pairs import Pairs, Split, fitted_image, fitted_mask
from quantunet_common.errors import UserError
from quantunet_common.installation import how_to_install

_FILE = "mni_icbm152_{}_tal_nlin_sym_09a_converted.nii.gz"
_MAPS = {"white_matter": "wm", "grey_matter": "gm"}


def load_icbm152(config: Icbm152Config, size: tuple[int, int]) -> Split:
    """Slices as uint8 NCHW images and masks of `size` (height, width), split by blocks of slices with gaps.

    Raises:
        UserError: nilearn's files are not installed, or the split leaves one side empty.
    """
    volume = _volume("t1").astype(np.float32)
    tissue: NDArray[np.bool_] = np.greater(_volume(_MAPS[config.target]), 127)
    low, high = np.percentile(volume, [0.5, 99.5])
    volume = np.clip((volume - low) / (high - low), 0, 1)

    usable = [
        index
        for index in range(volume.shape[config.axis])
        if tissue.take(index, config.axis).mean() >= max(config.min_mask_fraction, 1e-9)
    ]
    blocks = split_blocks(usable, config.block, config.validation_every, config.gap, config.test_part)
    sizes = {"training": len(blocks.train), "validation": len(blocks.validation)}
    if config.test_part:
        sizes["test"] = len(blocks.test)
    if not all(sizes.values()):
        counts = " and ".join(f"{count} for {part}" for part, count in sizes.items())
        raise UserError(
            f"{len(usable)} slices leave {counts}",
            "data",
            "Use smaller blocks, a smaller gap or another validation_every.",
        )

    def pairs(indices: list[int]) -> Pairs:
        images = [fitted_image(volume.take(index, config.axis), size) for index in indices]
        masks = [fitted_mask(np.take(tissue, index, config.axis), size) for index in indices]
        names = tuple(f"slice {index}" for index in indices)
        cases = tuple(f"block {(index - usable[0]) // config.block}" for index in indices)
        return Pairs(np.stack(images)[:, None], np.stack(masks)[:, None], names, cases=cases)

    return Split(pairs(blocks.train), pairs(blocks.validation), pairs(blocks.test) if config.test_part else None)


class Blocks(NamedTuple):
    """Numbers of slices; those of two parts are more than the gap apart."""

    train: list[int]
    validation: list[int]
    test: list[int]


def split_blocks(indices: list[int], block: int, validation_every: int, gap: int, test_part: bool = False) -> Blocks:
    """Split slice numbers by blocks of `block` numbers.

    One block of each `validation_every` is for validation, with `test_part` another for the test, whose
    numbers within `gap` of a validation number are dropped; so are training numbers within `gap` of either.
    """
    if not indices:
        return Blocks([], [], [])
    first = min(indices)
    place = {index: (index - first) // block % validation_every for index in indices}
    validation = [index for index in indices if place[index] == validation_every // 2]
    near = _around(validation, gap)
    test = [index for index in indices if test_part and place[index] == 0 and index not in near]
    near |= _around(test, gap)
    # A test number that was dropped as too near is not for training either.
    train = [index for index in indices if index not in near and not (test_part and place[index] == 0)]
    return Blocks(train, validation, test)


def _around(indices: list[int], gap: int) -> set[int]:
    return {index + offset for index in indices for offset in range(-gap, gap + 1)}


def _volume(name: str) -> NDArray[np.uint8]:
    spec = importlib.util.find_spec("nilearn")  # finds a top-level package without importing it
    roots = list(spec.submodule_search_locations or []) if spec else []
    for root in roots:
        path = Path(root) / "datasets" / "data" / _FILE.format(name)
        if path.is_file():
            return np.asarray(nibabel.load(path).dataobj)
    raise UserError(
        f"the ICBM152 volume {_FILE.format(name)} is not installed",
        "data",
        f"To install it: {how_to_install('nilearn')}.",
    )
