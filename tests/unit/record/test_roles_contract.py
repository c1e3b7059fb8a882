"""The record, the roles and the module say the same: each variable once, each option mapped once."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import audit as account_audit
from ansible_collections.rackspace.aws_accounts.plugins.module_utils import (
    provider_side,
    record,
    reverse_assumption,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import plan_entry
from emulator import organization

ROOT = Path(__file__).resolve().parents[3]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
CONNECTION = {  # the standard options of amazon.aws, by environment or module_defaults
    *("access_key", "aws_ca_bundle", "aws_config", "debug_botocore_endpoint_logs", "endpoint_url", "profile", "region"),
    *("secret_key", "session_token", "validate_certs"),
}
#: facts and results that the roles set
FACTS = {
    *(
        "account_access_faults",
        "account_audit_json",
        "account_audit_result",
        "account_defaults_removal_result",
        "account_defaults_report",
        "account_defaults_result",
    ),
}
#: what a role sets to nothing because the module takes it from elsewhere
EMPTY = {"role_policy", "logs_bucket_name", "rackspace_bucket_name", "dispatcher_policy"}


@cache
def load(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def options(role: str) -> dict[str, Any]:
    specs = load(f"roles/{role}/meta/argument_specs.yml")["argument_specs"]
    return {name: option for entry in specs.values() for name, option in entry.get("options", {}).items()}


def task(role: str, module: str) -> dict[str, Any]:
    tasks = load(f"roles/{role}/tasks/main.yml")
    return next(
        task[f"rackspace.aws_accounts.{module}"] for task in tasks if f"rackspace.aws_accounts.{module}" in task
    )


def module_options() -> dict[str, Any]:
    return {name: o for name, o in plan_entry(ACCOUNT_DEFAULTS).argument_spec.items() if name not in CONNECTION}


def test_record_py_knows_every_variable_of_the_roles() -> None:
    ours = {name for role in ROLES for name in options(role) if name.startswith(record.PREFIXES)}
    assert set(record.ROLE_VARIABLES) == ours | FACTS


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_of_a_role_has_one_default_and_one_description(role: str) -> None:
    defaults = load(f"roles/{role}/defaults/main.yml")
    assert set(defaults) == set(options(role))
    for name, option in options(role).items():
        assert option["description"], name
        if "options" not in option:
            assert option["default"] == defaults[name], name


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_of_a_role_begins_with_its_name(role: str) -> None:
    assert all(name.startswith(f"{role}_") for name in options(role))


@pytest.mark.parametrize("role", ROLES)
def test_every_role_tells_its_variables_in_its_readme(role: str) -> None:
    readme = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in readme for name in options(role))


def test_the_role_maps_every_option_of_the_module_once() -> None:
    assert set(task("account_defaults", "account_defaults")) == set(module_options())


def test_the_role_maps_the_record_as_record_py_says() -> None:
    arguments = task("account_defaults", "account_defaults")
    for field in record.FIELDS:
        if field.option and field.name != "account_defaults_disabled":
            assert field.name in arguments[field.option], field.name


@pytest.mark.parametrize("role", ["account_audit", "account_defaults", "shared_services"])
def test_no_option_is_mapped_twice(role: str) -> None:
    text = (ROOT / "roles" / role / "tasks" / "main.yml").read_text(encoding="utf-8")
    keys = re.findall(r"^    (\w+): \"\{\{", text, flags=re.MULTILINE)
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("role", ["account_audit", "account_defaults", "reverse_assumption"])
def test_every_variable_of_the_role_is_used(role: str) -> None:
    files = [path for folder in ("tasks", "vars", "templates") for path in (ROOT / "roles" / role / folder).glob("*.*")]
    text = " ".join(path.read_text(encoding="utf-8") for path in files)
    assert [name for name in options(role) if not re.search(rf"\b{name}\b", text)] == []


def removal() -> dict[str, Any]:
    (task,) = load("roles/account_defaults/tasks/removal.yml")
    return dict(task["rackspace.aws_accounts.reverse_assumption"])


def test_the_removal_maps_every_option_of_its_module_once() -> None:
    assert set(removal()) == {name for name in reverse_assumption.SPEC if name not in CONNECTION}


def test_what_was_made_is_known_again_by_the_same_variables() -> None:
    made = task("account_defaults", "account_defaults")
    assert {name: value for name, value in removal().items() if name in made and value != made[name]} == {}


def test_the_audit_maps_every_option_of_its_module_once() -> None:
    wanted = {name for name in account_audit.SPEC if name not in CONNECTION}
    assert set(task("account_audit", "account_audit")) == wanted


def test_what_is_audited_is_what_onboarding_would_make() -> None:
    """G7: the same variables, but for those of the audit itself."""
    made = task("account_defaults", "account_defaults")
    audited = {
        name: value.replace("__account_audit_", "__account_defaults_")
        for name, value in task("account_audit", "account_audit").items()
    }
    assert {name for name, value in audited.items() if value != made.get(name)} == {"access_roles", "fail_on"}
    assert set(made) - set(audited) == {"fail_on_foreign", "wait_timeout"}


def test_the_variables_of_the_audits_task_are_those_of_onboardings() -> None:
    """G7."""
    (made,) = [t["vars"] for t in load("roles/account_defaults/tasks/main.yml") if "vars" in t]
    (audited,) = [t["vars"] for t in load("roles/account_audit/tasks/main.yml") if "vars" in t]
    assert {name.replace("__account_audit_", "__account_defaults_"): value for name, value in audited.items()} == made


def modules_of(tasks: list[dict[str, Any]], shared: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return each module of ours that tasks call, with the options that it is given, those of module_defaults too."""
    for task in tasks:
        here = {**shared, **task.get("module_defaults", {}).get("group/rackspace.aws_accounts.accounts", {})}
        for part in ("block", "rescue", "always"):
            yield from modules_of(task.get(part, []), here)
        for key, value in task.items():
            if key.startswith("rackspace.aws_accounts."):
                yield key.rpartition(".")[2], {**here, **value}


