# SPDX-License-Identifier: BSD-3-Clause
"""The command `qu-data`: look at a data set before a network is trained on it.

Exit status as of the other commands, see `quantunet.cli`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from quantunet.cli import DATA_KINDS, Size, data_settings, ends_cleanly
from quantunet.cli_reading import reading_options
from quantunet.config import read_train_config
from quantunet_common.command import Command, config_option
from quantunet_common.configurations import Purpose
from quantunet_common.errors import UserError
from quantunet_common.files import write_durably
from quantunet_common.messages import printable

#: Of `quantunet.data.originals.ORIGINALS`, which is imported only when it is used.
ORIGINAL_NAMES = ("hc18", "dsb2018", "msd_hippocampus")


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  qu-data --data Dataset_BUSI_with_GT --data-kind busi --pictures busi.png
  qu-data --data isic --mask "masks/{case}_segmentation" --in-channels 3 --pictures isic.png
  qu-data --data voc_person --labels 15 --ignore 255 --in-channels 3 --pictures voc.png
  qu-data --data kaggle_3m --data-kind lgg --in-channels 3 --image-size 128x128 --test-fraction 0.1
  qu-data --original hc18 --data training_set.zip --output hc18
  qu-data --config train_demo""",
)
@config_option(Purpose.TRAINING)
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="Data set, laid out as --data-kind says.")
@click.option("--data-kind", type=click.Choice(DATA_KINDS), default="folder", help="As for qu-train.")
@click.option("--test-fraction", type=float, help="Fraction of the cases kept for `qu-eval --part test`.")
@reading_options
@click.option("--in-channels", type=int, help="Number of channels of the image.")
@click.option("--image-size", type=Size(), help="Height and width of the network's input.")
@click.option(
    "--pictures", type=click.Path(path_type=Path), metavar="FILE.png", help="Some images, alone and under their masks."
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@click.option(
    "--original",
    type=click.Choice(ORIGINAL_NAMES),
    help="Write the images and masks of this public data set, whose archive or unpacked folder is --data, to --output, as "
    "the configuration of its name reads them. Nothing is downloaded.",
)
@click.option("--output", type=click.Path(path_type=Path), metavar="DIR", help="New folder for --original.")
@ends_cleanly
def data_main(
    config_file: Path | None,
    data: Path | None,
    data_kind: str,
    test_fraction: float | None,
    reading: dict[str, Any],
    in_channels: int | None,
    image_size: tuple[int, int] | None,
    pictures: Path | None,
    as_json: bool,
    original: str | None,
    output: Path | None,
) -> None:
    """Read a data set as qu-train would: its parts, how images and masks are read, what was left out and why.

    Look at --pictures before you train: the targets lie red over the images, so that wrong masks are seen.
    """
    if (original is None) != (output is None) or (original is not None and data is None):
        raise UserError(
            "belong together", "--original, --data, --output", "Give all three, or leave out --original and --output."
        )
    if original is not None and data is not None and output is not None:
        _write_original(original, data, output)
        return
    model = {"in_channels": in_channels, "image_size": image_size}
    overrides: dict[str, Any] = {"model": {name: value for name, value in model.items() if value is not None}}
    if chosen := data_settings(data, data_kind, test_fraction, config_file, reading):
        overrides["data"] = chosen
    config = read_train_config(config_file, overrides)

    from quantunet.data import load_data
    from quantunet.data.describe import contact_sheet, described, parts_of

    split = load_data(config.data, config.model, log_notes=False)
    parts = {name: described(pairs) for name, pairs in parts_of(split).items()}
    if pictures is not None:
        write_durably(pictures, contact_sheet(split))
    if as_json:
        counts = {name: part.as_dict() for name, part in parts.items()}
        click.echo(json.dumps({"kind": config.data.kind, "parts": counts, "notes": split.notes}, indent=2))
        return
    for name, part in parts.items():
        click.echo(
            f"{name:11} {part.images} images of {'x'.join(map(str, part.shape))}, {part.marked} with a target, "
            f"{part.marked_pixels:.2%} of the pixels marked, "
            + (f"{part.ignored_pixels:.2%} ignored, " if part.ignored_pixels else "")
            + f"mean grey {part.mean_grey:.2f}"
        )
        click.echo(printable(f"{'':11} {part.extremes()}"))
    for note in split.notes:
        click.echo(printable(f"note: {note}"))
    if pictures is not None:
        click.echo(printable(str(pictures)))


def _write_original(name: str, source: Path, output: Path) -> None:
    from quantunet.data.originals import ORIGINALS, write_layout

    count = write_layout(name, source, output)
    click.echo(f"{count} cases; {ORIGINALS[name].terms}")
    click.echo(printable(str(output)))
