# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""External ids appear nowhere, however much a run is asked to say; and the playbook is found by its name."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.onboarding.controller import DEMO, PLAIN, Aws, Controller, Ran

#: of the role Rackspace, of CloudHealth, and a wrong one that is tried in vain
SECRETS = ("demo-f3b0c2a49d17", "demo-cloudhealth-5e21", "wrong-7b0d3c9e1f52")
HOSTS = "app1-prod,own-trail,landing-zone"


@pytest.fixture(scope="module")
def loud(controller: Controller, aws: Aws) -> Ran:
    """A first run at -vvv with --diff and a log, in the worker, as an ordinary module, and in vain.

    It is asked for by the playbook's name.
    """
    controller.shared_services()
    python = controller.folder / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    few: dict[str, Any] = {"account_regions": ["us-east-1"]}
    override = controller.overrides(
        app1_prod=few,
        own_trail={**few, "ansible_python_interpreter": str(python), "cloudhealth": "{{ demo_cloudhealth }}"},
        landing_zone={
            **few,
            "account_external_id": SECRETS[2],
            "account_access_roles": [{"name": "Nobody", "via": "base"}],
        },
    )
    return controller.play(
        "rackspace.aws_accounts.onboard",
        *("-vvv", "--diff", "--limit", HOSTS),
        inventories=[DEMO, override],
        ANSIBLE_LOG_PATH=str(controller.folder / "ansible.log"),
    )


def test_the_playbook_is_found_by_its_name(loud: Ran) -> None:
    """Issue 2: as rackspace.aws_accounts.onboard."""
    assert loud.account("app1-prod")["outcome"] == "changed", loud.output
    assert loud.writes(PLAIN)


def test_the_loud_run_took_all_three_ways(loud: Ran) -> None:
    assert loud.account("own-trail")["outcome"] == "changed"
    assert "runs as an ordinary module" in loud.output
    assert loud.account("landing-zone")["outcome"] == "failed"
    assert "--- before" in loud.output


def test_the_external_ids_were_used(loud: Ran, aws: Aws) -> None:
    """Or their absence would prove nothing."""
    iam = aws(PLAIN, "iam")
    roles = ("Rackspace", "CloudHealth-Role")
    trust = json.dumps([iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"] for role in roles])
    assert all(secret in trust for secret in SECRETS[:2])


@pytest.mark.parametrize("secret", SECRETS)
def test_an_external_id_is_not_in_the_output(loud: Ran, secret: str) -> None:
    assert secret not in loud.output


@pytest.mark.parametrize("secret", SECRETS)
def test_an_external_id_is_in_no_result_and_no_fact(loud: Ran, secret: str) -> None:
    """Callbacks get these, and store them elsewhere."""
    assert loud.results
    assert secret not in json.dumps([[at, every] for at, every in loud.results.items()], default=str)


@pytest.mark.parametrize("secret", SECRETS)
def test_an_external_id_is_in_no_file_that_the_run_wrote_nor_in_its_name(loud: Ran, secret: str) -> None:
    """Log, report, credential cache, leftovers."""
    ours = ("inventory", "play")
    written = [path for path in loud.folder.rglob("*") if path.is_file() and not path.name.startswith(ours)]
    names = {path.name for path in written}
    assert {"ansible.log", "onboard.json"} <= names
    assert len(cached(loud)) > 1
    for path in written:
        assert secret not in str(path)
        assert secret.encode() not in path.read_bytes(), path


def cached(ran: Ran) -> list[Path]:
    folder = ran.folder / "home" / ".aws" / "rackspace.aws_accounts"
    return [path for path in folder.rglob("*") if path.is_file()]


def test_cached_credentials_can_be_read_by_their_owner_only(loud: Ran) -> None:
    """Design, credentials."""
    for path in cached(loud):
        assert path.stat().st_mode & 0o777 == 0o600, path
        assert path.parent.stat().st_mode & 0o777 == 0o700, path.parent


def test_the_base_credentials_are_in_no_file(loud: Ran) -> None:
    secret = b"wJalrXUtnFEMI"
    assert [path for path in loud.folder.rglob("*") if path.is_file() and secret in path.read_bytes()] == []
