# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a test says about a run of ansible-playbook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = Path(__file__).parent / "fixtures"
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
WORKER, ORDINARY = "worker", "ordinary"

ACTION = """
from ansible_collections.rackspace.aws_accounts.plugins.modules.{name} import ENTRY
from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction):
    entry = ENTRY
"""


@dataclass
class Played:
    """What a run of ansible-playbook did."""

    status: int
    output: str
    results: dict[tuple[str, str], list[dict[str, Any]]]

    def of(self, host: str, task: str) -> dict[str, Any]:
        """Return the one result of a task on a host."""
        found = self.results.get((host, task), [])
        assert len(found) == 1, f"{task} on {host}: {len(found)} results\n{self.output}"
        return found[0]


Play = Callable[..., Played]


def comparable(result: dict[str, Any]) -> dict[str, Any]:
    """Leave out what must differ: process and program, and the files that a traceback names."""
    differs = {"told"} | ({"exception"} if "Traceback" in str(result.get("exception")) else set())
    return {key: value for key, value in result.items() if key not in differs}


def assert_same(played: Played, *tasks: dict[str, Any]) -> None:
    """Compare the tasks' results in the worker with those of the ordinary modules."""
    for task in tasks:
        name = task["name"]
        here, ordinary = (played.of(host, name) for host in (WORKER, ORDINARY))
        assert comparable(here) == comparable(ordinary), name
