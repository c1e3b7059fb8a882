# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Sessions while roles are going: what is assumed afresh, what is kept in the cache, and what is lost from it (G6)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import (
    ConnectionSettings,
    Guard,
    SessionClients,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccessError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import StopFlag
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.session import Access
from tests.unit.core.places import LOADER, Fake

MEMBER, PROVIDER, MANAGEMENT = "111111111111", "999999999999", "888888888888"
RACKSPACE = f"arn:aws:iam::{MEMBER}:role/Rackspace"
ORGANIZATIONS = f"arn:aws:iam::{MEMBER}:role/OrganizationAccountAccessRole"
INTO_PROVIDER = f"arn:aws:iam::{PROVIDER}:role/OrganizationAccountAccessRole"
INTO_MANAGEMENT = f"arn:aws:iam::{MANAGEMENT}:role/Operator"
WAY = {"name": "Rackspace", "via": "provider", "external_id": "an-external-id"}


@pytest.fixture
def sts(aws: None, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Every call of every session that is made, and what is refused of them."""
    fake = Fake()
    new_session = ConnectionSettings.new_session

    def watched(self: ConnectionSettings) -> Any:
        session = new_session(self)
        fake.watch(session)
        return session

    monkeypatch.setattr(ConnectionSettings, "new_session", watched)
    return fake


@pytest.fixture
def cache(tmp_path: Path) -> str:
    """Where credentials are cached between tasks."""
    return str(tmp_path / "home" / "cache")


def access(cache: str, fresh: bool = True, **params: Any) -> Access:
    """Return the sessions of one task."""
    known = {
        "account_id": MEMBER,
        "access_roles": ["Rackspace", "OrganizationAccountAccessRole"],
        "external_id": "an-external-id",
        "organization": {"management_account_id": MANAGEMENT, "management_role": "Operator"},
        "provider_account_id": PROVIDER,
        "provider_access_role": "OrganizationAccountAccessRole",
        "provider_role_name": "Rackspace",
        "credential_cache": cache,
        "fresh_credentials": fresh,
    }
    return Access({**known, **params}, f"app1-prod ({MEMBER})", Guard(False, StopFlag()), LOADER)


def refuse(sts: Fake, *roles: str, code: str = "AccessDenied") -> None:
    """Have STS refuse these roles from now on."""
    sts.refuse_if("AssumeRole", lambda body: body["RoleArn"] in roles, code)


def assumed(sts: Fake) -> list[str]:
    """Return the roles of the account that were assumed, or tried, since the last look."""
    found = [call["RoleArn"] for call in sts.arguments("AssumeRole") if f":{MEMBER}:" in call["RoleArn"]]
    del sts.calls[:]
    return found


def cached(cache: str) -> list[str]:
    """Return the ids of the account's sessions that are cached."""
    found = [json.loads(path.read_text()) for path in Path(cache).rglob("*.json")]
    arns = [entry.get("AssumedRoleUser", {}).get("Arn", "") for entry in found]
    return sorted(arn.split("/")[1] for arn in arns if f":{MEMBER}:" in arn)


def test_a_fresh_task_assumes_anew_though_credentials_are_cached(sts: Fake, cache: str) -> None:
    """G6: a role that went since would seem to be there."""
    assert access(cache, fresh=False).account_role() == "Rackspace"
    assumed(sts)

    assert access(cache).account_role() == "Rackspace"
    assert assumed(sts) == [RACKSPACE]


def test_an_ordinary_task_goes_on_with_cached_credentials(sts: Fake, cache: str) -> None:
    """Speed: one AssumeRole a run and account."""
    access(cache).account.identify()
    assumed(sts)

    access(cache, fresh=False).account.identify()

    assert assumed(sts) == []


def test_a_fresh_task_that_comes_in_another_way_forgets_the_credentials_of_the_refused_role(
    sts: Fake, cache: str
) -> None:
    """G6: the next task would find them, and be denied everything."""
    access(cache, fresh=False).account.identify()
    assert cached(cache) == ["Rackspace"]
    refuse(sts, RACKSPACE)

    assert access(cache).account_role() == "OrganizationAccountAccessRole"

    assert cached(cache) == ["OrganizationAccountAccessRole"]
    assert access(cache, fresh=False).account_role() == "OrganizationAccountAccessRole"


def test_an_ordinary_task_forgets_nothing(sts: Fake, cache: str) -> None:
    """G6: a refusal may be for now."""
    access(cache, fresh=False).account.identify()
    refuse(sts, RACKSPACE)

    assert access(cache, fresh=False).account_role() == "Rackspace"
    assert cached(cache) == ["Rackspace"]


def test_a_task_that_finds_no_way_in_keeps_the_cached_credentials(sts: Fake, cache: str) -> None:
    """G6: they may be the last way in."""
    access(cache, fresh=False).account.identify()
    refuse(sts, RACKSPACE, ORGANIZATIONS)

    with pytest.raises(AccessError) as error:
        access(cache).account.identify()

    assert error.value.result["no_way_in"]
    assert cached(cache) == ["Rackspace"]


def test_a_throttled_role_keeps_its_cached_credentials(sts: Fake, cache: str) -> None:
    """G6: they may be the only session of a role that is being neutralised."""
    access(cache, fresh=False).account.identify()
    refuse(sts, RACKSPACE, code="ExpiredToken")

    access(cache).account.identify()

    assert "Rackspace" in cached(cache)


# --- session_by, forget


def test_a_way_that_is_open_gives_a_fresh_session(sts: Fake, cache: str) -> None:
    """Section 6."""
    session, is_open = access(cache).session_by(WAY)

    assert session is not None
    assert (session.identify(), session.role, is_open) == (MEMBER, "Rackspace", True)
    assert cached(cache) == ["Rackspace"]


def test_a_way_that_was_shut_gives_the_session_from_before_and_says_so(sts: Fake, cache: str) -> None:
    """G6: a run that was cut off goes on with it."""
    access(cache).session_by(WAY)
    refuse(sts, RACKSPACE)

    session, is_open = access(cache).session_by(WAY)

    assert session is not None
    assert (session.identify(), is_open) == (MEMBER, False)


def test_a_way_that_was_shut_and_never_cached_gives_none(sts: Fake, cache: str) -> None:
    """Section 6."""
    refuse(sts, RACKSPACE)

    assert access(cache).session_by(WAY) == (None, False)


def test_a_way_whose_source_cannot_be_reached_gives_none(sts: Fake, cache: str) -> None:
    """Section 6: the customer's payer does not let the provider in."""
    refuse(sts, INTO_MANAGEMENT)

    assert access(cache).session_by({**WAY, "via": "management"}) == (None, False)


def test_credentials_that_expired_are_not_a_session(sts: Fake, cache: str) -> None:
    """G6."""
    access(cache).session_by(WAY)
    for path in Path(cache).rglob("*.json"):
        entry = json.loads(path.read_text())
        entry["Credentials"]["Expiration"] = "2020-01-01T00:00:00Z"
        path.write_text(json.dumps(entry))
    refuse(sts, RACKSPACE)

    assert access(cache).session_by(WAY) == (None, False)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"Credentials": {}}', "null"])
