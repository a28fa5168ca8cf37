# SPDX-License-Identifier: BSD-3-Clause
"""Pixels of DICOM files: exact values, the range that a network takes, and what is refused."""

from __future__ import annotations

import io
import logging
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from quantunet_common.dicom import grey_values, stored_frames, to_unit, unit_frames, window_of
from quantunet_common.dicom_file import MOST_HEADER_BYTES, UnreadableDicom, looks_like_dicom
from quantunet_common.dicom_header import read_header
from tests.quantunet_common.dicom_files import MARKER, SEGMENTATION, dataset, item, save, write_image

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)
TWELVE = (np.arange(256, dtype=np.uint16) * 16).reshape(16, 16)
COLOURS = np.random.default_rng(1).integers(0, 256, (16, 16, 3)).astype(np.uint8)


def only(file: Path, channels: int = 1) -> np.ndarray:
    (frame,) = unit_frames(file, channels)
    return frame


def said(file: Path, channels: int = 1) -> str:
    with pytest.raises(UnreadableDicom) as refused:
        list(unit_frames(file, channels))
    return str(refused.value)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_values_come_back_exactly_whatever_their_bits_slope_and_intercept(data: st.DataObject) -> None:
    allocated = data.draw(st.sampled_from((8, 16)))
    stored = data.draw(st.integers(1, allocated))
    high = data.draw(st.integers(stored - 1, allocated - 1))
    signed = data.draw(st.booleans())
    frames = data.draw(st.integers(1, 3))
    slope = data.draw(st.sampled_from((1.0, 0.5, -2.0, 0.25)))
    intercept = data.draw(st.sampled_from((0.0, -1024.0, 7.5)))
    rubbish = data.draw(st.integers(0, 2**allocated - 1))
    low, end = (-(2 ** (stored - 1)), 2 ** (stored - 1)) if signed else (0, 2**stored)
    seed = data.draw(st.integers(0, 9))
    values = np.random.default_rng(seed).integers(low, end, (frames, 5, 7))
    field = ((1 << stored) - 1) << (high + 1 - stored)
    raw = ((values << (high + 1 - stored)) & field) | (rubbish & ~field & (2**allocated - 1))
    pixels = raw.astype(f"u{allocated // 8}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.dcm"
        write_image(
            file,
            pixels,
            BitsStored=stored,
            HighBit=high,
            PixelRepresentation=int(signed),
            RescaleSlope=slope,
            RescaleIntercept=intercept,
        )
        header = read_header(file)
        read = [grey_values(header, frame, pixels) for frame, pixels in enumerate(stored_frames(header))]
    assert np.array_equal(np.stack(read), values * slope + intercept)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, RLELossless])
def test_the_way_of_writing_changes_nothing(tmp_path: Path, syntax: Any) -> None:
    made = dataset(np.stack([TWELVE, TWELVE[::-1]]), BitsStored=12, HighBit=11)
    save(made, tmp_path / "plain.dcm")
    if syntax == RLELossless:
        made.compress(RLELossless)
    made.file_meta.TransferSyntaxUID = syntax
    save(made, tmp_path / "other.dcm")
    frames = [list(unit_frames(tmp_path / name, 1)) for name in ("plain.dcm", "other.dcm")]
    assert np.array_equal(*frames) and len(frames[0]) == 2


def test_words_of_big_endian_order(tmp_path: Path) -> None:
    made = dataset(TWELVE)
    save(made, tmp_path / "little.dcm")
    made.PixelData = TWELVE.byteswap().tobytes()
    made.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    made.save_as(tmp_path / "big.dcm", enforce_file_format=True, little_endian=False, implicit_vr=False)
    assert np.array_equal(only(tmp_path / "big.dcm"), only(tmp_path / "little.dcm"))


def test_eight_bits_are_divided_by_255_as_in_other_pictures(tmp_path: Path) -> None:
    write_image(tmp_path / "a.dcm", RAMP)
    assert np.array_equal(only(tmp_path / "a.dcm")[0], RAMP.astype(np.float32) / np.float32(255))
    write_image(tmp_path / "b.dcm", RAMP, RescaleSlope=2, RescaleIntercept=-9)
    assert np.array_equal((only(tmp_path / "b.dcm")[0] * 255).round(), RAMP)
    assert only(tmp_path / "a.dcm", 3).shape == (3, 16, 16)


def test_deeper_grey_without_a_window_uses_its_own_percentiles(tmp_path: Path) -> None:
    write_image(tmp_path / "a.dcm", TWELVE, BitsStored=12, HighBit=11)
    low, high = np.percentile(TWELVE, (0.5, 99.5))
    assert np.allclose(only(tmp_path / "a.dcm")[0], np.clip((TWELVE - low) / (high - low), 0, 1), atol=1e-6)
    write_image(tmp_path / "flat.dcm", np.full((4, 4), 700, np.uint16))
    assert not only(tmp_path / "flat.dcm").any()


