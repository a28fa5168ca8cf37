# SPDX-License-Identifier: BSD-3-Clause
"""What a build tells people: resource report, terminal summary, one self-contained page.

Nothing is imported here: `files.py`, how a step leaves a report, is read on machines that lack the packages of a build.
"""
