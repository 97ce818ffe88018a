"""Looking at the stub children from outside."""

from pathlib import Path


def pids(folder: Path, *, alive: bool = False) -> list[int]:
    """Return the processes that the stubs have noted: all that ever started, or those that still run."""
    noted = [int(line) for file in folder.glob("*.pid") for line in file.read_text().split()]
    return [pid for pid in noted if not alive or _runs(pid)]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
