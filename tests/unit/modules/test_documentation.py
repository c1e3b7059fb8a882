# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation says exactly what the code does; a failing test names the option or key that drifted."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.playbook.task import Task

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS, named
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.password_policy import KEPT
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.shared_queues import PROVIDER_SIDE
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    Account,
    AccountDefault,
    Observed,
    Region,
    Target,
)
from tests.unit.playing import MODULES

COLLECTION = "rackspace.aws_accounts"
#: module with one shape of a target's state -> the account defaults that it is over
SHAPES: dict[str, tuple[AccountDefault, ...]] = {
    "dispatcher_rule": named("dispatcher_rule"),
    "logs_bucket": named("logs_bucket", "rackspace_bucket"),
    "password_policy": named("password_policy"),
    "regional_config": named("recorder"),
    "regional_topics": named("cloudtrail_topic", "support_topic"),
    "regional_trails": named("trail"),
    "service_role": named("rackspace_role", "cloudhealth_role", "config_role", "dispatcher_role"),
    "shared_queues": PROVIDER_SIDE,
}
#: modules whose result is a Plan of account defaults
PLANNING = sorted([*SHAPES, "account_defaults"])
#: what a template of an example may become, where text would not do
STAND_INS: dict[str, Any] = {"list": ["111111111111"], "dict": {}}
KEYWORDS = set(Task.fattributes) | {"loop", "with_items"}


def module(name: str) -> ModuleType:
    return importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{name}")


@pytest.fixture(scope="module")
def documented() -> dict[str, dict[str, Any]]:
    """What ansible-doc says of every module, its fragments merged."""
    command = [str(Path(sys.executable).parent / "ansible-doc"), "--json", "-t", "module"]
    names = [f"{COLLECTION}.{name}" for name in MODULES]
    done = subprocess.run([*command, *names], stdout=subprocess.PIPE, text=True, check=True)
    return {name.rsplit(".", 1)[-1]: entry for name, entry in json.loads(done.stdout).items()}


