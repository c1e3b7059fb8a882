# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What every module must have; a failing test names what a new module forgot."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import pytest
import yaml

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry
from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils.in_process import InProcessAction
from tests.unit.playing import MODULES, ROOT

PLUGINS = "ansible_collections.rackspace.aws_accounts.plugins"


@pytest.fixture(params=MODULES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def module(name: str) -> ModuleType:
    return importlib.import_module(f"{PLUGINS}.modules.{name}")


@pytest.fixture
def documentation(module: ModuleType) -> dict[str, Any]:
    return dict(yaml.safe_load(module.DOCUMENTATION))


def test_the_action_group_holds_exactly_the_modules() -> None:
    group = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"]["accounts"]
    assert [item for item in group if isinstance(item, str)] == MODULES
    assert {"metadata": {"extend_group": ["amazon.aws.aws"]}} in group


def test_a_module_has_an_action_that_runs_its_own_entry(name: str, module: ModuleType) -> None:
    action = importlib.import_module(f"{PLUGINS}.action.{name}").ActionModule
    assert issubclass(action, InProcessAction)
    assert isinstance(module.ENTRY, Entry)
    assert action.entry is module.ENTRY


def test_no_action_is_left_without_a_module() -> None:
    assert sorted(path.stem for path in (ROOT / "plugins" / "action").glob("*.py")) == MODULES


def test_documentation_says_how_the_module_behaves(name: str, documentation: dict[str, Any]) -> None:
    assert documentation["module"] == name
    assert {"check_mode", "diff_mode", "idempotent"} <= set(documentation.get("attributes", {}))
    assert documentation.get("extends_documentation_fragment")


def test_documentation_has_at_least_two_examples(module: ModuleType, name: str) -> None:
    examples = yaml.safe_load(module.EXAMPLES) or []
    assert len([e for e in examples if f"rackspace.aws_accounts.{name}" in e]) >= 2


def test_check_mode_is_supported(module: ModuleType) -> None:
    assert module.ENTRY.supports_check_mode
