# SPDX-License-Identifier: BSD-3-Clause
"""Images and masks: the data sets, one file each, and the slices on which a trained network is verified."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from quantunet.config import FolderConfig, ModelConfig
from quantunet.data.busi import load_busi
from quantunet.data.folder import load_folder, load_folder_pairs
from quantunet.data.icbm152 import load_icbm152
from quantunet.data.lgg import load_lgg
from quantunet.data.pairs import Pairs, Split
from quantunet.data_config import BusiConfig, DataConfig, LggConfig, PyradiomicsConfig, VolumesConfig
from quantunet_common.errors import UserError
from quantunet_common.messages import printable

if TYPE_CHECKING:
    from quantunet.model import QuantUNet

__all__ = ["Pairs", "Split", "load_data", "load_folder_pairs", "verification_images"]


_LOG = logging.getLogger(__name__)


def load_data(data: DataConfig, model: ModelConfig, *, log_notes: bool = True) -> Split:
    """The parts of a data set, of the size and channels that `model` takes.

    What was left out of the data set is in `Split.notes` and, unless `log_notes` is false, logged as
    warnings.

    Raises:
        UserError: the data is missing, unreadable or does not suit the network.
    """
    if model.out_channels != 1:
        raise UserError(
            f"the data has one mask an image, the network has {model.out_channels} outputs",
            "model.out_channels",
            "Use out_channels: 1.",
        )
    split = _load(data, model)
    for note in split.notes if log_notes else ():
        _LOG.warning("%s data: %s", data.kind, printable(note))
    return split


def _load(data: DataConfig, model: ModelConfig) -> Split:
    if isinstance(data, FolderConfig):
        return load_folder(data, model)
    if isinstance(data, BusiConfig):
        return load_busi(data, model)
    if isinstance(data, LggConfig):
        return load_lgg(data, model)
    # These read volumes; nibabel and pynrrd take their time to import.
    if isinstance(data, VolumesConfig):
        from quantunet.data.volumes import load_volumes

        return load_volumes(data, model)
    if isinstance(data, PyradiomicsConfig):
        from quantunet.data.pyradiomics import load_pyradiomics

        return load_pyradiomics(data, model)
    if model.in_channels != 1:
        raise UserError(
            f"the ICBM152 slices have one channel, the network takes {model.in_channels}",
            "model.in_channels",
            "Use in_channels: 1.",
        )
    return load_icbm152(data, model.image_size)


def verification_images(model: QuantUNet, frames: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Real images that `model` was not trained on, spread evenly over its validation split, with their masks.

    Returns:
        Images float32 ``[frames, C, H, W]`` with values k/255, and masks float32 ``[frames, 1, H, W]`` of 0
        and 1, below 0 where nobody labelled the pixel. If more frames are asked for than the split holds, it is gone through again.

    Raises:
        UserError: the network does not say what it was trained on, or that data is not on this machine.
    """
    if frames < 1:
        raise UserError(f"{frames} frames asked for", "frames", "Ask for at least one.")
    if model.data is None:
        raise UserError("the checkpoint does not name its data", "data", "Give images of your own to verify with.")
    pairs = load_data(model.data, model.config).validation
    count = len(pairs)
    chosen = (
        np.arange(frames) % count if frames > count else np.linspace(0, count - 1, frames + 2)[1:-1].round().astype(int)
    )
    names = tuple(pairs.names[index] for index in chosen)
    return Pairs(np.asarray(pairs.images[chosen]), np.asarray(pairs.masks[chosen]), names).as_float()
