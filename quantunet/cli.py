# SPDX-License-Identifier: BSD-3-Clause
"""The commands `qu-train`, `qu-eval` and `qu-export`.

Exit status 0: done. 2: unusable input or environment, one message, no traceback. 130: interrupted.
torch is imported only once a command runs, so that ``--help`` and wrong options answer at once.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from quantunet.checkpoints import DEMO
from quantunet.cli_reading import folder_like, read_with, reading_options
from quantunet.config import read_train_config
from quantunet_common.command import Command, Ending, config_option
from quantunet_common.configurations import Purpose
from quantunet_common.errors import UserError
from quantunet_common.files import read_array, write_durably
from quantunet_common.messages import printable

if TYPE_CHECKING:
    from quantunet.data import Pairs
    from quantunet.image_scores import Measured
    from quantunet.metrics import Widths
    from quantunet.train import Progress

#: The data sets that need nothing but their path.
DATA_KINDS = ("folder", "busi", "lgg", "volumes", "pyradiomics")

ends_cleanly = Ending(
    show=attrgetter("place_first"),
    from_system=lambda error: UserError(error.strerror or str(error), str(error.filename or "system")),
    less_memory="Use smaller images or smaller batches.",
    interrupted="continue the training with --resume",
)


def data_settings(
    path: Path | None, kind: str, test_fraction: float | None, config_file: Path | None, reading: dict[str, Any]
) -> dict[str, Any]:
    """The options about data as settings, to lie over those of a file; `reading` are those of `reading_options`.

    Raises:
        UserError: options say how to split or read data, but no data is named.
    """
    if reading and path is None and config_file is None:
        options = ", ".join(f"--{name}" for name in reading)
        raise UserError("says nothing without --data or --config", options, "Name the data to read.")
    settings: dict[str, Any] = ({} if path is None else {"kind": kind, "path": str(path)}) | reading
    if test_fraction is not None:
        if path is None and config_file is None:
            raise UserError(
                "has no effect without --data or --config", "--test-fraction", "Name the data whose cases to hold out."
            )
        settings["test_fraction"] = test_fraction
    return settings


class Size(click.ParamType):
    """HEIGHTxWIDTH, or one number for a square."""

    name = "HxW"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        parts = str(value).lower().split("x")
        if len(parts) > 2 or not all(part.isdecimal() for part in parts):
            self.fail(f"{value!r} is not HEIGHTxWIDTH, such as 64x64", param, ctx)
        numbers = [int(part) for part in parts]
        return (numbers[0], numbers[-1])


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  qu-train --config train_demo --output runs/demo
  qu-train --data my_images --image-size 128x128 --base-width 8 --output runs/mine
  qu-train --data Dataset_BUSI_with_GT --data-kind busi --test-fraction 0.1 --output runs/busi
  qu-train --data kaggle_3m --data-kind lgg --in-channels 3 --image-size 128x128 --output runs/lgg
  qu-train --data isic --mask "masks/{case}_segmentation" --in-channels 3 --output runs/isic
  qu-train --data refuge --labels 0,128 --in-channels 3 --output runs/optic_disc
  qu-train --config train_demo --output runs/demo --resume
  qu-train --config train_wide --output runs/wide --untrained
  qu-train --config train_demo --precision float --output runs/float
  qu-train --config train_demo --precision fixed --bits 4 --output runs/fixed4
  qu-train --config train_demo --init runs/float --teacher runs/float --target-bits 3 --output runs/three
  qu-train --data my_images --in-channels 3 --base-width 64 --init unet_carvana.pth --output runs/from_carvana
  torchrun --nproc-per-node 2 $(which qu-train) --config train_demo --output runs/two""",
)
@config_option(Purpose.TRAINING)
@click.option("--output", type=click.Path(path_type=Path), required=True, metavar="DIR", help="New folder for the run.")
@click.option("--resume", is_flag=True, help="Continue the training in --output from its last saved state.")
@click.option(
    "--untrained",
    is_flag=True,
    help="Only calibrate: random weights, 3 to 5 bits. For figures of hardware; what such a network answers means nothing.",
)
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="Data set, laid out as --data-kind says.")
@click.option(
    "--data-kind",
    type=click.Choice(DATA_KINDS),
    default="folder",
    help="folder: images/ and masks/ with the same file stems (the default); busi, lgg: as their archives unpack; "
    "volumes: NIfTI, NRRD or DICOM series, images/ and masks/; pyradiomics: its source package. Other layouts: the README.",
)
@click.option("--test-fraction", type=float, help="Fraction of the cases kept for `qu-eval --part test`.")
@reading_options
@click.option("--steps", type=int, help="Optimizer steps.")
@click.option("--seed", type=int, help="Seed of weights, sampling and augmentation.")
@click.option("--bit-penalty", type=float, metavar="LAMBDA", help="Weight of the bit widths in the loss.")
@click.option("--target-bits", type=float, metavar="BITS", help="Mean bits to reach, in place of a lambda to guess.")
@click.option(
    "--init",
    "init_from",
    type=click.Path(path_type=Path),
    metavar="RUN|FILE",
    help="Start from the weights of this trained network, such as a float one; or of a state dict (.pth, .safetensors) of "
    "milesial/Pytorch-UNet or mateuszbuda/brain-segmentation-pytorch.",
)
@click.option(
    "--teacher", type=click.Path(path_type=Path), metavar="RUN", help="Learn the answers of this trained network, too."
)
@click.option(
    "--in-channels", type=int, help="Channels of the image: 1 for grey, 3 for colour or the sequences of LGG."
)
@click.option(
    "--precision",
    type=click.Choice(["learned", "fixed", "float"]),
    help="Learned bit widths, one bit width for all (--bits), or the baseline without quantizers.",
)
@click.option("--bits", type=int, help="Number of bits of all weights and activations with --precision fixed, 2 to 8.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), help="Where to train; auto: CUDA where available."
)
@click.option("--base-width", type=int, help="Number of channels of the first level.")
@click.option("--depth", type=int, help="Number of poolings.")
@click.option("--image-size", type=Size(), help="Height and width; both are multiples of 2^depth.")
@click.option("--decoder", type=click.Choice(["transpose", "upsample"]), help="How the decoder doubles the size.")
@ends_cleanly
def train_main(
    config_file: Path | None,
    output: Path,
    resume: bool,
    untrained: bool,
    data: Path | None,
    data_kind: str,
    test_fraction: float | None,
    reading: dict[str, Any],
    steps: int | None,
    seed: int | None,
    bit_penalty: float | None,
    target_bits: float | None,
    init_from: Path | None,
    teacher: Path | None,
    in_channels: int | None,
    precision: str | None,
    bits: int | None,
    device: str | None,
    base_width: int | None,
    depth: int | None,
    image_size: tuple[int, int] | None,
    decoder: str | None,
) -> None:
    """Train a U-Net and the bit width of each of its layers.

    Options override the settings of --config. The best checkpoint is written to DIR/best, figures of the
    training for TensorBoard to DIR/tensorboard. Started by torchrun, several processes share each batch.
    """
    given = {
        "steps": steps,
        "seed": seed,
        "bit_penalty": bit_penalty,
        "target_bits": target_bits,
        "init_from": init_from,
        "teacher": None if teacher is None else {"run": teacher},
        "device": device,
    }
    model: dict[str, Any] = {
        "in_channels": in_channels,
        "base_width": base_width,
        "depth": depth,
        "image_size": image_size,
        "decoder": decoder,
        "precision": precision,
        "bits": bits,
    }
    overrides: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if chosen := {name: value for name, value in model.items() if value is not None}:
        if precision in ("learned", "float"):
            chosen["bits"] = None  # those of a file that says fixed
        overrides["model"] = chosen
    if chosen_data := data_settings(data, data_kind, test_fraction, config_file, reading):
        overrides["data"] = chosen_data
    config = read_train_config(config_file, overrides)
    if untrained:
        from quantunet.untrained import write_untrained

        if resume:
            raise UserError("goes on with a training", "--resume", "Leave --resume or --untrained out.")
        click.echo(f"UNTRAINED: {printable(str(write_untrained(config, output)))}")
        return

    from quantunet.train import train

    first = os.environ.get("RANK", "0") == "0"  # of the processes that torchrun started
    with _ProgressDisplay(config.steps, shown=first) as display:
        result = train(
            config,
            output,
            resume=resume,
            command=shlex.join(["qu-train", *sys.argv[1:]]),
            report=display.show,
            say=display.say,
        )
    if not first:
        return
    measured, cost = result.metrics["validation"], result.metrics["widths"]
    click.echo(
        f"validation Dice {measured['dice']:.4f}, IoU {measured['iou']:.4f}, "
        f"pixel accuracy {measured['pixel_accuracy']:.4f}; "
        f"mean bits: {cost['mean_weight_bits_per_layer']:.2f} a weight layer, "
        f"{cost['mean_bits_per_weight']:.2f} a weight, {cost['mean_activation_bits']:.2f} an activation"
    )
    click.echo(printable(str(result.checkpoint)))