def test_a_cache_that_was_cut_off_is_not_a_session(sts: Fake, cache: str, content: str) -> None:
    """G6: a run was killed while it wrote."""
    access(cache).session_by(WAY)
    for path in Path(cache).rglob("*.json"):
        path.write_text(content)

    session, is_open = access(cache).session_by(WAY)

    assert session is not None
    assert is_open


def test_a_session_of_another_account_is_refused(sts: Fake, cache: str) -> None:
    """G3: also by this way."""
    found = access(cache)
    sts.edit(
        "GetCallerIdentity",
        lambda answer: answer.update(Account="000000000000") if answer["Arn"].count(MEMBER) else None,
    )

    with pytest.raises(AccessError, match="lead to account 000000000000"):
        found.session_by(WAY)


def test_forgotten_credentials_are_lost_for_every_later_task(sts: Fake, cache: str) -> None:
    """G6."""
    task = access(cache)
    task.session_by(WAY)

    task.forget(WAY)

    assert cached(cache) == []
    refuse(sts, RACKSPACE)
    assert access(cache).session_by(WAY) == (None, False)


def test_forgetting_loses_no_other_roles_credentials(sts: Fake, cache: str) -> None:
    """G6."""
    task = access(cache)
    task.session_by(WAY)
    task.session_by({"name": "OrganizationAccountAccessRole", "via": "management", "external_id": None})

    task.forget(WAY)

    assert cached(cache) == ["OrganizationAccountAccessRole"]


def test_what_cannot_be_reached_is_forgotten_without_an_error(sts: Fake, cache: str) -> None:
    """G6: the end of a run must not fail of this."""
    refuse(sts, INTO_MANAGEMENT, RACKSPACE)
    task = access(cache)

    task.forget({**WAY, "via": "management"})
    task.forget(WAY)

    assert cached(cache) == []


# --- tries and sources


def test_a_try_is_past_every_cache(sts: Fake, cache: str) -> None:
    """E9."""
    task = access(cache)
    task.session_by(WAY)
    assert task.try_way(WAY, "provider") is None
    refuse(sts, RACKSPACE)

    assert "AccessDenied" in str(task.try_way(WAY, "provider"))
    assert "AccessDenied" in str(task.try_role(RACKSPACE, "base"))


def test_each_caller_is_a_source_once(sts: Fake, cache: str) -> None:
    """E9: the base may be in the provider's account itself."""
    assert list(access(cache).sources()) == ["base", "provider", "management"]
    assert list(access(cache, provider_account_id="123456789012").sources()) == ["base", "management"]


def test_a_source_that_cannot_be_reached_is_left_out(sts: Fake, cache: str) -> None:
    """E9: nothing is proven by it."""
    refuse(sts, INTO_MANAGEMENT)

    assert list(access(cache).sources()) == ["base", "provider"]


def test_what_was_assumed_from_the_base_is_a_control_for_the_base_only(sts: Fake, cache: str) -> None:
    """E9."""
    task = access(cache)
    task.sources()

    assert sorted(task.known_roles("base")) == sorted([INTO_PROVIDER, INTO_MANAGEMENT])
    assert task.known_roles("provider") == task.known_roles("management") == []


def test_a_session_in_the_place_of_access_reaches_no_other_account(sts: Fake, cache: str) -> None:
    """G3."""
    session, _ = access(cache).session_by(WAY)
    assert session is not None
    clients = SessionClients(session)

    assert clients.account_role() == "Rackspace"
    assert clients.client("iam", "us-east-1") is session.client("iam", "us-east-1")
    with pytest.raises(AccessError, match="the provider's account is not reached"):
        clients.provider_client("sns", "us-east-1")