def faults(documented: Mapping[str, Any], spec: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Name every difference between documented options and an argument spec."""
    for name in sorted(documented.keys() ^ spec.keys()):
        yield f"{path}{name} is only in the {'documentation' if name in documented else 'argument spec'}"
    for name in sorted(documented.keys() & spec.keys()):
        option, wanted = documented[name], spec[name]
        plain = {
            "type": wanted.get("type", "str"),
            "required": wanted.get("required", False),
            "elements": wanted.get("elements"),
            "default": wanted.get("default"),
            "aliases": sorted(wanted.get("aliases", [])),
            "choices": wanted.get("choices"),
        }
        told = {
            "type": option.get("type", "str"),
            "required": option.get("required", False),
            "elements": option.get("elements"),
            "default": option.get("default"),
            "aliases": sorted(option.get("aliases", [])),
            "choices": option.get("choices"),
        }
        for key, value in plain.items():
            if told[key] != value:
                yield f"{path}{name}: {key} is documented as {told[key]!r}, and is {value!r}"
        if not option.get("description"):
            yield f"{path}{name} has no description"
        yield from faults(option.get("suboptions") or {}, wanted.get("options") or {}, f"{path}{name}.")


@pytest.mark.parametrize("name", MODULES)
def test_documented_options_are_those_of_the_argument_spec(name: str, documented: dict[str, dict[str, Any]]) -> None:
    assert list(faults(documented[name]["doc"]["options"], module(name).ENTRY.argument_spec)) == []


@pytest.mark.parametrize("name", MODULES)
def test_documentation_is_complete(name: str, documented: dict[str, dict[str, Any]]) -> None:
    doc = documented[name]["doc"]
    assert {"short_description", "description", "author", "version_added", "notes", "seealso"} <= doc.keys()
    assert {"action_group", "check_mode", "diff_mode", "idempotent"} <= doc["attributes"].keys()
    assert all("support" in attribute for attribute in doc["attributes"].values())


def described(keys: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for name, key in keys.items():
        where = f"{path}{name}"
        if not all(key.get(part) for part in ("description", "returned", "type")):
            yield f"{where} lacks its description, type or when it is returned"
        nested = key.get("contains")
        if key["type"] == "list" and "elements" not in key:
            yield f"{where} does not say of what it is a list"
        if not nested and "sample" not in key and where not in {"diff.after"} and not where.endswith(".after"):
            yield f"{where} has no sample"
        yield from described(nested or {}, f"{where}.")


@pytest.mark.parametrize("name", MODULES)
def test_every_returned_key_is_described_with_a_sample(name: str) -> None:
    returned = yaml.safe_load(module(name).RETURN)
    assert {"changed", "failed", "msg", "account", "api_calls"} <= returned.keys()
    assert list(described(returned)) == []


@pytest.mark.parametrize("name", PLANNING)
def test_what_all_results_have_in_common_is_described_alike(name: str) -> None:
    assert shape(yaml.safe_load(module(name).RETURN)) == shape(yaml.safe_load(module("account_defaults").RETURN))


def test_a_row_of_a_removal_is_a_row_of_a_plan_and_what_is_done() -> None:
    removal, plan = (shape(yaml.safe_load(module(name).RETURN)) for name in ("reverse_assumption", "account_defaults"))
    kind, elements, row = removal["targets"]
    done = {name: row.pop(name) for name in ("action", "resources")}
    assert done == {"action": ("str", None, {}), "resources": ("list", "str", {})}
    assert (kind, elements, row) == plan["targets"]
    assert {name: removal[name] for name in plan if name != "targets"} == {
        name: plan[name] for name in plan if name != "targets"
    }


def shape(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return the names and types of returned keys, without the state of a target, which differs."""
    return {
        name: (key["type"], key.get("elements"), shape({} if name in {"after", "before"} else key.get("contains", {})))
        for name, key in keys.items()
    }


@pytest.mark.parametrize("name", SHAPES)
def test_the_state_of_a_target_is_described_key_by_key(name: str) -> None:
    after = yaml.safe_load(module(name).RETURN)["targets"]["contains"]["after"]["contains"]
    options = {
        "account_id": "111111111111",
        "account_uuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "provider_account_id": "222222222222",
        "managed_account_ids": ["111111111111"],
        "cloudhealth": {"external_ids": ["example"], "policy": '{"Version": "2012-10-17", "Statement": []}'},
    }
    spec = module(name).ENTRY.argument_spec
    checked = ArgumentSpecValidator(spec).validate({key: value for key, value in options.items() if key in spec})
    assert checked.error_messages == []
    region = Region("us-east-1")
    account = Account(
        "222222222222" if name == "shared_queues" else "111111111111", regions=(region,), enabled=(region,)
    )
    shown: dict[str, set[str]] = defaultdict(set)
    for default in SHAPES[name]:
        nowhere: Any = Nowhere()
        target = Target(account, "us-east-1", nowhere, checked.validated_parameters)
        for key, value in keys(default.desired(target, NOTHING.get(default.name, Observed()))):
            shown[key].update(value)
    expected = {"": set(shown[""]) | (set(KEPT) if name == "password_policy" else set())}
    expected |= {key: value for key, value in shown.items() if key and "contains" in after.get(key, {})}
    told = {"": set(after)} | {key: set(entry["contains"]) for key, entry in after.items() if "contains" in entry}
    assert told == expected


class Nowhere:
    """Clients of defaults that are only asked what they want."""

    def client(self, service: str, region: str) -> Any:
        return self

    def get_queue_url(self, **_: Any) -> dict[str, str]:
        return {"QueueUrl": ""}


#: what a default has seen where there is nothing, if that is more than nothing
NOTHING = {
    "recorder": Observed(raw={"recorder": None, "channel": None}),
    "trail": Observed(raw={"others": []}),
}


def keys(state: Any) -> Iterator[tuple[str, set[str]]]:
    """Return the keys of a state, and those of the dictionaries in it, by the name of the dictionary."""
    assert isinstance(state, dict), state
    yield "", set(state)
    for name, value in state.items():
        if isinstance(value, dict):
            yield name, set(value)


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_tasks_that_the_modules_accept(name: str) -> None:
    tasks = yaml.safe_load(module(name).EXAMPLES)
    ours = [task for task in tasks if f"{COLLECTION}.{name}" in task]
    assert len(ours) >= 2
    assert len({task["name"] for task in tasks}) == len(tasks)
    for task in tasks:
        actions = [key for key in task if key not in KEYWORDS]
        assert len(actions) == 1, f"{task['name']}: {actions}"
        assert re.fullmatch(r"\w+\.\w+\.\w+", actions[0]), f"{task['name']}: {actions[0]} is not a full name"
    for task in ours:
        arguments = dict(task[f"{COLLECTION}.{name}"])
        for key, value in arguments.items():  # a template may become anything: let it be what the option wants
            spec = module(name).ENTRY.argument_spec[key]
            kind = spec.get("type")
            if isinstance(value, str) and "{{" in value and kind in STAND_INS:
                arguments[key] = [] if spec.get("elements") == "dict" else STAND_INS[kind]
        checked = ArgumentSpecValidator(**module(name).ENTRY.rules).validate(arguments)
        assert checked.error_messages == [], task["name"]


@pytest.mark.parametrize("name", PLANNING)
def test_examples_show_check_mode_with_the_diff(name: str) -> None:
    tasks = yaml.safe_load(module(name).EXAMPLES)
    assert any(task.get("check_mode") and task.get("diff") for task in tasks)


@pytest.mark.parametrize("name", PLANNING)
def test_documentation_names_the_account_defaults_of_the_module(
    name: str, documented: dict[str, dict[str, Any]]
) -> None:
    doc = documented[name]["doc"]
    text = " ".join([*doc["description"], *doc["notes"], *doc["options"].get("only", {}).get("choices", [])])
    defaults = SHAPES.get(name) or named(*doc["options"]["only"]["choices"])
    assert [default.name for default in defaults if default.name not in text] == []


def test_documentation_of_the_removal_says_what_becomes_of_every_account_default(
    documented: dict[str, dict[str, Any]],
) -> None:
    """The sentence that a default is in is that of its ``on_release``."""
    _, goes, detached, stays, *_ = documented["reverse_assumption"]["doc"]["description"]
    told = {"remove": goes, "detach": detached, "keep": stays}
    for default in ACCOUNT_DEFAULTS:
        where = stays if default.name == "rackspace_role" else told[default.on_release]  # by last_role, at the end
        assert f"V({default.name})" in where, default.name


def test_documentation_of_required_and_optional_defaults_agrees_with_the_catalogue() -> None:
    description = yaml.safe_load(module("account_defaults").DOCUMENTATION)["description"]
    sentence = next(text for text in description if " are required" in text)
    required, optional = sentence.split(" are required", 1)
    names = re.compile(r"V\((\w+)\)")
    catalogue = named(*names.findall(sentence))
    assert names.findall(required) == [default.name for default in catalogue if default.required]
    assert sorted(names.findall(optional)) == sorted(default.name for default in catalogue if not default.required)
