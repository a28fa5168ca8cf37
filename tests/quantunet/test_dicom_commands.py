# SPDX-License-Identifier: BSD-3-Clause
"""From DICOM to a trained network: what the commands say and leave behind tells nothing of a patient."""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
from click.testing import CliRunner, Result

from quantunet.cli import eval_main, export_main, train_main
from quantunet.cli_data import data_main
from tests.quantunet_common.dicom_files import MARKER, save, segmentation, write_image


def call(command: click.Command, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def draw(folder: Path, count: int = 6) -> Path:
    rows, columns = np.mgrid[:16, :16]
    for index in range(count):
        disc = (rows - 8) ** 2 + (columns - 5 - index) ** 2 < 20
        noise = np.random.default_rng(index).integers(0, 400, disc.shape)
        image = write_image(
            folder / "images" / f"c{index}.dcm",
            (noise + 900 * disc).astype(np.int16),
            f"patient{index}",
            WindowCenter=600,
            WindowWidth=1200,
        )
        save(segmentation(disc[None], [1], [image], labels=[f"{MARKER} disc"]), folder / "masks" / f"c{index}.dcm")
    return folder


def test_nothing_that_the_commands_say_or_write_tells_of_a_patient(tmp_path: Path) -> None:
    data = draw(tmp_path / "data")
    size = ("--image-size", "16x16", "--depth", 1, "--base-width", 2, "--steps", 2)
    trained = call(train_main, "--data", data, "--segment", 1, *size, "--output", tmp_path / "out" / "run")
    assert trained.exit_code == 0, trained.output
    best = Path(trained.stdout.splitlines()[-1])
    results = [
        trained,
        call(
            data_main, "--data", data, "--image-size", "16x16", "--pictures", tmp_path / "out" / "sheet.png", "--json"
        ),
        call(
            eval_main, best, "--json", tmp_path / "out" / "figures.json", "--images-to", tmp_path / "out" / "pictures"
        ),
        call(eval_main, best, "--data", data, "--segment", 1),
        call(export_main, best, "--output", tmp_path / "out" / "net.onnx", "--frames", 1),
    ]
    assert [result.exit_code for result in results] == [0] * len(results), [result.output for result in results]
    told = "".join(result.output for result in results).encode()
    files = [file for file in (tmp_path / "out").rglob("*") if file.is_file()]
    assert len(files) > 4 and "DICOM images with black and white as the window" in told.decode()
    for text in (told, *(file.read_bytes() for file in files), *(str(file).encode() for file in files)):
        assert MARKER.lower().encode() not in text.lower() and b"19000101" not in text


def test_a_segment_is_an_option_and_takes_the_place_of_labels(tmp_path: Path) -> None:
    data = draw(tmp_path / "data")
    file = tmp_path / "a.yaml"
    file.write_text(
        f"data: {{path: {data}, kind: folder, segment: kidney}}\nmodel: {{image_size: [16, 16], depth: 1}}\n"
    )
    assert "without the segment 'kidney'" in call(data_main, "--config", file).stderr
    counts = json.loads(call(data_main, "--config", file, "--segment", f"{MARKER} DISC", "--json").stdout)
    assert counts["parts"]["train"]["marked"] == counts["parts"]["train"]["images"]
