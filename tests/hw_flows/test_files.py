import os
from pathlib import Path

import pytest

from hw_flows.config import load_config
from hw_flows.errors import UserError
from hw_flows.files import require_input_file, write_text_atomically


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="no regular file") as caught:
        require_input_file(tmp_path / "pipe")
    assert caught.value.where == str(tmp_path / "pipe")


def test_a_name_that_is_no_text_is_written_escaped(tmp_path: Path) -> None:
    write_text_atomically(tmp_path / "page", f"made of {os.fsdecode(b'a%cb' % 0x80)}")
    assert (tmp_path / "page").read_text(encoding="utf-8") == r"made of a\udc80b"


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nboard: [" + "*b, " * 50 + "*b]",
        "seed: " + "59:" * 5000 + "59",
        "seed: !!timestamp abc",
    ],
)
def test_odd_settings_of_a_build_are_refused_shortly(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.yaml").write_text(text)
    with pytest.raises(UserError, match=r"odd\.yaml") as caught:
        load_config(tmp_path / "odd.yaml", {})
    assert len(str(caught.value)) < 3000