def test_percentiles_take_the_place_of_windows_and_whole_ranges(tmp_path: Path) -> None:
    for pixels, more in ((RAMP // 4, {}), (TWELVE, {"WindowCenter": 5, "WindowWidth": 9}), (COLOURS // 4, {})):
        write_image(tmp_path / "a.dcm", pixels, **more)
        header = read_header(tmp_path / "a.dcm")
        (stored,) = stored_frames(header)
        unit = to_unit(header, 0, stored, 1, by_percentiles=True)
        assert unit.min() == 0 and unit.max() == 1 and 0.3 < unit.mean() < 0.7


def test_the_window_is_that_of_the_standard(tmp_path: Path) -> None:
    values = np.arange(-200, 56, dtype=np.int16).reshape(16, 16)
    more: dict[str, Any] = {"RescaleSlope": 1, "RescaleIntercept": 0, "WindowCenter": [-50, 9], "WindowWidth": [100, 9]}
    write_image(tmp_path / "a.dcm", values, **more)
    expected = np.where(values <= -100, 0, np.where(values > -1, 1, (values + 50.5) / 99 + 0.5))
    assert np.allclose(only(tmp_path / "a.dcm")[0], expected, atol=1e-6)
    write_image(tmp_path / "b.dcm", values, VOILUTFunction="LINEAR_EXACT", **more)
    assert np.allclose(only(tmp_path / "b.dcm")[0], np.clip((values + 100) / 100, 0, 1), atol=1e-6)
    write_image(tmp_path / "c.dcm", values, VOILUTFunction="SIGMOID", **more)
    assert np.allclose(only(tmp_path / "c.dcm")[0], 1 / (1 + np.exp(-4 * (values + 50) / 100)), atol=1e-6)
    write_image(tmp_path / "d.dcm", values, WindowCenter=-50, WindowWidth=1)
    assert np.array_equal(only(tmp_path / "d.dcm")[0], values > -50.5)
    write_image(tmp_path / "e.dcm", values, WindowCenter=-50, WindowWidth=0)
    assert window_of(read_header(tmp_path / "e.dcm"), 0) is None


def test_monochrome1_is_turned_round(tmp_path: Path) -> None:
    write_image(tmp_path / "a.dcm", RAMP, PhotometricInterpretation="MONOCHROME1")
    assert np.array_equal((only(tmp_path / "a.dcm")[0] * 255).round(), 255 - RAMP)


def test_what_frames_have_of_their_own(tmp_path: Path) -> None:
    def group(slope: float, centre: float) -> Any:
        return item(
            PixelValueTransformationSequence=[item(RescaleSlope=slope, RescaleIntercept=1, RescaleType="US")],
            FrameVOILUTSequence=[item(WindowCenter=centre, WindowWidth=10)],
        )

    write_image(
        tmp_path / "a.dcm",
        np.stack([TWELVE, TWELVE, TWELVE]),
        PerFrameFunctionalGroupsSequence=[group(2, 5), group(3, 6), item()],
        SharedFunctionalGroupsSequence=[group(4, 7)],
    )
    header = read_header(tmp_path / "a.dcm")
    assert [grey_values(header, frame, TWELVE)[0, 1] for frame in range(3)] == [33, 49, 65]
    assert [(window_of(header, frame) or ())[:1] for frame in range(3)] == [(5,), (6,), (7,)]


def test_colours_become_grey_as_in_other_pictures(tmp_path: Path) -> None:
    Image.fromarray(COLOURS).save(tmp_path / "a.png")
    picture = Image.open(tmp_path / "a.png")
    grey = np.asarray(picture.convert("L"))
    write_image(tmp_path / "rgb.dcm", COLOURS)
    write_image(tmp_path / "planes.dcm", COLOURS, PlanarConfiguration=1, PixelData=COLOURS.transpose(2, 0, 1).tobytes())
    for name in ("rgb", "planes"):
        assert np.array_equal((only(tmp_path / f"{name}.dcm")[0] * 255).round(), grey)
        assert np.array_equal((only(tmp_path / f"{name}.dcm", 3) * 255).round(), COLOURS.transpose(2, 0, 1))
    ybr = np.asarray(picture.convert("YCbCr"))
    write_image(tmp_path / "ybr.dcm", ybr, PhotometricInterpretation="YBR_FULL")
    assert np.abs(only(tmp_path / "ybr.dcm")[0] * 255 - grey).max() < 3
    halved = np.stack([ybr[:, ::2, 0], ybr[:, 1::2, 0], ybr[:, ::2, 1], ybr[:, ::2, 2]], axis=-1)
    write_image(tmp_path / "422.dcm", ybr, PhotometricInterpretation="YBR_FULL_422", PixelData=halved.tobytes())
    (frame,) = stored_frames(read_header(tmp_path / "422.dcm"))
    wanted = np.asarray(
        Image.fromarray(np.dstack([ybr[..., 0], ybr[:, ::2, 1:].repeat(2, axis=1)]), "YCbCr").convert("RGB")
    )
    assert np.array_equal(frame, wanted)


def test_palettes_are_looked_up(tmp_path: Path) -> None:
    tables = np.random.default_rng(3).integers(0, 256, (3, 256)).astype(np.uint8)
    names = ("Red", "Green", "Blue")
    more: dict[str, Any] = {f"{n}PaletteColorLookupTableDescriptor": [256, 0, 8] for n in names}
    more |= {f"{n}PaletteColorLookupTableData": t.tobytes() for n, t in zip(names, tables, strict=True)}
    write_image(tmp_path / "a.dcm", RAMP, PhotometricInterpretation="PALETTE COLOR", **more)
    assert np.array_equal((only(tmp_path / "a.dcm", 3) * 255).round(), tables[:, RAMP])


def compressed(file: Path, syntax: Any, kind: str, pixels: np.ndarray, **elements: Any) -> None:
    """With frames that Pillow compressed."""
    frames = []
    for frame in pixels.reshape(-1, *pixels.shape[-3 if pixels.shape[-1] == 3 else -2 :]):
        data = io.BytesIO()
        Image.fromarray(frame).save(data, kind, **({"quality": 95} if kind == "JPEG" else {"irreversible": False}))
        frames.append(data.getvalue())
    made = dataset(pixels)
    made.PixelData = encapsulate(frames)
    made["PixelData"].VR, made["PixelData"].is_undefined_length = "OB", True
    made.file_meta.TransferSyntaxUID = syntax
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    save(made, file)


def test_frames_that_pillow_decompresses(tmp_path: Path) -> None:
    compressed(tmp_path / "j2k.dcm", JPEG2000Lossless, "JPEG2000", TWELVE)
    (stored,) = stored_frames(read_header(tmp_path / "j2k.dcm"))
    assert np.array_equal(stored, TWELVE)
    smooth = np.stack([RAMP, RAMP[::-1]])
    compressed(tmp_path / "grey.dcm", JPEGBaseline8Bit, "JPEG", smooth)
    assert np.abs(np.concatenate(list(unit_frames(tmp_path / "grey.dcm", 1))) * 255 - smooth).max() < 12
    photo = np.dstack([RAMP, RAMP.T, np.full_like(RAMP, 90)])
    compressed(tmp_path / "c.dcm", JPEGBaseline8Bit, "JPEG", photo, PhotometricInterpretation="YBR_FULL_422")
    colours = only(tmp_path / "c.dcm", 3)
    assert np.abs(colours[2] * 255 - 90).mean() < 12 and np.abs(colours[0] * 255 - RAMP).mean() < 12


def test_what_nothing_decompresses_is_told_with_its_cure(tmp_path: Path) -> None:
    compressed(tmp_path / "a.dcm", JPEGLSLossless, "JPEG", RAMP)
    with pytest.raises(UnreadableDicom, match="JPEG-LS Lossless.*nothing is installed") as refused:
        only(tmp_path / "a.dcm")
    assert "gdcmconv --raw" in refused.value.fix


def test_a_compressed_frame_has_the_size_that_the_file_states(tmp_path: Path) -> None:
    compressed(tmp_path / "a.dcm", JPEGBaseline8Bit, "JPEG", RAMP, Rows=8)
    assert "has 16x16 pixels, the file 8x16" in said(tmp_path / "a.dcm")
    compressed(tmp_path / "b.dcm", JPEGBaseline8Bit, "JPEG", np.stack([RAMP, RAMP]), NumberOfFrames=3)
    assert "damaged" in said(tmp_path / "b.dcm") or "frames" in said(tmp_path / "b.dcm")


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ({"Rows": 65535, "Columns": 65535}, "65535x65535 pixels, more than 67,108,864"),
        ({"Rows": 2000, "Columns": 2000}, "256 bytes of pixels where its size asks for 4,000,000"),
        ({"NumberOfFrames": 50}, "256 bytes of pixels where its size asks for 12,800"),
        ({"NumberOfFrames": 10**9}, "NumberOfFrames is 1000000000, not 1 to 65536"),
        ({"Rows": 0}, "Rows is 0, not 1 to 65535"),
        ({"Rows": None}, "Rows is missing"),
        ({"Rows": [16, 16]}, "Rows is no number"),
        ({"BitsAllocated": 12}, "stored in 12 bits"),
        ({"BitsStored": 9}, "BitsStored is 9, not 1 to 8"),
        ({"HighBit": 3}, "HighBit is 3, not 7 to 7"),
        ({"SamplesPerPixel": 3}, "3 values a pixel, which is not what MONOCHROME2 has"),
        ({"PhotometricInterpretation": MARKER}, "photometric interpretation is none that is read"),
        ({"RescaleSlope": 0}, "multiplied by 0"),
        ({"RescaleSlope": 1e300}, "values that are too large"),
        ({"ModalityLUTSequence": [item(ModalityLUTType=MARKER)]}, "Modality LUT"),
        ({"PixelData": None}, "holds no pixels"),
        ({"SOPClassUID": SEGMENTATION}, "a segmentation, no image"),
        ({"PixelData": None, "FloatPixelData": bytes(1024)}, "floating-point"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(tmp_path: Path, elements: dict[str, Any], message: str) -> None:
    write_image(tmp_path / "a.dcm", RAMP, **elements)
    assert message in said(tmp_path / "a.dcm") and MARKER not in said(tmp_path / "a.dcm")


def test_every_truncated_file_ends_in_a_message(tmp_path: Path) -> None:
    write_image(tmp_path / "a.dcm", RAMP)
    whole = (tmp_path / "a.dcm").read_bytes()
    for length in range(0, len(whole), 7):
        (tmp_path / "a.dcm").write_bytes(whole[:length])
        message = said(tmp_path / "a.dcm")
        assert message and MARKER not in message


@settings(max_examples=150, deadline=None)
@given(st.integers(132, 1200), st.integers(0, 255))
def test_a_wrong_byte_ends_in_a_message_or_in_an_image(at: int, value: int) -> None:
    buffer = io.BytesIO()
    made = dataset(RAMP, WindowCenter=100, WindowWidth=50)
    made.save_as(buffer, enforce_file_format=True)
    data = bytearray(buffer.getvalue())
    data[at % len(data)] = value
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.dcm"
        file.write_bytes(data)
        try:
            for frame in unit_frames(file, 1):
                assert ((frame >= 0) & (frame <= 1)).all()
        except UnreadableDicom as refused:
            assert MARKER not in f"{refused} {refused.fix}"


def test_items_within_items_without_end(tmp_path: Path) -> None:
    file = tmp_path / "a.dcm"
    write_image(file, RAMP)
    whole = file.read_bytes()
    at = whole.index(b"\x28\x00\x02\x00US")  # before SamplesPerPixel: (0028,0002)
    sequence, entry = b"\x20\x00\x00\x92SQ\0\0\xff\xff\xff\xff", b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    file.write_bytes(whole[:at] + (sequence + entry) * 20_000 + whole[at:])
    assert said(file) == "it is damaged"


def test_a_header_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "a.dcm"
    write_image(file, RAMP, SharedFunctionalGroupsSequence=[item(DerivationDescription="x" * 1000)] * 9000)
    assert file.stat().st_size > MOST_HEADER_BYTES
    assert f"more than {MOST_HEADER_BYTES:,} bytes stand before its pixels" in said(file)
    write_image(file, RAMP, EncapsulatedDocument=bytes(2 * MOST_HEADER_BYTES))  # what is skipped does not count
    assert only(file).shape == (1, 16, 16)


def test_files_are_known_by_their_mark(tmp_path: Path) -> None:
    write_image(tmp_path / "IM0001", RAMP)
    write_image(tmp_path / "1.2.3", RAMP)
    write_image(tmp_path / "DICOMDIR", RAMP)
    (tmp_path / "notes").write_text("x" * 300)
    (tmp_path / "bad.DCM").write_text("x")
    (tmp_path / "folder.dcm").mkdir()
    known = {path.name for path in tmp_path.iterdir() if looks_like_dicom(path)}
    assert known == {"IM0001", "1.2.3", "bad.DCM"}
    assert "does not begin as DICOM files do" in said(tmp_path / "bad.DCM")


def test_nothing_is_said_of_what_stands_in_a_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Values that pydicom warns of, and quotes."""
    made = dataset(RAMP)
    made.StudyDate, made.PatientAge, made.StudyInstanceUID = "20000101", "007Y", "1.2.3"
    made.WindowCenter, made.WindowWidth = 5, 7
    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    data = (
        buffer.getvalue()
        .replace(b"1.2.3\0", b"Qmarke")
        .replace(b"CS\x0c\0MONOCHROME2 ", b"CS\x0c\0Qmarker\xff\xff\xff\xff ")
    )
    (tmp_path / "a.dcm").write_bytes(data)
    with warnings.catch_warnings(record=True) as warned, caplog.at_level(logging.DEBUG):
        warnings.simplefilter("always")
        message = said(tmp_path / "a.dcm")
    out, err = capfd.readouterr()
    assert "Qmarke" not in f"{message}{warned}{caplog.text}{out}{err}"
