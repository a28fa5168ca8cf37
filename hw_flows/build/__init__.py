# SPDX-License-Identifier: BSD-3-Clause
"""A build: its steps in order, what is known of it between runs, what it shows.

from hw_flows.build import build
"""

from hw_flows.build.run import BuildResult, Listener, build

__all__ = ["BuildResult", "Listener", "build"]
