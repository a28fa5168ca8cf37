# SPDX-License-Identifier: BSD-3-Clause
"""Public data sets as their archives have them, written in the layout that `folder` and `volumes` read.

Everything is local: an archive (zip or tar), or the folder that it unpacks to, is read, nothing is fetched. Names in
an archive never become paths: files are recognized by their names and written under names of this module's own.
"""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.spatial import ConvexHull, QhullError

from quantunet.data.problems import Problems
from quantunet_common.errors import UserError
from quantunet_common.files import require_input_file, write_durably

#: Of a file in an archive.
_MOST_BYTES = 2**28
_MOST_PIXELS = 2**26

#: Name in the archive -> content, of the files whose names a data set knows.
Members = Iterator[tuple[re.Match[str], bytes]]


@dataclass(frozen=True)
class Original:
    """A public data set: where it comes from, its terms, and how it is written."""

    title: str
    source: str
    """Where to get it, and which file of it."""
    terms: str
    """Licence and the publication to cite."""
    pattern: re.Pattern[str]
    """Of the files that are read, matched with the end of their paths."""
    write: Callable[[Members, Path], int]
    """Writes the layout into a folder; returns the number of cases."""


def write_layout(name: str, source: Path, output: Path) -> int:
    """Write `output`/images and `output`/masks of the data set `name`, of `ORIGINALS`; returns the number of cases.

    Args:
        source: its archive, or the folder that the archive unpacks to.
        output: a new or empty folder.

    Raises:
        UserError: `source` is not the data set or is damaged, or `output` is in use or cannot be written.
    """
    original = ORIGINALS[name]
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise UserError("is already in use", str(output), "Give a new folder for the layout.")
    with _members(source, original.pattern) as members:
        count = original.write(members, output)
    if not count:
        raise UserError(f"holds no file of {original.title}", str(source), f"It comes from {original.source}.")
    return count


@contextmanager
def _members(source: Path, pattern: re.Pattern[str]) -> Iterator[Members]:
    """The files whose paths end as `pattern` says, sorted by path; hidden ones (``._a.nii.gz``) do not count."""
    try:
        if source.is_dir():
            yield _chosen(pattern, [(p.relative_to(source).as_posix(), p) for p in source.rglob("*")], _of_file)
        elif zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as archive:
                infos = [(info.filename, info) for info in archive.infolist() if info.file_size <= _MOST_BYTES]
                yield _chosen(pattern, infos, archive.read)
        else:
            require_input_file(source, 2**40)
            with tarfile.open(source, "r:*") as package:
                files = [(item.name, item) for item in package if item.isfile() and item.size <= _MOST_BYTES]
                yield _chosen(pattern, files, lambda item: package.extractfile(item).read())  # type: ignore[union-attr]
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise UserError(
            f"is not a readable archive ({error})", str(source), "Give the zip or tar file, or its folder."
        ) from error


def _of_file(path: Path) -> bytes:
    require_input_file(path, _MOST_BYTES)
    return path.read_bytes()


def _chosen(pattern: re.Pattern[str], files: Sequence[tuple[str, Any]], read: Callable[..., bytes]) -> Members:
    for name, file in sorted(files, key=lambda item: item[0]):
        parts = PurePosixPath(name).parts
        found = pattern.search("/".join(parts))
        if found and not parts[-1].startswith(".") and "__MACOSX" not in parts:
            yield found, read(file)


def _picture(content: bytes, name: str) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(content))
        if image.width * image.height > _MOST_PIXELS:
            raise ValueError(f"{image.width}x{image.height} pixels")
        image.load()
    except Exception as error:  # Pillow's decoders end on damaged files with errors of many types
        raise UserError(f"is not a readable image ({error})", name, "Fetch the archive again.") from error
    return image


def _save(image: Image.Image, file: Path) -> None:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    write_durably(file, buffer.getvalue())


def _check_partners(images: set[str], masks: set[str]) -> None:
    problems = Problems()
    for name in sorted(images ^ masks):
        lacks = "mask" if name in images else "image"
        problems.add(f"cases without {lacks}", UserError(f"has no {lacks}", name, "Fetch the archive again."))
    problems.check(Path("archive"))


