# SPDX-License-Identifier: BSD-3-Clause
"""Options of several commands that say where images and masks lie and which values of the masks are the target."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from quantunet.config import FolderConfig, parse_config
from quantunet.data_config import DataConfig, VolumesConfig
from quantunet_common.errors import UserError

_Command = TypeVar("_Command", bound=Callable[..., Any])


def reading_options(command: _Command) -> _Command:
    """The options, given to `command` as settings of `quantunet.data_config.Layout`: the argument ``reading``."""

    @functools.wraps(command)
    def run(*args: Any, **options: Any) -> Any:
        given = {name: options.pop(name) for name in ("images", "mask", "labels", "ignore", "threshold", "segment")}
        reading = {name: value for name, value in given.items() if value not in (None, ())}
        return command(*args, reading=reading, **options)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run  # type: ignore[return-value]


class _Values(click.ParamType):
    """Values of masks with commas between them."""

    name = "VALUES"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        parts = [part.strip() for part in str(value).split(",")]
        return "nonzero" if parts == ["nonzero"] else parts


_OPTIONS = (
    click.option(
        "--images",
        multiple=True,
        metavar="PATTERN",
        help='Where the images lie below --data, without suffix, such as "{case}/flair"; several times: one a channel. '
        'Default "images/{case}". Of the kinds "folder" and "volumes".',
    ),
    click.option(
        "--mask", metavar="PATTERN", help='Where the masks lie, such as "masks/{case}_segmentation"; "masks/{case}".'
    ),
    click.option(
        "--labels",
        type=_Values(),
        metavar="VALUES",
        help='Values of the masks that are the target: 128, or 1,2, or "#ff0000" (colours), or nonzero. Without, masks '
        "may hold 0 and 255 or 0 and 1.",
    ),
    click.option(
        "--ignore",
        type=_Values(),
        metavar="VALUES",
        help="Values of pixels that nobody labelled: left out of loss and scores.",
    ),
    click.option("--threshold", type=float, help="Values of soft masks from here on are the target."),
    click.option(
        "--segment",
        metavar="SEGMENT",
        help="Of DICOM segmentations: number or label of the segment that is the target.",
    ),
)


def folder_like(trained: DataConfig | None, path: Path, reading: dict[str, Any]) -> FolderConfig:
    """The folder `path`, read like the one a network was trained on, if that was one, and as `reading` says.

    Raises:
        UserError: `reading` says what cannot be.
    """
    settings: dict[str, Any] = {"path": path}
    if isinstance(trained, FolderConfig):
        settings |= {
            name: getattr(trained, name)
            for name in ("images", "mask", "labels", "ignore", "threshold", "segment", "patients", "contrast")
        }
    return parse_config(FolderConfig, _laid_over(settings, reading), "command line")


def read_with(data: DataConfig, reading: dict[str, Any]) -> DataConfig:
    """The data that a network was trained on, read as `reading` says.

    Raises:
        UserError: `reading` says what cannot be, or the data has no such settings.
    """
    if not reading:
        return data
    if not isinstance(data, (FolderConfig, VolumesConfig)):
        raise UserError(
            f"mean nothing for data of kind {data.kind}", ", ".join(f"--{name}" for name in reading), "Leave them out."
        )
    return parse_config(type(data), _laid_over(data.model_dump(), reading), "command line")


def _laid_over(settings: dict[str, Any], reading: dict[str, Any]) -> dict[str, Any]:
    if reading.keys() & {"labels", "threshold"}:  # one takes the place of the other
        settings = settings | {"labels": None, "threshold": None}
    if reading.keys() & {"labels", "segment"}:
        settings = settings | {"labels": None, "segment": None}
    return settings | reading
