# SPDX-License-Identifier: BSD-3-Clause
"""DICOM files, series and segmentations. Wherever a hospital names the patient, the secret stands that nobody may tell."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from quantunet_common.dicom_file import quiet
from trust.hostile_input.case import BadInput
from trust.hostile_input.mutate import damaged
from trust.hostile_input.payloads import NAMES, SECRET
from trust.hostile_input.seeds import Seeds

FILES, SERIES = "DICOM file", "DICOM series"
_SHAPE = (20, 16)
_COMMAND = ("--data", "in/data", "--image-size", "16x16", "--pictures", "out/sheet.png")
_CT, _SEGMENTATION = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.66.4"
_DEFLATED, _RLE, _JPEG = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50"
Content = bytes | Callable[[], bytes]


def cases(seeds: Seeds) -> list[BadInput]:
    image, mask = _image(0), _mask(0)
    found = []
    for index, (name, data) in enumerate(damaged(image, 24, "DICOM image")):
        found.append(_file(f"image: {name}", {"images/case0.dcm": data}))
        if index < 16:
            found.append(_series(f"slice: {name}", data))
    found += [
        _file(f"segmentation: {name}", {"masks/case0.dcm": data}) for name, data in damaged(mask, 24, "DICOM-SEG")
    ]
    found += [_file(f"image, {name}", {"images/case0.dcm": content}) for name, content in _crafted().items()]
    found += [
        _file(f"segmentation, {name}", {"masks/case0.dcm": content}) for name, content in _segmentations().items()
    ]
    found.append(_series("slices at one place", image, copies=3))
    found.append(_series("a segmentation among the slices", mask))
    for name, payload in list(NAMES.items())[::5]:
        found.append(_file(f"label asked for: {name}", {}, ("--segment", payload.replace("\0", "") or "x")))
    return found


def _file(name: str, files: Mapping[str, Content], more: tuple[str, ...] = ()) -> BadInput:
    """Pairs of six patients, some files replaced."""

    def write(folder: Path) -> None:
        data = folder / "data"
        for kind, make in (("images", _image), ("masks", _mask)):
            (data / kind).mkdir(parents=True)
            for index in range(6):
                (data / kind / f"case{index}.dcm").write_bytes(make(index))
        for file, content in files.items():
            (data / file).write_bytes(content if isinstance(content, bytes) else content())

    return BadInput(FILES, name, "qu-data", (*_COMMAND, *more), write, attacked="--data")


def _series(name: str, content: bytes, copies: int = 1) -> BadInput:
    """Series of three patients with segmentations, one with a bad slice."""

    def write(folder: Path) -> None:
        for case in range(3):
            images, masks = folder / "data" / "images" / f"case{case}", folder / "data" / "masks"
            images.mkdir(parents=True)
            masks.mkdir(exist_ok=True)
            for index in range(4):
                (images / f"{index}.dcm").write_bytes(_image(case, index))
            (masks / f"case{case}.dcm").write_bytes(_mask(case, 4))
        for copy in range(copies):
            (images / f"9{copy}.dcm").write_bytes(content)

    arguments = ("--data", "in/data", "--data-kind", "volumes", "--image-size", "16x16")
    return BadInput(SERIES, name, "qu-data", arguments, write, attacked="--data")


def _dataset(number: int, kind: str) -> Any:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian

    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = UID(kind)
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = UID(f"2.25.{number + 1}")
    secret = SECRET.decode()
    made.PatientID, made.PatientName = f"{secret}{number}", secret
    made.InstitutionName = made.StudyDescription = made.PatientComments = made.ReferringPhysicianName = secret
    return made


def _image(case: int, plane: int = 0, **elements: Any) -> bytes:
    made = _dataset(case * 100 + plane, _CT)
    made.PatientID = f"{SECRET.decode()}{case}"
    made.SeriesInstanceUID = f"2.25.{case + 1}"
    made.Rows, made.Columns = _SHAPE
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 12, 11, 0
    made.RescaleSlope, made.RescaleIntercept, made.WindowCenter, made.WindowWidth = 1, -1024, 40, 400
    made.ImagePositionPatient, made.ImageOrientationPatient = [0, 0, plane], [1, 0, 0, 0, 1, 0]
    made.PixelSpacing, made.InstanceNumber = [1, 1], plane + 1
    made.PixelData = np.random.default_rng(case).integers(0, 4096, _SHAPE).astype(np.uint16).tobytes()
    return _written(made, elements)


def _mask(case: int, planes: int = 1, **elements: Any) -> bytes:
    made = _dataset(case * 100 + 50, _SEGMENTATION)
    made.Rows, made.Columns = _SHAPE
    made.NumberOfFrames, made.SegmentationType = planes, "BINARY"
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 1, 1, 0, 0
    made.SegmentSequence = [_item(SegmentNumber=1, SegmentLabel=SECRET.decode())]
    made.PerFrameFunctionalGroupsSequence = [_group(case * 100 + plane) for plane in range(planes)]
    marks = np.random.default_rng(case).integers(0, 2, (planes, *_SHAPE))
    made.PixelData = np.packbits(marks.ravel(), bitorder="little").tobytes()
    return _written(made, elements)


def _group(source: int, segment: int = 1) -> Any:
    reference = _item(ReferencedSOPClassUID=_CT, ReferencedSOPInstanceUID=f"2.25.{source + 1}")
    return _item(
        SegmentIdentificationSequence=[_item(ReferencedSegmentNumber=segment)],
        DerivationImageSequence=[_item(SourceImageSequence=[reference])],
    )


def _item(**elements: Any) -> Any:
    from pydicom.dataset import Dataset

    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def _written(made: Any, elements: Mapping[str, Any]) -> bytes:
    with quiet():  # values that are none
        for keyword, value in elements.items():
            setattr(made.file_meta if keyword == "TransferSyntaxUID" else made, keyword, value)
    if made.file_meta.TransferSyntaxUID in (_RLE, _JPEG):
        made["PixelData"].VR, made["PixelData"].is_undefined_length = "OB", True
    file = io.BytesIO()
    made.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _crafted() -> dict[str, Content]:
    sound = _image(0)
    at = sound.index(b"\x28\x00\x02\x00US")
    secret = SECRET.decode()
    return {
        "65,535 x 65,535": _image(0, Rows=65_535, Columns=65_535),
        "8,000 x 8,000 of which nothing is there": _image(0, Rows=8_000, Columns=8_000),
        "0 rows": _image(0, Rows=0),
        "2^31 - 1 frames": _image(0, NumberOfFrames=2**31 - 1),
        "30,000 frames of which one is there": _image(0, NumberOfFrames=30_000),
        "12 bits allocated": _image(0, BitsAllocated=12),
        "64 bits allocated": _image(0, BitsAllocated=64, BitsStored=64, HighBit=63),
        "more bits stored than allocated": _image(0, BitsStored=17),
        "3 values a grey pixel": _image(0, SamplesPerPixel=3),
        "an interpretation that names the patient": _image(0, PhotometricInterpretation=secret[:16]),
        "a way of writing that names the patient": sound.replace(b"1.2.840.10008.1.2.1\0", SECRET[:20]),
        "an infinite slope": sound.replace(b"DS\x02\x001 ", b"DS\x02\x00\xff\xff"),
        "slope 0": _image(0, RescaleSlope=0),
        "items within items, 20,000 deep": _before(sound, at, _NESTED * 20_000),
        "400,000 items": lambda: _before(sound, at, _HEAD + _EMPTY * 400_000 + _END),
        "2,000,000 items": lambda: _before(sound, at, _HEAD + _EMPTY * 2_000_000 + _END),
        "an element of 4 GiB": _before(sound, at, b"\x00\x52\x29\x92OB\0\0" + struct.pack("<I", 2**32 - 2)),
        "a table of palette entries without end": _image(
            0,
            PhotometricInterpretation="PALETTE COLOR",
            RedPaletteColorLookupTableDescriptor=[0, 0, 16],
            RedPaletteColorLookupTableData=bytes(2),
        ),
        "deflated rubbish": _image(0, TransferSyntaxUID=_DEFLATED)[:-40],
        "2 GiB of zeros, deflated": _bomb,
        "RLE that unpacks to 64 times": lambda: _image(
            0, TransferSyntaxUID=_RLE, PixelData=_encapsulated(_rle_bomb(2**20))
        ),
        "RLE whose segments lie elsewhere": _image(
            0, TransferSyntaxUID=_RLE, PixelData=_encapsulated(struct.pack("<16I", 15, *[2**31] * 15))
        ),
        "JPEG of another size": _image(0, TransferSyntaxUID=_JPEG, PixelData=_encapsulated(_jpeg())),
        "a fragment of 4 GiB": _image(
            0, TransferSyntaxUID=_JPEG, PixelData=b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0" + b"\xff" * 4 + bytes(64)
        ),
        "offsets that lie elsewhere": _image(
            0,
            TransferSyntaxUID=_JPEG,
            NumberOfFrames=2,
            PixelData=b"\xfe\xff\x00\xe0" + struct.pack("<III", 8, 2**32 - 1, 2**31) + _encapsulated(_jpeg())[8:],
        ),
        "only a mark": bytes(128) + b"DICM",
        "empty": b"",
        "a MiB of nothing behind it": sound + bytes(2**20),
    }


def _segmentations() -> dict[str, Content]:
    many = [_item(SegmentNumber=number, SegmentLabel="x") for number in range(1, 3_000)]
    return {
        "no segments": _mask(0, SegmentSequence=[]),
        "3,000 segments": lambda: _mask(0, SegmentSequence=many),
        "a segment that is none": _mask(0, PerFrameFunctionalGroupsSequence=[_group(0, 77)]),
        "a source that is none": _mask(0, PerFrameFunctionalGroupsSequence=[_group(4242)]),
        "no source": _mask(0, PerFrameFunctionalGroupsSequence=[_item()]),
        "a kind that names the patient": _mask(0, SegmentationType=SECRET.decode()[:16]),
        "frames without groups": _mask(0, 3, PerFrameFunctionalGroupsSequence=[]),
        "of another size": _mask(0, Rows=10, Columns=32),
        "60,000 frames": _mask(0, NumberOfFrames=60_000),
        "an image": _image(0),
    }


#: A sequence of undefined length, and items of it; its elements come before those of the pixels (group 0028).
_HEAD = b"\x20\x00\x00\x92SQ\0\0\xff\xff\xff\xff"
_EMPTY, _END = b"\xfe\xff\x00\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0"
_NESTED = _HEAD + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"


def _before(sound: bytes, at: int, more: bytes) -> bytes:
    return sound[:at] + more + sound[at:]


def _bomb() -> bytes:
    import zlib

    sound = _image(0, TransferSyntaxUID=_DEFLATED)
    start = 132 + 12 + int.from_bytes(sound[140:144], "little")
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    parts = [packer.compress(bytes(2**24)) for _ in range(128)]
    return sound[:start] + b"".join(parts) + packer.flush()


def _rle_bomb(size: int) -> bytes:
    return struct.pack("<16I", 2, 64, 64 + size, *[0] * 13) + b"\x81\0" * size


def _encapsulated(frame: bytes) -> bytes:
    frame += bytes(len(frame) % 2)
    return _EMPTY + b"\xfe\xff\x00\xe0" + struct.pack("<I", len(frame)) + frame


def _jpeg() -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.new("L", (4_000, 4_000)).save(file, "JPEG")
    return file.getvalue()
