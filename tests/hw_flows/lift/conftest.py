# SPDX-License-Identifier: BSD-3-Clause
"""The design is placed and routed once for all tests here."""

from __future__ import annotations

import pytest

from hw_flows.place_route import debian_tools
from tests.hw_flows.lift.built import Built, build


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    if debian_tools.find_tools() is None:
        pytest.skip(f"needs {debian_tools.COMMAND}")
    return build(tmp_path_factory.mktemp("lifted"))
