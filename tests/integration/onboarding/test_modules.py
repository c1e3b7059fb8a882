# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The modules one by one, the sections by tags, and the two ways in which a module runs."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.onboarding.belongings import belongings
from tests.integration.onboarding.controller import (
    DEMO,
    EXTERNAL_ID,
    MANAGEMENT,
    PLAIN,
    PROVIDER,
    SHARED,
    Aws,
    Controller,
    Ran,
    new_account,
)

REGIONS = ["us-east-1", "us-west-2"]
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
ACCOUNT = {
    "account_id": "{{ account_id }}",
    "account_name": "{{ inventory_hostname }}",
    "provider_account_id": SHARED,
    "external_id": EXTERNAL_ID,
    "organization": {"management_account_id": MANAGEMENT},
}
NAMED = {"account_uuid": "{{ account_uuid }}", "regions": REGIONS}
#: module -> further options, targets that it changes first, services that it writes to
MODULES: dict[str, tuple[dict[str, Any], int, set[str]]] = {
    "password_policy": ({}, 1, {"iam"}),
    "service_role": ({"account_uuid": "{{ account_uuid }}"}, 3, {"iam"}),
    "logs_bucket": ({"account_uuid": "{{ account_uuid }}"}, 2, {"s3"}),
    "regional_topics": ({"regions": REGIONS}, 12, {"sns"}),
    "regional_trails": (NAMED, 2, {"cloudtrail"}),
    "regional_config": (NAMED, 2, {"config"}),
    "dispatcher_rule": ({}, 1, {"events"}),
}


def task(module: str, name: str = "", **options: Any) -> dict[str, Any]:
    return {"name": name or module, f"rackspace.aws_accounts.{module}": {**ACCOUNT, **options}}


@pytest.fixture(scope="module")
def inventory(controller: Controller, aws: Aws) -> Path:
    """A plain account, and three new ones for the ways in which a module runs."""
    python = controller.folder / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    hosts: dict[str, dict[str, Any]] = {"plain": {"account_id": PLAIN, "account_uuid": UUID}}
    for number, name in enumerate(WAYS):
        hosts[name] = {"account_id": new_account(aws, name), "account_uuid": f"{UUID[:-1]}{number}"}
    hosts["ordinary"]["ansible_python_interpreter"] = str(python)
    path = controller.inventory(hosts)
    controller.shared_services(inventories=[path])
    return path


WAYS = ("worker", "ordinary", "later")


@dataclass
class Alone:
    check: dict[str, dict[str, Any]]
    first: dict[str, dict[str, Any]]
    second: dict[str, dict[str, Any]]
    writes: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def alone(controller: Controller, inventory: Path) -> Alone:
    """Every module predicted, run, and run once more, each in an account that has what it needs."""
    tasks = []
    for module, (options, _, _) in MODULES.items():
        tasks.append({**task(module, f"{module} check", **options), "check_mode": True, "diff": True})
        tasks.append({**task(module, f"{module} first", **options), "diff": True})
        tasks.append({**task(module, f"{module} second", **options), "diff": True})
    tasks.append(task("account_info"))
    ran = controller.tasks(tasks, "--limit", "plain", inventory=inventory)
    assert ran.status == 0, ran.output
    steps = {step: {m: ran.of("plain", f"{m} {step}") for m in MODULES} for step in ("check", "first", "second")}
    return Alone(**steps, writes={"all": ran.writes(PLAIN), "info": [ran.of("plain", "account_info")]})


@pytest.mark.parametrize("module", MODULES)
def test_a_module_alone_predicts_what_it_then_does(alone: Alone, module: str) -> None:
    """G1."""
    assert alone.check[module]["changed"] is True
    told = [[(r["default"], r["region"], r["before"], r["after"]) for r in result[module]["targets"] if r["changed"]]
            for result in (alone.check, alone.first)]  # fmt: skip
    assert told[0] == told[1]


@pytest.mark.parametrize("module", MODULES)
def test_the_diff_of_a_module_has_one_entry_a_target(alone: Alone, module: str) -> None:
    """Issue 2, the modules."""
    assert len(alone.first[module]["diff"]) == MODULES[module][1]
    assert alone.check[module]["diff"] == alone.first[module]["diff"]
    assert len({entry["after_header"] for entry in alone.first[module]["diff"]}) == MODULES[module][1]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_alone_changes_nothing_the_second_time(alone: Alone, module: str) -> None:
    """G2."""
    assert alone.second[module]["changed"] is False
    assert alone.second[module]["diff"] == []
    assert {row["state"] for row in alone.second[module]["targets"]} <= {"compliant", "skipped"}


def test_the_modules_together_write_to_their_services_only(alone: Alone) -> None:
    assert {call["service"] for call in alone.writes["all"]} == set().union(*(of for _, _, of in MODULES.values()))


def test_the_info_says_what_the_account_is(alone: Alone) -> None:
    (info,) = alone.writes["info"]
    assert info["changed"] is False
    assert info["account"]["id"] == PLAIN
    assert len(info["account"]["regions"]) == 17


