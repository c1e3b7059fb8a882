#!/usr/bin/env python3
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Starts and stops the embedded AWS for molecule: `emulator.py start DIRECTORY PORT`, `emulator.py stop DIRECTORY`.

It outlives the playbook that starts it; DIRECTORY keeps its process id and what it prints.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 60


def start(directory: Path, port: str) -> str:
    """Start it and wait until it is ready; one that this directory already has is stopped first."""
    stop(directory)
    output = directory / "emulator.txt"
    command = [sys.executable, "-m", "emulator", "--port", port, "--quiet"]
    with output.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
        )
    deadline = time.monotonic() + STARTS_WITHIN
    while "ready" not in output.read_text(encoding="utf-8").splitlines():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            sys.exit(f"the emulator did not start on port {port}:\n{output.read_text(encoding='utf-8')}")
        time.sleep(0.1)
    (directory / "emulator.pid").write_text(str(process.pid), encoding="utf-8")
    return f"started: process {process.pid}"


def stop(directory: Path) -> str:
    """Stop it by its process id, if it was started from this directory."""
    noted = directory / "emulator.pid"
    if not noted.exists():
        return "not running"
    try:
        os.kill(int(noted.read_text(encoding="utf-8")), signal.SIGTERM)
    except ProcessLookupError:
        return "not running"
    finally:
        noted.unlink()
    return "stopped"


if __name__ == "__main__":
    action, directory, *rest = sys.argv[1:]
    print(start(Path(directory), *rest) if action == "start" else stop(Path(directory)))
