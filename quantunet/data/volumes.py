"""Volumes with masks, as slices; `VolumesConfig` has the layouts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quantunet.config import ModelConfig
from quantunet.data.pairs import Split
from quantunet.data.problems import Problems, listed
from quantunet.data.source import Findings, Picture, Source, split_sources
from quantunet.data.split import group_of
from quantunet.data.volume_files import SUFFIXES, oriented, read_volume, stem_of, voxels_apart
from quantunet.data_config import VolumesConfig
from quantunet.errors import QuantUNetError

_PERCENTILES = (0.5, 99.5)
#: How far the corners of a mask may lie from those of its image, in voxels: headers are rounded.
_TOLERANCE = 0.5


def load_volumes(config: VolumesConfig, model: ModelConfig) -> Split:
    """Slices of all volumes, split by case.

    Each volume's grey values are scaled to 0..1 by `config.window`, or else by its own 0.5th and 99.5th
    percentile, each channel for itself; what lies outside is clipped.

    Raises:
        QuantUNetError: the layout is another, a volume or mask lacks its partner, is unreadable, of another
            size or place, or its channels are not the network's.
    """
    findings = Findings()
    reader = _Reader(config, model.in_channels, findings)
    sources = [
        Source(
            case,
            group_of(case, config.group_separator),
            images,
            (mask,),
            lambda case=case, images=images, mask=mask: reader.slices(case, images, mask),  # type: ignore[misc]
        )
        for case, (images, mask) in _matched(config).items()
    ]
    return split_sources(sources, config, model, findings, reader.values_found)


def _matched(config: VolumesConfig) -> dict[str, tuple[tuple[Path, ...], Path]]:
    """Case -> files of the image, one a channel, and file of the mask."""
    files = _by_stem(config.path)
    patterns = (*config.images, config.mask)
    found: dict[str, dict[str, Path]] = {pattern: {} for pattern in patterns}
    # The one that says most goes first: `{case}` would also take the files of `{case}_mask`.
    for pattern in sorted(found, key=lambda pattern: -len(pattern.replace("{case}", ""))):
        expression = _expression(pattern)
        for stem in list(files):
            match = expression.fullmatch(stem)
            if match:
                found[pattern][match["case"]] = files.pop(stem)
    if not any(found.values()):
        there = f"; there are {listed(sorted(files))}" if files else ", and no volume at all"
        raise QuantUNetError(
            f"no volume lies at {' or '.join(patterns)}{there}",
            str(config.path),
            "Describe the layout with data.images and data.mask.",
        )
    problems = Problems()
    cases = sorted(set().union(*found.values()))
    for case in cases:
        missing = [pattern.replace("{case}", case) for pattern in patterns if case not in found[pattern]]
        if missing:
            kind = "images without a mask" if missing == [config.mask.replace("{case}", case)] else "incomplete cases"
            fix = "Add the files or remove the others of the case."
            problems.add(kind, QuantUNetError(f"{case} lacks {', '.join(missing)}", str(config.path), fix))
    problems.check(config.path)
    return {case: (tuple(found[name][case] for name in config.images), found[config.mask][case]) for case in cases}


def _by_stem(path: Path) -> dict[str, Path]:
    """Path below `path` without suffix -> file."""
    if not path.is_dir():
        raise QuantUNetError("is not a folder", str(path), f"Give a folder with volumes ({' '.join(SUFFIXES)}).")
    files: dict[str, Path] = {}
    problems = Problems()
    for file in sorted(path.rglob("*")):
        stem = stem_of(file)
        if stem is None or file.name.startswith(".") or not file.is_file():
            continue
        full = file.with_name(stem).relative_to(path).as_posix()
        if full in files:
            twice = f"{files[full].name} and {file.name} have one stem"
            problems.add("files of one stem", QuantUNetError(twice, str(file.parent), "Remove one."))
        files[full] = file
    problems.check(path)
    return files


def _expression(pattern: str) -> re.Pattern[str]:
    first, *rest = (re.escape(text) for text in pattern.split("{case}"))
    return re.compile(first + r"(?P<case>[^/]+)" + "(?P=case)".join(rest))


class _Reader:
    """Reads a case at a time, and remembers which values the masks had."""

    def __init__(self, config: VolumesConfig, channels: int, findings: Findings) -> None:
        self._config = config
        self._channels = channels
        self._findings = findings
        self._values: set[int] = set()

    def values_found(self) -> str:
        wanted = "" if self._config.labels is None else f", data.labels are {list(self._config.labels)}"
        return f" (values in the masks: {listed([str(value) for value in sorted(self._values)], 12)}{wanted})"

    def slices(self, case: str, images: tuple[Path, ...], mask_file: Path) -> Iterator[Picture]:
        """Raises:
        QuantUNetError: the case cannot be used.
        """
        volumes = [read_volume(file) for file in images]
        mask = read_volume(mask_file)
        for file, volume in ((mask_file, mask), *zip(images[1:], volumes[1:], strict=True)):
            if volume.shape != volumes[0].shape:
                raise QuantUNetError(
                    f"has {_size(volume.shape)} voxels, {images[0].name} {_size(volumes[0].shape)}",
                    str(file),
                    "Resample the volumes of a case to one grid.",
                )
            apart = voxels_apart(volumes[0], volume)
            if apart > _TOLERANCE:
                raise QuantUNetError(
                    f"lies elsewhere than {images[0].name}, by up to {apart:.1f} voxels",
                    str(file),
                    "Resample the volumes of a case to one grid, or correct the headers.",
                )
        if mask.values.shape[3] != 1:
            raise QuantUNetError(f"has {mask.values.shape[3]} channels", str(mask_file), "Give a mask of one channel.")
        values = (
            np.concatenate([volume.values for volume in volumes], axis=3) if len(volumes) > 1 else volumes[0].values
        )
        if values.shape[3] != self._channels:
            raise QuantUNetError(
                f"{case} has {values.shape[3]} channel(s), the network takes {self._channels}",
                "model.in_channels",
                f"Use in_channels: {values.shape[3]}, or other data.images.",
            )
        affine = volumes[0].affine
        inside = oriented(self._marked(mask.values, mask_file), affine)[..., 0] > 0
        scaled = [self._scaled(values[..., channel], case) for channel in range(self._channels)]
        grey = [oriented(channel, affine) for channel in scaled if channel is not None]
        flaw = None if len(grey) == self._channels else "one value throughout"
        if flaw:
            grey = [np.zeros(inside.shape, np.float32)]
        # Views, so that a slice is copied from memory as it lies: `take` would gather it voxel by voxel.
        sliced = [np.moveaxis(channel, self._config.axis, 0) for channel in grey]
        for index, marked in enumerate(np.moveaxis(inside, self._config.axis, 0)):
            picture = np.stack([channel[index] for channel in sliced])
            yield Picture(f"{case} slice {index}", picture, marked, flaw)

    def _marked(self, values: NDArray[np.float32], file: Path) -> NDArray[np.float32]:
        if not np.isfinite(values).all():
            raise QuantUNetError("is a mask with values that are not finite", str(file), "Write whole numbers.")
        labels = np.rint(values)
        self._values.update(int(value) for value in np.unique(labels))
        wanted = self._config.labels
        return (labels != 0 if wanted is None else np.isin(labels, wanted)).astype(np.float32)

    def _scaled(self, values: NDArray[np.float32], case: str) -> NDArray[np.float32] | None:
        """In 0..1; None if the volume has one value throughout. What is not finite is taken as the lowest."""
        finite = np.isfinite(values)
        if not finite.all():
            self._findings.notes.append(f"{int((~finite).sum())} voxels of {case} are not finite and became black")
        if self._config.window is not None:
            low, high = self._config.window
        elif finite.any():
            low, high = (float(value) for value in np.percentile(values[finite], _PERCENTILES))
            if low == high:
                low, high = float(values[finite].min()), float(values[finite].max())
        else:
            low = high = 0.0
        if low >= high:
            return None
        scaled = (np.where(finite, values, np.float32(low)) - np.float32(low)) / np.float32(high - low)
        return np.clip(scaled, 0, 1).astype(np.float32)


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(str(length) for length in shape)