def filled_outline(outline: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A convex outline HW, such as an ellipse, with its inside; also where the image cuts a part of it off.

    Raises:
        ValueError: it is no outline: less than a triangle.
    """
    rows, columns = np.nonzero(outline)
    points = np.stack([columns, rows], axis=1)
    try:
        corners = points[ConvexHull(points).vertices]
    except (QhullError, ValueError) as error:
        raise ValueError("marks no area") from error
    picture = Image.new("1", (outline.shape[1], outline.shape[0]))
    ImageDraw.Draw(picture).polygon([(int(x), int(y)) for x, y in corners], fill=1, outline=1)
    return np.asarray(picture) | outline


def _write_hc18(members: Members, output: Path) -> int:
    images: set[str] = set()
    masks: set[str] = set()
    for found, content in members:
        name = found["name"]
        grey = _picture(content, found.string).convert("L")
        if found["mask"]:
            try:
                inside = filled_outline(np.asarray(grey) > 127)
            except ValueError as error:
                raise UserError(f"{error}", found.string, "Fetch the archive again.") from error
            covered = np.asarray(Image.fromarray(inside.astype(np.uint8) * 255).reduce(2))
            _save(
                Image.fromarray(np.where(covered > 127, np.uint8(255), np.uint8(0))), output / "masks" / f"{name}.png"
            )
            masks.add(name)
        else:
            _save(grey.reduce(2), output / "images" / f"{name}.png")
            images.add(name)
    _check_partners(images, masks)
    return len(images)


def _write_dsb2018(members: Members, output: Path) -> int:
    masks: dict[str, NDArray[np.bool_]] = {}
    images: set[str] = set()
    for found, content in members:
        name, picture = found["name"], _picture(content, found.string)
        if found["kind"] == "images":
            colours = np.asarray(picture.convert("RGB"))
            is_grey = bool((colours[..., :1] == colours[..., 1:]).all())
            _save(Image.fromarray(colours[..., 0] if is_grey else colours), output / "images" / f"{name}.png")
            images.add(name)
            continue
        nucleus = np.asarray(picture.convert("L")) > 0
        if name in masks and masks[name].shape != nucleus.shape:
            raise UserError("has another size than the masks beside it", found.string, "Fetch the archive again.")
        masks[name] = masks[name] | nucleus if name in masks else nucleus
    _check_partners(images, set(masks))
    for name, mask in masks.items():
        _save(Image.fromarray(mask.astype(np.uint8) * 255), output / "masks" / f"{name}.png")
    return len(images)


def _write_hippocampus(members: Members, output: Path) -> int:
    seen: dict[str, set[str]] = {"images": set(), "masks": set()}
    for found, content in members:
        kind = "images" if found["kind"] == "imagesTr" else "masks"
        write_durably(output / kind / f"{found['name']}.nii.gz", content)
        seen[kind].add(found["name"])
    _check_partners(seen["images"], seen["masks"])
    return len(seen["images"])


ORIGINALS = {
    "hc18": Original(
        "HC18, fetal heads in ultrasound",
        "https://zenodo.org/records/1322001 (training_set.zip), or the challenge's page https://hc18.grand-challenge.org",
        "CC BY 4.0. van den Heuvel et al., PLoS ONE 13(8): e0200412, 2018; data doi 10.5281/zenodo.1322001",
        re.compile(r"(?:^|/)(?P<name>\d+_\d*HC)(?P<mask>_Annotation)?\.png$"),
        _write_hc18,
    ),
    "dsb2018": Original(
        "nuclei of the 2018 Data Science Bowl",
        "https://bbbc.broadinstitute.org/BBBC038 (stage1_train.zip)",
        "CC0 1.0. Caicedo et al., Nature Methods 16, 2019",
        re.compile(r"(?:^|/)(?P<name>[0-9a-f]+)/(?P<kind>images|masks)/[0-9a-f]+\.png$"),
        _write_dsb2018,
    ),
    "msd_hippocampus": Original(
        "hippocampus of the Medical Segmentation Decathlon",
        "http://medicaldecathlon.com (Task04_Hippocampus.tar)",
        "CC BY-SA 4.0. Antonelli et al., Nature Communications 13, 4128, 2022",
        re.compile(r"(?:^|/)(?P<kind>imagesTr|labelsTr)/(?P<name>hippocampus_\d+)\.nii\.gz$"),
        _write_hippocampus,
    ),
}
