# SPDX-License-Identifier: BSD-3-Clause
"""DICOM files for the tests, made with pydicom. Each is full of `MARKER` where a hospital writes who the patient is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

#: Stands in every element that may name or describe a person.
MARKER = "Qmarker"
CT, SECONDARY, ULTRASOUND = (
    "1.2.840.10008.5.1.4.1.1.2",
    "1.2.840.10008.5.1.4.1.1.7",
    "1.2.840.10008.5.1.4.1.1.3.1",
)
SEGMENTATION, LABEL_MAP = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"


def dataset(pixels: np.ndarray, patient: str = "one", **elements: Any) -> Dataset:
    """An image of `pixels`, HW or (with more than one frame) FHW, or with a last axis of 3 colours; more or other elements
    by keyword, None to leave one out."""
    coloured = pixels.ndim > 2 and pixels.shape[-1] == 3
    frames = pixels.reshape(-1, *pixels.shape[-3 if coloured else -2 :])
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID, made.SOPInstanceUID = CT, generate_uid()
    made.StudyInstanceUID = made.SeriesInstanceUID = generate_uid(entropy_srcs=[patient])
    made.PatientID, made.PatientName = f"{MARKER}-{patient}", f"{MARKER}^Name"
    made.PatientBirthDate, made.PatientSex, made.PatientAge = "19000101", "O", "077Y"
    made.AccessionNumber = made.StudyID = made.InstitutionName = made.ReferringPhysicianName = MARKER
    made.StudyDescription = made.SeriesDescription = made.ProtocolName = made.PatientComments = MARKER
    made.Rows, made.Columns = frames.shape[1:3]
    made.SamplesPerPixel = 3 if coloured else 1
    made.PhotometricInterpretation = "RGB" if coloured else "MONOCHROME2"
    if coloured:
        made.PlanarConfiguration = 0
    made.BitsAllocated = made.BitsStored = 8 * pixels.dtype.itemsize
    made.HighBit = made.BitsStored - 1
    made.PixelRepresentation = int(pixels.dtype.kind == "i")
    if len(frames) > 1:
        made.NumberOfFrames = len(frames)
    data = frames.tobytes()
    made.PixelData = data + bytes(len(data) % 2)
    made["PixelData"].VR = "OB" if pixels.dtype.itemsize == 1 else "OW"
    for keyword, value in elements.items():
        if value is None:
            delattr(made, keyword)
        else:
            setattr(made, keyword, value)
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    return made


def save(made: Dataset, file: Path) -> Dataset:
    """Write it as a DICOM file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    made.save_as(file, enforce_file_format=True)
    return made


def write_image(file: Path, pixels: np.ndarray, patient: str = "one", **elements: Any) -> Dataset:
    """`dataset`, written."""
    return save(dataset(pixels, patient, **elements), file)


def write_series(folder: Path, volume: np.ndarray, patient: str = "one", spacing: float = 2.0) -> list[Dataset]:
    """Slices SHW of a CT, under names that are not in their order."""
    slices = []
    for index, pixels in enumerate(volume):
        slices.append(
            write_image(
                folder / f"{(index * 7) % 101:03d}.dcm",
                pixels,
                patient,
                InstanceNumber=len(volume) - index,
                ImagePositionPatient=[-10.0, -20.0, spacing * index],
                ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
                PixelSpacing=[0.5, 0.25],
                RescaleSlope=1,
                RescaleIntercept=-1024,
            )
        )
    return slices


def item(**elements: Any) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def segmentation(
    masks: np.ndarray,
    segments: Sequence[int],
    sources: Sequence[Dataset | None],
    labels: Sequence[str] = (f"{MARKER} organ",),
    source_frames: Sequence[int | None] | None = None,
    patient: str = "one",
    **elements: Any,
) -> Dataset:
    """A DICOM-SEG: each frame of the masks FHW of 0 and 1 is of a segment (from 1) and refers to a source; none: to
    nothing."""
    masks = masks.astype(np.uint8)
    made = dataset(masks, patient, SOPClassUID=SEGMENTATION, SegmentationType="BINARY", NumberOfFrames=len(masks))
    made.BitsAllocated = made.BitsStored = 1
    made.HighBit = 0
    data = np.packbits(masks.ravel(), bitorder="little").tobytes()
    made.PixelData = data + bytes(len(data) % 2)
    made.SegmentSequence = [
        item(SegmentNumber=number, SegmentLabel=label, SegmentAlgorithmType="MANUAL")
        for number, label in enumerate(labels, 1)
    ]
    groups = []
    for index, (segment, source) in enumerate(zip(segments, sources, strict=True)):
        group = item(SegmentIdentificationSequence=[item(ReferencedSegmentNumber=segment)])
        if source is not None:
            reference = item(ReferencedSOPClassUID=source.SOPClassUID, ReferencedSOPInstanceUID=source.SOPInstanceUID)
            if source_frames is not None and source_frames[index] is not None:
                reference.ReferencedFrameNumber = source_frames[index]
            group.DerivationImageSequence = [item(SourceImageSequence=[reference])]
        groups.append(group)
    made.PerFrameFunctionalGroupsSequence = groups
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made
