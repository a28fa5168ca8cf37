# SPDX-License-Identifier: BSD-3-Clause
"""The settings of the data sets and of the augmentation: one class a `kind`, each with its layout on disk.

docs/how_to/data_set.md has the layouts as a table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from quantunet.mask_config import MaskValues
from quantunet.settings import Settings


class Icbm152Config(Settings):
    """Axial slices of the ICBM152 2009a average brain that lies inside the `nilearn` package.

    It is one head: figures measured on it show that a network learns, not how well it generalizes to
    patients.
    """

    kind: Literal["icbm152"] = "icbm152"
    target: Literal["white_matter", "grey_matter"] = "white_matter"
    """The tissue to segment: its probability map above one half."""
    axis: Literal[0, 1, 2] = 2
    """Axis of the volume across which it is sliced: 0 sagittal, 1 coronal, 2 axial. Slices of one axis
    only, as slices of different axes share pixels."""
    block: int = Field(default=12, ge=1)
    """Consecutive slices that stay together in the split."""
    validation_every: int = Field(default=4, ge=2)
    """One block in this many is used for validation."""
    gap: int = Field(default=2, ge=0)
    """Slices left out on either side of a validation or test block, as neighbouring slices look alike."""
    min_mask_fraction: float = Field(default=0.01, ge=0, lt=1)
    """Slices whose mask covers less than this fraction of the pixels are not used."""
    test_part: bool = False
    """Also hold out every `validation_every`-th block for a test part, counted from the first block. The
    validation slices stay the same ones; the test slices are taken from the training. Needs
    `validation_every` of at least 3."""

    @model_validator(mode="after")
    def _something_is_left_to_train_on(self) -> Icbm152Config:
        if self.test_part and self.validation_every < 3:
            raise ValueError("test_part needs validation_every of at least 3, or no block is left for training")
        return self


class CaseSplit(Settings):
    """What all data sets of several cases have: how they are split, and what they may hold in memory.

    A case is what must not lie in two parts: a patient, a volume, or a pair of files where nothing more is
    known. The order of the cases is that of a hash of their names and `split_seed`, so it does not change
    with the machine, or that of their numbers; each part has the same share of each class where the data set has
    classes.
    """

    path: Path
    """Where the data set lies."""
    validation_fraction: float = Field(default=0.2, gt=0, lt=1)
    """Fraction of the cases used for validation: to choose the checkpoint that is kept."""
    test_fraction: float = Field(default=0.0, ge=0, lt=1)
    """Fraction of the cases held out entirely: no training and no choice of a checkpoint sees them, only
    ``qu-eval --part test``. They are taken from the training; the validation cases stay the same."""
    split: Literal["hash", "blocks"] = "hash"
    """``hash``: cases are spread over the parts by a hash of their names. ``blocks``: each part, and each fold, is a
    contiguous block of cases in the order of the numbers in their names. For data sets that do not say who a case is
    of, where neighbours in number may be of one person: then only the cases at the borders can be."""
    block_gap: int = Field(default=0, ge=0)
    """With ``split: blocks``: cases left out at each border between two parts, taken from the training."""
    split_seed: int = Field(default=0, ge=0, lt=2**31)
    """Another seed, another split; with ``split: blocks`` the blocks begin at another case. Not the seed of the
    training, so that trainings with different seeds can be compared on the same images."""
    folds: int | None = Field(default=None, ge=2)
    """Cross-validation: the cases that are not of the test part are dealt to this many folds, one of which
    is for validation; `validation_fraction` is then not used."""
    fold: int = Field(default=0, ge=0)
    """The fold for validation, from 0."""
    empty_masks: Literal["keep", "skip"] = "keep"
    """What to do with images whose mask marks nothing."""
    memory_mib: int = Field(default=512, ge=1)
    """Resized pictures (8 bits) beyond this size lie in a temporary file that is mapped into memory, so that
    the system can drop them and the processes of one training can share them; for each part of the split."""

    @model_validator(mode="after")
    def _parts_fit(self) -> CaseSplit:
        if self.block_gap and self.split != "blocks":
            raise ValueError(f"block_gap: {self.block_gap} has no effect without split: blocks")
        if self.folds is None and self.validation_fraction + self.test_fraction >= 1:
            raise ValueError("validation_fraction and test_fraction leave nothing for training")
        if self.folds is None and self.fold:
            raise ValueError(f"fold: {self.fold} has no effect without folds")
        if self.folds is not None and self.fold >= self.folds:
            raise ValueError(f"fold {self.fold} is not one of the {self.folds} folds 0 to {self.folds - 1}")
        return self


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _segment(value: Any) -> Any:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 9:
        value = int(value)
    if isinstance(value, bool) or value == "" or (isinstance(value, int) and not 0 < value < 2**16):
        raise ValueError("a segment is a number from 1 on, or a label")
    return value


Patterns = Annotated[tuple[str, ...], BeforeValidator(_several), Field(min_length=1)]


class Layout(CaseSplit, MaskValues):
    """Where the images of a case lie and where its mask."""

    images: Patterns = ("images/{case}",)
    """Where the images lie below `path`, without suffix, ``{case}`` for the name of the case:
    ``["{case}/image"]``, or one a channel, ``["{case}/{case}_flair", "{case}/{case}_t1ce"]``."""
    mask: str = "masks/{case}"
    """Where the masks lie, likewise: ``"masks/{case}_segmentation"``, ``"{case}/{case}_seg"``."""
    segment: Annotated[int | str | None, BeforeValidator(_segment)] = None
    """Of masks that are DICOM segmentations: the segment that is the target, by its number, or by its label (as a whole,
    upper or lower case). Without, a mask has the numbers of its segments as values, which `labels` choose from."""
    patients: Literal["dicom", "names"] = "dicom"
    """``dicom``: DICOM images of one PatientID stay in one part of the split; who it is, is not written anywhere.
    ``names``: they are cases by the names of their files, as other images are. `group_separator` goes before either."""

    @model_validator(mode="after")
    def _patterns_name_the_case(self) -> Layout:
        for pattern in (*self.images, self.mask):
            if "{case}" not in pattern:
                raise ValueError(f"{pattern!r} lacks {{case}}")
            if pattern.startswith("/") or ".." in pattern.split("/"):
                raise ValueError(f"{pattern!r} does not lie below the folder of the data")
        if len({*self.images, self.mask}) <= len(self.images):
            raise ValueError("images and mask are to be different files")
        if self.segment is not None and self.labels is not None:
            raise ValueError("segment and labels exclude each other; give one of them")
        return self


class FolderConfig(Layout):
    """Pictures in files, or DICOM files, of which each frame is an image. By default a mask has the stem of its image
    (``images/a.png``, ``masks/a.tif``)."""

    kind: Literal["folder"] = "folder"
    group_separator: str | None = None
    """Pairs whose stems agree up to the last occurrence of this text (``"_"`` for ``patient7_slice12``)
    stay on one side of the split. Without it each pair is a group of its own."""
    contrast: Literal["as_stored", "percentiles"] = "as_stored"
    """``as_stored``: 8-bit values as they are. ``percentiles``: each image is scaled by the 0.5th and the 99.5th
    percentile of its own values, all channels alike, as deeper images always are: for data sets in which some images
    use a small part of the range; the windows of DICOM files are then not used. The driver of a board takes 8-bit pictures as
    they are, and DICOM by its windows: scale them before."""


class BusiConfig(CaseSplit):
    """BUSI, breast ultrasound (Al-Dhabyani et al., Data in Brief 28, 2020), as its archive unpacks.

    ``Dataset_BUSI_with_GT/{benign,malignant,normal}/benign (1).png`` with ``benign (1)_mask.png`` and, for
    further lesions of the image, ``benign (1)_mask_1.png``. The files do not say which images are of one
    patient, so each image is a case; images with the same bytes are used once.
    """

    kind: Literal["busi"] = "busi"
    classes: tuple[Literal["benign", "malignant", "normal"], ...] = Field(
        default=("benign", "malignant", "normal"), min_length=1
    )
    """The classes to use. Normal images have empty masks."""


class LggConfig(CaseSplit):
    """LGG, brain MRI with glioma (Buda et al., Computers in Biology and Medicine 109, 2019), ``kaggle_3m``.

    ``kaggle_3m/TCGA_CS_4941_19960909/TCGA_CS_4941_19960909_1.tif`` and ``..._1_mask.tif``: the channels of
    an image are pre-contrast, FLAIR and post-contrast. A case is a patient (``TCGA_CS_4941``). The copy of
    itself that the archive holds is ignored.
    """

    kind: Literal["lgg"] = "lgg"
    sequence: Literal["pre", "flair", "post"] = "flair"
    """The one that a network of one input channel sees; with `model.in_channels: 3` it sees all."""


class VolumesConfig(Layout):
    """Volumes with masks as NIfTI (``.nii``, ``.nii.gz``), NRRD (``.nrrd``, ``.nhdr``) or DICOM, sliced.

    By default ``images/CASE.nii.gz`` and ``masks/CASE.nii.gz``; `images` and `mask` describe other layouts. A DICOM series is
    a folder of its files in place of a file (``images/CASE/``).
    Image and mask may be of different formats. Slices are taken with square pixels, whatever their spacing.
    """

    kind: Literal["volumes"] = "volumes"
    axis: Literal[0, 1, 2] = 2
    """Axis across which volumes are sliced: 0 sagittal, 1 coronal, 2 axial, by the orientation that the
    file states; for a file that states none, the axis of its array."""
    window: tuple[float, float] | None = None
    """Values that become black and white, the same for all volumes: ``[-1000, 400]`` for lungs in CT.
    Without: the 0.5th and the 99.5th percentile of each volume (and channel)."""
    group_separator: str | None = None
    """Cases whose names agree up to the last occurrence of this text (``"_"`` for ``patient7_scan2``) stay
    in one part of the split."""
    empty_masks: Literal["keep", "skip"] = "skip"
    """What to do with slices whose mask marks nothing."""

    @model_validator(mode="after")
    def _values_are_numbers(self) -> VolumesConfig:
        for label in (*(self.labels if isinstance(self.labels, tuple) else ()), *self.ignore):
            if not isinstance(label, int):
                raise ValueError(f"{label} is a colour, which no volume has; labels of volumes are numbers")
        if self.window is not None and not self.window[0] < self.window[1]:
            raise ValueError(f"window {list(self.window)} is not [lower, upper]")
        return self


class PyradiomicsConfig(CaseSplit):
    """The five tumours (brain, breast, lung) that the source package of pyradiomics 3.0.1 holds.

    ``pip download --no-deps --no-binary :all: pyradiomics==3.0.1`` fetches it; `path` is the ``.tar.gz`` or
    the folder it unpacks to. 27 axial slices with a tumour: enough to show that everything works on real
    tumours, not to claim an accuracy.
    """

    kind: Literal["pyradiomics"] = "pyradiomics"
    axis: Literal[0, 1, 2] = 2
    """Axis across which volumes are sliced: 0 sagittal, 1 coronal, 2 axial."""
    empty_masks: Literal["keep", "skip"] = "skip"
    """What to do with slices without tumour."""


DataConfig = Annotated[
    Icbm152Config | FolderConfig | BusiConfig | LggConfig | VolumesConfig | PyradiomicsConfig,
    Field(discriminator="kind"),
]


class AugmentConfig(Settings):
    """Random changes of the training images, image and mask alike; see `quantunet.data.augment`."""

    mirror: Literal["none", "horizontal", "vertical", "both"] = "both"
    """Directions in which an image is mirrored, each with probability 1/2."""
    probability: float = Field(default=0.8, ge=0, le=1)
    """That an image is rotated, scaled and shifted; likewise that its grey values change, and that it is
    deformed."""
    rotate: float = Field(default=15, ge=0, le=180)
    """Degrees, at most, either way."""
    scale: float = Field(default=0.1, ge=0, lt=1)
    """Change of size, at most: 0.1 for 0.9 to 1.1 times."""
    shift: float = Field(default=1 / 16, ge=0, lt=1)
    """Fraction of height and width, at most, either way."""
    elastic: float = Field(default=0, ge=0)
    """Elastic deformation as for the first U-Net: standard deviation in pixels of the shifts on a grid of
    1/8 of the size."""
    brightness: float = Field(default=0.1, ge=0, lt=1)
    """Change of all values, at most: 0.1 for 0.9 to 1.1 times."""
    gamma: float = Field(default=0.2, ge=0, lt=1)
    """Change of the contrast, at most: values, from 0 for the image's darkest to 1 for its brightest, to the
    power of 1/(1 + gamma) to 1 + gamma."""
    noise: float = Field(default=0.0, ge=0, lt=1)
    """Largest standard deviation of Gaussian noise, for values in 0..1."""
