"""The command line, where what is wrong shows to the person who typed it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from firstline.__main__ import main


def test_an_app_whose_port_is_in_use_says_so_and_which_setting_moves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("FIRSTLINE_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("FIRSTLINE_PORT", str(port))
        assert main(["app", "--only", "web"]) == 1
    said = capsys.readouterr().err
    assert f"Port {port} is in use" in said
    assert "FIRSTLINE_PORT" in said