def test_the_role_gives_every_module_options_that_it_has_and_all_that_it_needs() -> None:
    files = {path.name: load(f"roles/reverse_assumption/tasks/{path.name}")
             for path in sorted((ROOT / "roles/reverse_assumption/tasks").iterdir())}  # fmt: skip
    (defaults,) = [
        task["module_defaults"]["group/rackspace.aws_accounts.accounts"]
        for tasks in files.values()
        for task in tasks
        if "module_defaults" in task
    ]
    called = set()
    for file, tasks in files.items():
        for name, given in modules_of(tasks, defaults):
            module = importlib.import_module(f"ansible_collections.rackspace.aws_accounts.plugins.modules.{name}")
            spec = module.ENTRY.argument_spec
            assert set(given) <= set(spec), f"{file}: {name}"
            assert {option for option, is_ in spec.items() if is_.get("required")} <= set(given), f"{file}: {name}"
            called.add(name)
    assert called >= {"account_lock", "release_readiness", "residual_access", "account_contacts", "last_role"}


def test_the_roles_defaults_are_the_modules() -> None:
    defaults = load("roles/account_defaults/defaults/main.yml")
    for name, option in module_options().items():
        variable = f"account_defaults_{name}"
        if variable in defaults and name not in EMPTY and "options" not in option:
            assert defaults[variable] == option["default"], name
    names = {name: option["default"] for name, option in module_options()["topic_names"]["options"].items()}
    assert defaults["account_defaults_topic_names"] == names
    assert all(defaults[f"account_defaults_{name}"] == "" for name in EMPTY)


def test_the_records_defaults_are_the_modules() -> None:
    for field in record.FIELDS:
        option = module_options().get(field.option, {})
        if "default" in option and field.name != "account_name":
            assert field.default == option["default"], field.name


def test_the_role_shared_services_maps_every_option_of_its_module() -> None:
    wanted = {name for name in provider_side.ENTRY.argument_spec if name not in CONNECTION}
    assert set(task("shared_services", "shared_queues")) == wanted


def test_the_documentation_describes_every_field_of_the_record() -> None:
    text = (ROOT / "docs" / "inventory.md").read_text(encoding="utf-8")
    missing = [field.name for field in record.FIELDS if f"| `{field.name}` |" not in text]
    assert not missing


def test_sections_roles_cover_every_account_default_once() -> None:
    sections = [value for role in ROLES for name, value in load(f"roles/{role}/defaults/main.yml").items()
                if name == f"{role}_section"]  # fmt: skip
    assert sorted(sections) == sorted({default.section for default in ACCOUNT_DEFAULTS})


def test_the_demo_inventory_agrees_with_the_embedded_organization() -> None:
    hosts = load("inventories/demo/accounts.yml")["accounts"]["hosts"]
    found = {(host["account_id"], name, host["account_uuid"]) for name, host in hosts.items()}
    assert found == {(seed.id, seed.name, seed.uuid) for seed, _ in organization.MEMBERS}


def test_the_demo_inventorys_provider_agrees_with_the_embedded_organization() -> None:
    variables = load("inventories/demo/group_vars/all.yml")
    assert variables["provider_account_id"] == organization.SHARED_ACCOUNT
    assert variables["account_organization"] == {
        "id": organization.ORGANIZATION_ID,
        "management_account_id": organization.MANAGEMENT_ACCOUNT,
    }


@pytest.mark.parametrize("inventory", ["demo", "moto"])
def test_the_shipped_inventories_have_no_faults_a1(inventory: str) -> None:
    shared = load(f"inventories/{inventory}/group_vars/all.yml")
    hosts = load(f"inventories/{inventory}/accounts.yml")["accounts"]["hosts"]
    records = {host: {**shared, **variables} for host, variables in hosts.items()}
    for variables in records.values():
        if isinstance(variables.get("cloudhealth"), str):
            variables["cloudhealth"] = shared["demo_cloudhealth"]
    assert record.inventory_faults(records) == {}
