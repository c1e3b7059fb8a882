"""The browser of the page's tests: found, installed where that is possible, and missed loudly."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "integration" / "audit_page" / "chromium"


def program(folder: Path, name: str, *lines: str) -> None:
    file = folder / name
    file.write_text("\n".join(("#!/bin/bash", *lines, "")))
    file.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs that is all there is: no browser, and nobody who may install one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program(folder, "id", "echo 1000")
    return folder


def run(machine: Path) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash")
    assert bash
    environment = {"PATH": str(machine), "TMPDIR": str(machine)}
    return subprocess.run([bash, str(SCRIPT)], env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_browser_that_is_there_is_named(machine: Path) -> None:
    program(machine, "chromium")
    found = run(machine)
    assert (found.returncode, found.stdout.strip()) == (0, str(machine / "chromium"))


def test_root_installs_what_is_missing(machine: Path) -> None:
    program(machine, "id", "echo 0")
    browser = machine / "chromium"
    installed = (f"echo '#!/bin/bash' > {browser}", f"{shutil.which('chmod')} +x {browser}")
    program(machine, "apt-get", 'echo "$@"', "[[ $1 == install ]] || exit 0", *installed)
    found = run(machine)
    assert (found.returncode, found.stdout.strip()) == (0, str(machine / "chromium"))
    assert "install" in found.stderr  # what apt-get says is not taken for the browser's place


def test_nobody_else_does(machine: Path) -> None:
    program(machine, "apt-get", "exit 1")
    found = run(machine)
    assert (found.returncode, found.stdout) == (1, "")
    assert "There is no Chromium on this machine" in found.stderr


def test_where_installing_fails_it_is_said_and_not_hidden(machine: Path) -> None:
    program(machine, "id", "echo 0")
    program(machine, "apt-get", "exit 100")
    found = run(machine)
    assert found.returncode == 1
    assert "cannot be installed" in found.stderr