class _ProgressDisplay:
    """A progress bar on a terminal, a line every twentieth of the way elsewhere."""

    def __init__(self, steps: int, shown: bool) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._console = Console(stderr=True)
        self._every = max(1, steps // 20)
        self._bar = Bar(
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
            console=self._console,
            disable=not (shown and self._console.is_terminal),
        )
        self._shown = shown
        self._task = self._bar.add_task("starting", total=steps)

    def __enter__(self) -> _ProgressDisplay:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    def say(self, text: str) -> None:
        if self._shown:
            click.echo(printable(text), err=True)

    def show(self, progress: Progress) -> None:
        from quantunet.losses import FLOAT_BITS

        dice = "" if progress.validation_dice is None else f" Dice {progress.validation_dice:.4f}"
        state = " fixed" if progress.frozen else ""
        bits = f"bits {progress.weight_bits:.2f} W / {progress.activation_bits:.2f} A{state}"
        if progress.weight_bits == FLOAT_BITS:
            bits = "float"
        text = f"loss {progress.loss:.3f}{dice} {bits}"
        self._bar.update(self._task, completed=progress.step, description=text)
        if not self._shown:
            return
        if not self._console.is_terminal and (progress.step % self._every == 0 or progress.step == progress.steps):
            click.echo(f"step {progress.step}/{progress.steps} {text}", err=True)


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  qu-eval
  qu-eval runs/demo/best --json runs/demo/eval.json
  qu-eval runs/busi/best --part test
  qu-eval runs/mine/best --data other_images
  qu-eval runs/mine/best --data other_images --labels 128""",
)
@click.argument("checkpoint", type=click.Path(path_type=Path), default=DEMO)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder with images/ and masks/, used in full; read as the network's own data if that was such a folder.",
)
@reading_options
@click.option(
    "--part",
    type=click.Choice(["validation", "test", "train"]),
    help="Part of the data that the network was trained on.  [default: validation]",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(allow_dash=True),
    metavar="FILE",
    help="Also write the figures as JSON; `-` prints only them.",
)
@click.option(
    "--images-to",
    type=click.Path(path_type=Path),
    metavar="FILE.npy",
    help="Only write the images (float32 NCHW), so that another form of the network can process them.",
)
@click.option(
    "--logits",
    type=click.Path(path_type=Path),
    metavar="FILE.npy",
    help="Measure these logits, which another form of the network gave for the images, instead of its own.",
)
@ends_cleanly
def eval_main(
    checkpoint: Path,
    data: Path | None,
    reading: dict[str, Any],
    part: str | None,
    json_file: str | None,
    images_to: Path | None,
    logits: Path | None,
) -> None:
    """Measure a checkpoint: Dice, IoU, pixel accuracy, 95 % Hausdorff distance, bits per layer, size against float32.

    Without --data on the validation part of the data it was trained on, by which it was chosen, or on
    another part of it: a score to publish is that of --part test, which nothing of the training saw. Without
    CHECKPOINT: the trained demo network. It computes in float64, as its hardware is verified against.
    """
    from quantunet.checkpoint import load_checkpoint
    from quantunet.data import load_data, load_folder_pairs
    from quantunet.exact import exact_network
    from quantunet.image_scores import measure
    from quantunet.metrics import widths

    model = load_checkpoint(checkpoint)
    if data is not None:
        if part is not None:
            raise UserError("is used in full and has no parts", str(data), "Leave out --part, or --data.")
        pairs, source = load_folder_pairs(folder_like(model.data, data, reading), model.config), str(data)
    elif model.data is not None:
        part = part or "validation"
        chosen = getattr(load_data(read_with(model.data, reading), model.config), part)
        if chosen is None:
            raise UserError(
                "was trained without a test part, so no images were held out",
                str(checkpoint),
                "Train with data.test_fraction (icbm152: data.test_part).",
            )
        pairs, source = chosen, f"{part} split of {getattr(model.data, 'path', model.data.kind)}"
    else:
        raise UserError("does not name its data", str(checkpoint), "Give a folder with --data.")
    if images_to is not None:
        write_durably(images_to, _npy(pairs.as_float()[0]))
        return
    cost = widths(model)
    if logits is not None:
        measured = _scores_of(logits, pairs)
        source += f", answers of {logits.name}"
    else:
        measured = measure(exact_network(model), pairs)
    if json_file is not None:
        figures = {
            "checkpoint": str(checkpoint),
            "data": source,
            "part": part,
            **vars(measured.whole),
            "mean_of_images": measured.means(),
            "per_image": [vars(image) for image in measured.images],
            **cost.as_dict(),
        }
        text = json.dumps(figures, indent=2) + "\n"
        if json_file == "-":
            click.echo(text, nl=False)
            return
        write_durably(Path(json_file), text.encode())
    _print_figures(source, measured, cost, _PARTS.get(part or ""))


#: What a score of a part says.
_PARTS = {
    "train": "the network was trained on these images",
    "validation": "these images chose the checkpoint: publish the score of --part test",
    "test": "neither the training nor the choice of the checkpoint saw these images",
}


def _scores_of(file: Path, pairs: Pairs) -> Measured:
    """Scores of the logits in a .npy file, which are to be of these images in their order."""
    import numpy as np
    import torch

    from quantunet.image_scores import measured_logits

    logits = read_array(file)
    if logits.shape != pairs.masks.shape or logits.dtype.kind != "f" or not np.isfinite(logits).all():
        raise UserError(
            f"is an array {logits.shape} of {logits.dtype}, not finite logits {pairs.masks.shape}",
            str(file),
            "Give the answers to exactly the images that --images-to writes.",
        )
    given, masks = torch.from_numpy(np.array(logits)), torch.from_numpy(pairs.as_float()[1])
    return measured_logits(given, masks, pairs.names, pairs.case_names)


def _print_figures(source: str, measured: Measured, cost: Widths, meaning: str | None) -> None:
    from rich.table import Table

    console = Console()
    said = f"{measured.whole.images} images, {source}" + (f" ({meaning})" if meaning else "")
    console.print(printable(said), highlight=False, markup=False)
    table = Table("layer", "weights", "weight bits", "activation", "activation bits")
    for column in (1, 2, 4):
        table.columns[column].justify = "right"
    for layer in cost.layers:
        activation_bits = "" if layer.activation_bits is None else str(layer.activation_bits)
        table.add_row(layer.name, str(layer.weights), str(layer.weight_bits), layer.activation or "", activation_bits)
    console.print(table)
    for name, value in (
        ("Dice", f"{measured.whole.dice:.4f}, mean of the images {measured.mean('dice'):.4f}"),
        ("IoU", f"{measured.whole.iou:.4f}, mean of the images {measured.mean('iou'):.4f}"),
        ("pixel accuracy", f"{measured.whole.pixel_accuracy:.4f}"),
        ("95 % Hausdorff distance", f"{measured.mean('hausdorff95'):.2f} pixels, mean of the images"),
        ("mean weight bits per layer", f"{cost.mean_weight_bits_per_layer:.2f}"),
        ("mean bits per weight", f"{cost.mean_bits_per_weight:.2f}"),
        ("mean activation bits", f"{cost.mean_activation_bits:.2f}"),
        (
            "size of the weights",
            f"{cost.size_bytes / 1024:.1f} KiB, {cost.float32_bytes / 1024:.1f} KiB as float32 "
            f"({cost.compression:.1f}x smaller)",
        ),
    ):
        console.print(f"{name:27} {value}", highlight=False)


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  qu-export --output demo.onnx
  qu-export runs/mine/best --output mine.onnx --frames 4""",
)
@click.argument("checkpoint", type=click.Path(path_type=Path), default=DEMO)
@click.option("--output", type=click.Path(path_type=Path), required=True, metavar="FILE.onnx", help="File to write.")
@click.option(
    "--frames",
    type=click.IntRange(min=0, max=10_000),
    default=0,
    help="Also write this many validation images and their logits as FILE.input.npy and FILE.expected.npy.",
)
@ends_cleanly
def export_main(checkpoint: Path, output: Path, frames: int) -> None:
    """Write a checkpoint as one clean QONNX file: float32 NCHW image in k/255 in, logits out.

    Without CHECKPOINT: the trained demo network.
    """
    if output.suffix != ".onnx":
        raise UserError("is not the name of an ONNX file", str(output), "Give a name that ends in .onnx.")
    if output.is_dir():
        raise UserError("is a folder", str(output), "Give the name of a file.")

    import torch

    from quantunet.checkpoint import load_checkpoint
    from quantunet.data import verification_images
    from quantunet.export import export_qonnx

    model = load_checkpoint(checkpoint)
    arrays = {}
    if frames:
        images, _ = verification_images(model, frames)
        with torch.no_grad():
            arrays = {"input": images, "expected": model(torch.from_numpy(images)).numpy()}
    export_qonnx(model, output)
    written = [output]
    for name, array in arrays.items():
        written.append(output.with_suffix(f".{name}.npy"))
        write_durably(written[-1], _npy(array))
    for path in written:
        click.echo(printable(str(path)))


def _npy(array: Any) -> bytes:
    import io

    import numpy as np

    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()
