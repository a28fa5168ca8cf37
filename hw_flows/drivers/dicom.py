# SPDX-License-Identifier: BSD-3-Clause
"""How a DICOM file becomes what the network takes: as in training. In a build's driver stands `quantunet_common/dicom.py`
itself, with `dicom_file.py` and `dicom_header.py`."""

from quantunet_common.dicom import SUFFIXES, UnreadableDicom, looks_like_dicom, unit_frames

__all__ = ["SUFFIXES", "UnreadableDicom", "looks_like_dicom", "unit_frames"]
