# SPDX-License-Identifier: BSD-3-Clause
"""The host of a board reads pictures as training does."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from hw_flows.deploy.write import write_driver
from hw_flows.drivers.errors import BoardError
from hw_flows.drivers.pictures import DICOM, PICTURES, read_folder, write_mask
from quantunet.config import FolderConfig, ModelConfig
from quantunet.data import load_folder_pairs
from quantunet_common import dicom
from quantunet_common.pixels import SUFFIXES
from tests.quantunet_common.dicom_files import MARKER, write_image

SHAPE = (16, 16)
RAMP = np.arange(256).reshape(SHAPE)


def palette():
    image = Image.frombytes("P", SHAPE, bytes(range(256)))
    image.putpalette(np.random.default_rng(0).integers(0, 256, 768).astype(np.uint8).tobytes())
    return image


def draw(folder):
    """Every kind of picture, with masks so that training reads them too."""
    colours = np.random.default_rng(1).integers(0, 256, (*SHAPE, 4)).astype(np.uint8)
    pictures = {
        "12_bits.png": Image.fromarray((RAMP * 16).astype(np.uint16)),
        "16_bits.tif": Image.fromarray((RAMP * 257).astype(np.uint16)),
        "1_bit.png": Image.fromarray(RAMP > 99),
        "8_bits.bmp": Image.fromarray(RAMP.astype(np.uint8)),
        "big_endian.pgm": Image.fromarray((RAMP * 3).astype(np.uint16)),
        "colours.png": Image.fromarray(colours[..., :3]),
        "flat.png": Image.fromarray(np.full(SHAPE, 999, np.uint16)),
        "floats.tif": Image.fromarray((RAMP / 7 - 3).astype(np.float32)),
        "lossy.JPG": Image.fromarray(RAMP.astype(np.uint8)),
        "palette.png": palette(),
        "transparent.png": Image.fromarray(colours),
    }
    for kind in ("images", "masks"):
        (folder / kind).mkdir(parents=True)
    for name, picture in pictures.items():
        picture.save(folder / "images" / name)
        Image.fromarray((255 * (RAMP > 9)).astype(np.uint8)).save(folder / "masks" / f"{name.split('.')[0]}.png")


@pytest.mark.parametrize("channels", [1, 3])
def test_the_network_sees_the_same_pixels_on_the_board_and_in_training(tmp_path, channels):
    draw(tmp_path)
    network = ModelConfig(depth=2, image_size=SHAPE, in_channels=channels)
    pairs = load_folder_pairs(FolderConfig(path=tmp_path), network)
    pictures = read_folder(tmp_path / "images", (channels, *SHAPE))
    assert tuple(picture.name for picture in pictures) == pairs.names and len(pictures) == 11
    for picture, image in zip(pictures, pairs.as_float()[0], strict=True):
        assert picture.image.dtype == np.float32
        assert np.array_equal(picture.image, image), picture.name


def test_the_copy_in_a_build_needs_nothing_of_this_project(tmp_path):
    draw(tmp_path)
    write_driver(tmp_path / "driver")
    expected = {picture.name: picture.image for picture in read_folder(tmp_path / "images", (1, *SHAPE))}
    script = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "sys.modules['quantunet'] = sys.modules['hw_flows'] = None\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "from driver.pictures import read_folder\n"
        f"found = read_folder(Path({str(tmp_path / 'images')!r}), (1, 16, 16))\n"
        f"np.savez({str(tmp_path / 'found.npz')!r}, **{{picture.name: picture.image for picture in found}})\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
    with np.load(tmp_path / "found.npz") as found:
        assert set(found) == set(expected)
        for name, image in expected.items():
            assert np.array_equal(found[name], image)


def test_pictures_of_any_size_are_fitted_and_their_masks_lie_over_them(tmp_path):
    rows, columns = np.mgrid[:60, :90]
    disc = (rows - 20) ** 2 + (columns - 60) ** 2 < 15**2
    for kind, pixels in (("images", 200 * disc), ("masks", 255 * disc)):
        (tmp_path / kind).mkdir()
        Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / kind / "a.png")
    pairs = load_folder_pairs(FolderConfig(path=tmp_path), ModelConfig(depth=2, image_size=(32, 16)))
    (picture,) = read_folder(tmp_path / "images", (1, 32, 16))
    assert np.array_equal(picture.image, pairs.as_float()[0][0]) and picture.size == (60, 90)
    write_mask(tmp_path / "a.pgm", pairs.masks[0, 0], picture.size)
    over = np.asarray(Image.open(tmp_path / "a.pgm")) > 0
    assert over.shape == (60, 90)
    assert 2 * (over & disc).sum() / (over.sum() + disc.sum()) > 0.9
    write_mask(tmp_path / "b.pgm", pairs.masks[0, 0])
    assert Image.open(tmp_path / "b.pgm").size == (16, 32)


def test_what_cannot_be_read_as_in_training_is_refused(tmp_path):
    page = Image.fromarray(RAMP.astype(np.uint8))
    page.save(tmp_path / "pages.tif", save_all=True, append_images=[page.rotate(90)])
    with pytest.raises(BoardError, match=r"pages\.tif cannot be read: it holds several pictures"):
        read_folder(tmp_path, (1, *SHAPE))
    (tmp_path / "pages.tif").unlink()
    page.save(tmp_path / "a.png")
    with pytest.raises(BoardError, match="1 or 3 channels, the network takes 2"):
        read_folder(tmp_path, (2, *SHAPE))


def test_a_build_reads_the_formats_that_training_reads():
    assert set(PICTURES) == set(SUFFIXES)
    assert DICOM == dicom.SUFFIXES


def draw_dicom(folder):
    """Every kind of DICOM image, with masks so that training reads them too."""
    deep = (RAMP * 16).astype(np.uint16)
    write_image(folder / "images" / "colours.dcm", np.stack([RAMP, RAMP.T, RAMP], axis=-1).astype(np.uint8))
    write_image(folder / "images" / "deep.dcm", deep)
    write_image(folder / "images" / "frames.dcm", np.stack([deep, deep[::-1]]), WindowCenter=900, WindowWidth=999)
    write_image(folder / "images" / "large.dcm", deep.repeat(3, axis=1), PhotometricInterpretation="MONOCHROME1")
    write_image(folder / "images" / "named_by_its_mark", RAMP.astype(np.uint8))
    for file in list((folder / "images").iterdir()):
        with_frames = np.zeros((2, *SHAPE) if file.stem == "frames" else SHAPE, np.uint8)
        mask = with_frames.repeat(3, axis=1) if file.stem == "large" else with_frames
        write_image(folder / "masks" / f"{file.stem}.dcm", mask)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_network_sees_the_same_frames_of_dicom_on_the_board_and_in_training(tmp_path, channels):
    draw_dicom(tmp_path)
    network = ModelConfig(depth=2, image_size=SHAPE, in_channels=channels)
    pairs = load_folder_pairs(FolderConfig(path=tmp_path), network)
    pictures = read_folder(tmp_path / "images", (channels, *SHAPE))
    names = [name.replace(" frame ", "_000") for name in pairs.names]
    assert [picture.name for picture in pictures] == names and len(pictures) == 6
    for picture, image in zip(pictures, pairs.as_float()[0], strict=True):
        assert np.array_equal(picture.image, image), picture.name
    assert {picture.size for picture in pictures} == {SHAPE, (16, 48)}


@pytest.mark.parametrize("has_pydicom", [True, False])
def test_the_copy_in_a_build_reads_dicom_where_pydicom_is(tmp_path, has_pydicom):
    write_image(tmp_path / "images" / "a.dcm", RAMP.astype(np.uint8))
    write_driver(tmp_path / "driver")
    script = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "for name in ('quantunet', 'quantunet_common', 'hw_flows'): sys.modules[name] = None\n"
        + ("" if has_pydicom else "sys.modules['pydicom'] = None\n")
        + f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "from driver.pictures import read_folder\n"
        "from driver.errors import BoardError\n"
        f"try: print(read_folder(Path({str(tmp_path / 'images')!r}), (1, 16, 16))[0].image.sum())\n"
        "except BoardError as error: print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], check=True, timeout=120, capture_output=True, text=True
    ).stdout
    if has_pydicom:
        assert float(said) == pytest.approx(128.0, abs=1e-3)
    else:
        assert "pydicom 3 or Pillow is missing, which read a.dcm" in said and "pip install 'pydicom>=3'" in said


def test_a_bad_dicom_file_is_told_without_what_stands_in_it(tmp_path):
    write_image(tmp_path / "a.dcm", RAMP.astype(np.uint8), Rows=999)
    with pytest.raises(BoardError, match=r"a\.dcm cannot be read: it has 256 bytes of pixels") as refused:
        read_folder(tmp_path, (1, *SHAPE))
    assert MARKER not in str(refused.value)
