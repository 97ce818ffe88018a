"""The procedure that the documentation walks through is a real one."""

from __future__ import annotations

import re
from pathlib import Path

from bot.procedures.loader import load
from bot.procedures.procedure_file import KINDS

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "adding-a-procedure.md").read_text(encoding="utf-8")


def test_the_example_passes_the_check(tmp_path: Path) -> None:
    example = re.search(r"^```yaml\n(id: (\w+)\n.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert example is not None
    vocabulary = (ROOT / "data" / "procedures" / "_vocabulary.yml").read_text(encoding="utf-8")
    (tmp_path / "_vocabulary.yml").write_text(
        re.sub(r"^common:.*$", "", vocabulary, flags=re.MULTILINE), encoding="utf-8"
    )
    (tmp_path / f"{example[2]}.yml").write_text(example[1], encoding="utf-8")
    assert example[2] in load(tmp_path, ROOT / "bot" / "texts").procedures


def test_every_kind_of_step_is_explained() -> None:
    assert all(f"| `{kind}` |" in PAGE for kind in KINDS)
