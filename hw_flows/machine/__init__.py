# SPDX-License-Identifier: BSD-3-Clause
"""What talks to the machine: caches, compilers, outside tools, and errors that people can act on."""
