# SPDX-License-Identifier: BSD-3-Clause
import os
from pathlib import Path

from quantunet_common.files import require_input_file
from tests.quantunet.refusal import refused


def test_a_file_and_a_link_to_it_are_taken(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1234")
    (tmp_path / "link").symlink_to("file")
    require_input_file(tmp_path / "file", 4)
    require_input_file(tmp_path / "link", 4)


def test_what_would_be_waited_for_or_read_without_end_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "endless").symlink_to("/dev/zero")
    (tmp_path / "circle").symlink_to("circle")
    for path in (tmp_path / "pipe", tmp_path / "endless", tmp_path, tmp_path / "circle", tmp_path / "none", Path("\0")):
        with refused("cannot be read"):
            require_input_file(path)


def test_a_file_beyond_its_bound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    with refused("5 bytes, more than the 4"):
        require_input_file(tmp_path / "file", 4)
