# SPDX-License-Identifier: BSD-3-Clause
"""The network as a drawing: what hangs together (`graph.py`), where it stands (`levels.py`, `layout.py`), as SVG (`svg.py`)."""
