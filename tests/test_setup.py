"""The set-up keeps its promises: locks match, no download hosts, every module has its layer, every target its line."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = {contract["name"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}


def modules(package: str) -> set[str]:
    """Return the modules and packages directly in a package, ``desk`` -> ``desk.inbox``, ``desk.store``, …"""
    folder = ROOT / package
    packages = {path.parent for path in folder.glob("*/__init__.py")}
    return {f"{package}.{path.stem}" for path in packages | set(folder.glob("*.py")) if path.stem != "__init__"}


@pytest.mark.parametrize("package", ["desk", "channels"])
def test_every_module_has_its_layer(package: str) -> None:
    layers = CONTRACTS["The layers of the product"]["layers"]
    assert modules(package) == {name for layer in layers for name in re.findall(rf"{package}\.\w+", layer)}


def test_every_channel_is_kept_apart_from_the_others() -> None:
    channels = {f"channels.{path.parent.name}" for path in ROOT.glob("channels/*/channel.py")}
    assert channels == set(CONTRACTS["Channels know nothing of each other"]["modules"])


@pytest.mark.parametrize("lock", ["app", "engine"])
def test_every_dependency_is_locked_with_hashes_and_without_a_download_address(lock: str) -> None:
    text = (ROOT / f"requirements/{lock}.txt").read_text()
    assert "://" not in text
    assert "index-url" not in text
    groups = {"app": ("app", "dev"), "engine": ("engine",)}[lock]
    for requirement in (line for group in groups for line in PROJECT["dependency-groups"][group]):
        name = re.split(r"[\[<>=!~; ]", requirement)[0].lower()
        assert re.search(rf"(?m)^{re.escape(name)}==\S+.* \\\n +--hash=sha256:", text), f"{name} is missing: make lock"


def test_both_python_versions_are_named_for_uv_and_pyenv() -> None:
    assert (ROOT / ".python-version").read_text().split() == ["3.12", "3.10"]


def test_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"(?m)^\.PHONY: (\S+)", makefile))
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert targets == {line.split()[1] for line in told.splitlines()}


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    return tmp_path


def run(folder: Path, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=os.environ | environ, capture_output=True, text=True)


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_uv_on_the_path_is_used_where_it_is(fresh: Path) -> None:
    program(fresh / "bin/uv", "echo '--group uv 9.9.9'")
    done = run(fresh, "tools/get-uv", PATH=f"{fresh / 'bin'}:{os.environ['PATH']}")
    assert done.returncode == 0
    assert (fresh / ".tools/uv").resolve() == fresh / "bin/uv"


def test_a_shim_that_cannot_run_is_passed_over_for_the_uv_that_was_fetched(fresh: Path) -> None:
    program(fresh / "bin/uv", "echo 'pyenv: uv: command not found' >&2; exit 127")
    program(fresh / ".tools/uvenv/bin/uv", "echo '--group uv 9.9.9'")
    done = run(fresh, "tools/get-uv", PATH=f"{fresh / 'bin'}:{os.environ['PATH']}")
    assert done.returncode == 0
    assert (fresh / ".tools/uv").resolve() == fresh / ".tools/uvenv/bin/uv"


def test_without_any_python_it_is_said_what_to_install(fresh: Path) -> None:
    program(fresh / "bin/python3", "exit 1")
    for name in ("sh", "mkdir", "grep", "rm", "tail", "cat"):
        (fresh / "bin" / name).symlink_to(str(shutil.which(name)))
    text = (fresh / "tools/get-uv").read_text().replace("/usr/bin/python3", "")
    (fresh / "tools/get-uv").write_text(text)
    done = run(fresh, "tools/get-uv", PATH=str(fresh / "bin"), PYENV_ROOT=str(fresh))
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr


def test_a_missing_python_version_is_said_with_what_to_do(fresh: Path) -> None:
    program(fresh / ".tools/uv", "exit 2")
    done = run(fresh, "tools/make-venv", "3.12", ".venv", PYENV_ROOT=str(fresh))
    assert done.returncode == 1
    assert "Python 3.12 is not on this machine" in done.stderr
    assert "pyenv install 3.12" in done.stderr


def test_a_python_that_only_pyenv_knows_is_found(fresh: Path) -> None:
    program(fresh / ".tools/uv", '[ "$1" = venv ] || exit 2; mkdir -p .venv/bin; cp "$5" .venv/bin/python')
    program(fresh / "versions/3.12.1/bin/python", "echo Python 3.12.1")
    done = run(fresh, "tools/make-venv", "3.12", ".venv", PYENV_ROOT=str(fresh))
    assert done.returncode == 0, done.stderr
    assert done.stdout == f".venv: Python 3.12.1 ({fresh}/versions/3.12.1/bin/python)\n"
