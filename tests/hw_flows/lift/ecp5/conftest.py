# SPDX-License-Identifier: BSD-3-Clause
"""The design is placed and routed once for all tests here."""

from __future__ import annotations

import pytest

from tests.hw_flows.lift.ecp5.built import Built, build


@pytest.fixture(scope="session")
def ecp5_built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("lifted_ecp5"))
