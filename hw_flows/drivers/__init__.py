# SPDX-License-Identifier: BSD-3-Clause
"""What runs beside a board: plain Python and numpy, copied as it is into `deploy/driver` of a build.

`description` is what a build tells of its accelerator, `segmenter` turns images into masks with any board, `words` packs
integers into the accelerator's words, `weights` checks those that it reads from memory. `pynq` and `usb_serial` open boards.
Nothing here imports anything else of this project, but `pixels`, in whose place a build writes what it stands for.
"""
