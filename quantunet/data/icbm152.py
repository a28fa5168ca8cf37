"""Slices of the ICBM152 2009a non-linear average brain (Fonov et al., NeuroImage 54, 2011) at 1 mm.

The T1 volume (brain only) and the tissue probability maps lie as files inside the `nilearn` package. They
are read from there and none of nilearn's code is imported, as that would need scikit-learn and pandas.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import nibabel
import numpy as np
from numpy.typing import NDArray

from quantunet.config import Icbm152Config
from quantunet.data.pairs import Pairs, Split, fitted_image, fitted_mask
from quantunet.errors import QuantUNetError

_FILE = "mni_icbm152_{}_tal_nlin_sym_09a_converted.nii.gz"
_MAPS = {"white_matter": "wm", "grey_matter": "gm"}


def load_icbm152(config: Icbm152Config, size: tuple[int, int]) -> Split:
    """Slices as uint8 NCHW images and masks of `size` (height, width), split by blocks of slices with gaps.

    Raises:
        QuantUNetError: nilearn's files are not installed, or the split leaves one side empty.
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
    train, validation = split_blocks(usable, config.block, config.validation_every, config.gap)
    if not train or not validation:
        raise QuantUNetError(
            f"{len(usable)} slices leave {len(train)} for training and {len(validation)} for validation",
            "data",
            "Use smaller blocks, a smaller gap or another validation_every.",
        )

    def pairs(indices: list[int]) -> Pairs:
        images = [fitted_image(volume.take(index, config.axis), size) for index in indices]
        masks = [fitted_mask(np.take(tissue, index, config.axis), size) for index in indices]
        return Pairs(np.stack(images)[:, None], np.stack(masks)[:, None], tuple(f"slice {index}" for index in indices))

    return Split(pairs(train), pairs(validation))


def split_blocks(indices: list[int], block: int, validation_every: int, gap: int) -> tuple[list[int], list[int]]:
    """Split slice numbers into training and validation by blocks of `block` numbers.

    Each `validation_every`-th block is for validation; training numbers within `gap` of a validation number
    are dropped, so a training and a validation slice are always more than `gap` slices apart.
    """
    if not indices:
        return [], []
    first = min(indices)
    is_validation = {index: (index - first) // block % validation_every == validation_every // 2 for index in indices}
    validation = [index for index in indices if is_validation[index]]
    near = {index + offset for index in validation for offset in range(-gap, gap + 1)}
    return [index for index in indices if index not in near], validation


def _volume(name: str) -> NDArray[np.uint8]:
    spec = importlib.util.find_spec("nilearn")  # finds a top-level package without importing it
    roots = list(spec.submodule_search_locations or []) if spec else []
    for root in roots:
        path = Path(root) / "datasets" / "data" / _FILE.format(name)
        if path.is_file():
            return np.asarray(nibabel.load(path).dataobj)
    raise QuantUNetError(
        f"the ICBM152 volume {_FILE.format(name)} is not installed",
        "data",
        "Run `make setup`, or `pip install --no-deps nilearn==0.11.1`.",
    )
