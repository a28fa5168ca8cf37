# SPDX-License-Identifier: BSD-3-Clause
"""`qu-build --docker`: the same build inside a container, with the caller's own files and ownership."""
