"""What the tools say besides the procedures' own words: `texts.yml` beside this file."""

from __future__ import annotations

from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("texts.yml")


def texts(language: str) -> dict[str, str]:
    """Every text by its name."""
    return {name: said[language] for name, said in yaml.safe_load(_FILE.read_text(encoding="utf-8")).items()}
