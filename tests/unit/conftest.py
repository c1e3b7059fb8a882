# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Really running Ansible: a copy of the collection with test modules, and hosts that differ in how modules run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.playing import ACTION, FIXTURES, ORDINARY, ROOT, WORKER, Play, Played


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the collection, with the test modules beside its own."""
    tree = tmp_path_factory.mktemp("collections")
    copy = tree / "ansible_collections" / "rackspace" / "aws_accounts"
    shutil.copytree(ROOT / "plugins", copy / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "meta", copy / "meta")
    shutil.copy(ROOT / "galaxy.yml", copy)
    (copy / "plugins" / "modules").mkdir(exist_ok=True)
    for module in (FIXTURES / "modules").glob("*.py"):
        shutil.copy(module, copy / "plugins" / "modules")
        (copy / "plugins" / "action" / module.name).write_text(ACTION.format(name=module.stem))
    return tree


@pytest.fixture
def play(collections: Path, tmp_path: Path) -> Play:
    """Return a function that plays tasks on the hosts ``worker`` and ``ordinary`` and returns their results."""
    (tmp_path / "ansible.cfg").write_text("[defaults]\n")
    (tmp_path / "bin").mkdir()
    other_python = tmp_path / "bin" / "python"
    other_python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    other_python.chmod(0o755)
    hosts = {
        WORKER: {"ansible_python_interpreter": sys.executable},
        ORDINARY: {"ansible_python_interpreter": str(other_python)},
    }

    def run(
        tasks: list[dict[str, Any]],
        *arguments: str,
        hosts_pattern: str = f"{WORKER},{ORDINARY}",
        environment: dict[str, str] | None = None,
        **keywords: Any,
    ) -> Played:
        inventory = {"all": {"vars": {"ansible_connection": "local"}, "hosts": hosts}}
        playbook = [{"hosts": hosts_pattern, "gather_facts": False, "tasks": tasks, **keywords}]
        (tmp_path / "inventory.yml").write_text(json.dumps(inventory))
        (tmp_path / "play.yml").write_text(json.dumps(playbook))
        recorded = tmp_path / "results.jsonl"
        recorded.unlink(missing_ok=True)
        names = {
            "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_CALLBACK_PLUGINS": str(FIXTURES / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "ANSIBLE_FORKS": "4",
            "ANSIBLE_HOME": str(tmp_path / "home"),
            # by default below the home, which the two halves of an async task find differently where HOME is changed
            "ANSIBLE_ASYNC_DIR": str(tmp_path / "async"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "RECORD_TO": str(recorded),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            "AWS_MAX_ATTEMPTS": "1",
        }
        command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "inventory.yml", "play.yml", *arguments]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, **names, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        results: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for line in recorded.read_text().splitlines() if recorded.exists() else ():
            entry = json.loads(line)
            results.setdefault((entry["host"], entry["task"]), []).append(entry["result"])
        return Played(done.returncode, done.stdout, results)

    return run