@pytest.fixture(scope="module")
def ways(controller: Controller, inventory: Path) -> Ran:
    """One onboarding in the worker, as an ordinary module, and asynchronously, each of a new account."""
    options = {**NAMED, "wait_timeout": 30}
    tasks = [
        {**task("account_defaults", "now", **options), "when": "inventory_hostname != 'later'"},
        {
            **task("account_defaults", "later", **options),
            "async": 120,
            "poll": 1,
            "when": "inventory_hostname == 'later'",
        },
    ]
    ran = controller.tasks(tasks, "--limit", ",".join(WAYS), "-vvv", inventory=inventory)
    assert ran.status == 0, ran.output
    return ran


def test_the_three_ways_were_taken(ways: Ran) -> None:
    assert "runs as an ordinary module: interpreter" in ways.output
    assert "runs as an ordinary module: async" in ways.output
    assert ways.of("later", "later")["finished"] in (1, True)


@pytest.mark.parametrize("way", ["ordinary", "later"])
def test_each_way_gives_the_result_of_the_worker(ways: Ran, inventory: Path, way: str) -> None:
    """Design, speed."""
    hosts = json.loads(inventory.read_text())["accounts"]["hosts"]

    def comparable(name: str) -> Any:
        result = ways.of(name, "later" if name == "later" else "now")
        kept = {key: result[key] for key in ("changed", "targets", "summary", "account")}
        text = json.dumps(kept, sort_keys=True).replace(hosts[name]["account_id"], "ID")
        return json.loads(text.replace(hosts[name]["account_uuid"], "UUID").replace(f'"{name}"', '"NAME"'))

    assert len(comparable("worker")["targets"]) == 24
    assert comparable(way) == comparable("worker")


def test_each_way_leaves_the_same_in_the_account(ways: Ran, inventory: Path, aws: Aws) -> None:
    """Design, speed."""
    hosts = json.loads(inventory.read_text())["accounts"]["hosts"]
    found = {}
    for name in WAYS:
        number, uuid = hosts[name]["account_id"], hosts[name]["account_uuid"]
        has = belongings(aws, number, REGIONS)
        text = json.dumps(sorted(([list(at), what] for at, what in has.items()), key=lambda pair: pair[0]))
        found[name] = json.loads(text.replace(number, "ID").replace(uuid, "UUID"))
        found[name] = [strip(entry) for entry in found[name]]
    assert len(found["worker"]) > 60
    assert found["ordinary"] == found["worker"]
    assert found["later"] == found["worker"]


def strip(value: Any) -> Any:
    """Leave out ids and dates that AWS makes up."""
    if isinstance(value, dict):
        made_up = ("RoleId", "CreateDate", "CreatedBy", "SubscriptionArn")
        return {key: strip(entry) for key, entry in value.items() if key not in made_up}
    return [strip(entry) for entry in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def by_tags(controller: Controller, inventory: Path) -> Ran:
    """Only one section, of an account that has something switched off."""
    off = {"account_defaults_disabled": {"cloudhealth_role": "", "password_policy": "managed by the customer's IdP"}}
    override = controller.overrides(own_trail=off)
    return controller.onboard("--tags", "iam", "--limit", "own-trail", inventories=[DEMO, override])


def test_a_tag_touches_only_its_section(by_tags: Ran) -> None:
    """Issue 2, roles and playbook."""
    assert by_tags.status == 0, by_tags.output
    assert {row["section"] for row in by_tags.of("own-trail")["targets"]} == {"iam"}
    assert {call["service"] for call in by_tags.calls("333333333333")} <= {"iam", "sts", "account"}
    assert {call["resource"] for call in by_tags.writes("333333333333")} >= {"Rackspace"}


def test_what_is_switched_off_is_not_even_read_and_its_reason_is_reported(by_tags: Ran) -> None:
    """B16."""
    rows = by_tags.rows("own-trail")
    assert rows["password_policy", "global"]["state"] == "skipped"
    assert rows["password_policy", "global"]["reason"] == "switched off: managed by the customer's IdP"
    operations = {call["operation"] for call in by_tags.calls("333333333333")}
    assert not {"GetAccountPasswordPolicy", "UpdateAccountPasswordPolicy"} & operations
    assert "managed by the customer's IdP" in by_tags.text


def test_skipped_tags_leave_their_sections_alone(controller: Controller, inventory: Path) -> None:
    """Issue 2, roles and playbook."""
    sections = "iam,config,support,risk_events"
    ran = controller.onboard("--skip-tags", sections, "--check", "--limit", "plain", inventories=[inventory])
    assert ran.status == 0, ran.output
    assert {row["section"] for row in ran.of("plain")["targets"]} == {"s3", "cloudtrail"}


def test_provider_variables_are_those_of_these_tests() -> None:
    """The modules here are given what the playbooks take from the inventory."""
    assert PROVIDER["provider_external_id"] == EXTERNAL_ID
