"""Where the real sentences, mails and payloads are that are measured with. They are kept outside the repository."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REALWORLD = Path(os.environ.get("REALWORLD", ROOT.parent / "shared" / "realworld"))
"""The environment says where, else it is looked for beside the repository. It may be missing."""
