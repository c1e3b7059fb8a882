# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Sessions: whose account they lead to, by which role, and what no call of theirs may do (G1, G3)."""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import credentials
from ansible_collections.rackspace.aws_accounts.plugins.module_utils import session as session_module
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import (
    ConnectionSettings,
    Guard,
    is_read,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import (
    AccessError,
    AccountsError,
    WriteRefusedError,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import StopFlag, undoing
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.session import Access
from tests.unit.core.places import LOADER, Fake

BASE = "123456789012"  # where moto's unknown keys lead
MEMBER, PROVIDER, MANAGEMENT = "111111111111", "999999999999", "888888888888"
SECRET = "an-external-id-nobody-may-see"
ORGANIZATION = {"management_account_id": MANAGEMENT, "management_role": "Operator"}
PARAMS = {
    "account_id": MEMBER,
    "access_roles": ["Rackspace", "OrganizationAccountAccessRole"],
    "external_id": SECRET,
    "organization": None,
    "provider_account_id": PROVIDER,
    "provider_access_role": "OrganizationAccountAccessRole",
    "provider_role_name": "Rackspace",
    "credential_cache": "",
}
RACKSPACE = f"arn:aws:iam::{MEMBER}:role/Rackspace"
ORGANIZATIONS = f"arn:aws:iam::{MEMBER}:role/OrganizationAccountAccessRole"
INTO_PROVIDER = f"arn:aws:iam::{PROVIDER}:role/OrganizationAccountAccessRole"
INTO_MANAGEMENT = f"arn:aws:iam::{MANAGEMENT}:role/Operator"


@pytest.fixture
def sts(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """Every call of every session that is made, and what is refused of them."""
    fake = Fake()
    new_session = ConnectionSettings.new_session

    def watched(self: ConnectionSettings) -> Any:
        session = new_session(self)
        fake.watch(session)
        return session

    monkeypatch.setattr(ConnectionSettings, "new_session", watched)
    monkeypatch.setattr(session_module.time, "sleep", lambda _: None)
    return fake  # type: ignore[return-value]


def access(check_mode: bool = False, stop: StopFlag | None = None, **params: Any) -> Access:
    """Return the sessions of one task."""
    return Access({**PARAMS, **params}, f"app1-prod ({MEMBER})", Guard(check_mode, stop or StopFlag()), LOADER)


def assumed(sts: Fake) -> list[tuple[str, str | None]]:
    """Return every role that was assumed with the external id it was given, in order."""
    return [(call["RoleArn"], call.get("ExternalId")) for call in sts.arguments("AssumeRole")]


def into(*roles: str) -> Callable[[Any], bool]:
    """Return a condition that is met by AssumeRole into one of these roles."""
    return lambda body: body["RoleArn"] in roles


# --- the guard


@pytest.mark.parametrize(
    "operation",
    ["GetRole", "ListTopics", "DescribeTrails", "HeadBucket", "AssumeRole", "GetCallerIdentity", "ListObjectVersions"],
)
def test_an_operation_that_changes_nothing_is_a_read(operation: str) -> None:
    """G1."""
    assert is_read(operation)


@pytest.mark.parametrize(
    "operation",
    [
        "CreateBucket",
        "PutBucketPolicy",
        "Subscribe",
        "TagRole",
        "StartLogging",
        "UpdateTrail",
        "SetTopicAttributes",
        "DeletePolicyVersion",
        "AttachRolePolicy",
        "AddTags",
        "AssumeRoot",
        "Unsubscribe",
        "CloseAccount",
        "SendMessage",
    ],
)
def test_every_other_operation_is_a_write(operation: str) -> None:
    """G1: what is not known to be a read is a write; AssumeRoot too."""
    assert not is_read(operation)


@pytest.mark.usefixtures("sts")
def test_no_write_is_sent_in_check_mode() -> None:
    """G1: whatever a definition does."""
    session = access(check_mode=True).account

    with pytest.raises(WriteRefusedError, match="CreateTopic would write in check mode"):
        session.client("sns", "us-east-1").create_topic(Name="x")
    assert session.client("sns", "us-east-1").list_topics()["Topics"] == []


@pytest.mark.usefixtures("sts")
def test_no_session_writes_before_its_account_was_compared_with_the_record() -> None:
    """G3: the base is not the account, so nothing may be written by it."""
    with pytest.raises(WriteRefusedError, match="before the session's account was compared"):
        access().base.client("sns", "us-east-1").create_topic(Name="x")


@pytest.mark.usefixtures("sts")
def test_no_write_is_sent_after_the_task_was_given_up() -> None:
    """Design, "Speed": they check a stop flag before each write; reads go on."""
    stop = StopFlag()
    client = access(stop=stop).account.client("sns", "us-east-1")
    client.create_topic(Name="before")
    stop.set()

    with pytest.raises(WriteRefusedError, match="run it again to finish"):
        client.create_topic(Name="after")
    assert len(client.list_topics()["Topics"]) == 1


@pytest.mark.usefixtures("sts")
def test_undoing_a_write_is_allowed_after_the_task_was_given_up_in_that_thread_only() -> None:
    """Design, "Credentials": a trust that locks us out is taken back in the same session."""
    stop = StopFlag()
    client = access(stop=stop).account.client("sns", "us-east-1")
    stop.set()
    refused: list[bool] = []

    def elsewhere() -> None:
        try:
            client.create_topic(Name="elsewhere")
        except WriteRefusedError:
            refused.append(True)

    with undoing():
        client.create_topic(Name="undone")
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()

    assert refused == [True]
    with pytest.raises(WriteRefusedError):
        client.create_topic(Name="after")


@pytest.mark.usefixtures("sts")
def test_undoing_is_no_way_around_check_mode() -> None:
    """G1."""
    client = access(check_mode=True).account.client("sns", "us-east-1")

    with undoing(), pytest.raises(WriteRefusedError, match="check mode"):
        client.create_topic(Name="x")


@pytest.mark.usefixtures("sts")
def test_a_verified_account_may_be_written() -> None:
    """The guard is not in the way of the work."""
    client = access().account.client("sns", "us-east-1")

    assert client.create_topic(Name="x")["TopicArn"] == f"arn:aws:sns:us-east-1:{MEMBER}:x"


@pytest.mark.usefixtures("sts")
def test_calls_are_counted_by_service_and_operation_and_refused_ones_are_not() -> None:
    """Design, "Speed": calls are counted."""
    guard = Guard(False, StopFlag())
    session = Access(PARAMS, "a", guard, LOADER).account
    before = dict(guard.calls)
    for _ in range(3):
        session.client("sns", "us-east-1").list_topics()
    guard.check_mode = True
    with pytest.raises(WriteRefusedError):
        session.client("sns", "us-east-1").create_topic(Name="x")

    assert {name: n - before.get(name, 0) for name, n in guard.calls.items() if n != before.get(name)} == {
        "sns.ListTopics": 3
    }


# --- which role, from where, with what


def test_the_providers_role_is_assumed_from_the_providers_account_with_the_external_id(sts: Fake) -> None:
    """Design, "Credentials"; the way into the provider's account gets no external id."""
    found = access()

    assert found.account.identify() == MEMBER
    assert found.account_role() == "Rackspace"
    assert assumed(sts) == [(INTO_PROVIDER, None), (RACKSPACE, SECRET)]


def test_the_organizations_role_is_assumed_from_the_management_account_without_an_external_id(sts: Fake) -> None:
    """Design, "Credentials"."""
    found = access(access_roles=["OrganizationAccountAccessRole"], organization=ORGANIZATION)

    assert found.account.identify() == MEMBER
    assert assumed(sts) == [(INTO_MANAGEMENT, None), (ORGANIZATIONS, None)]


def test_another_role_is_assumed_from_the_base_where_there_is_no_organization(sts: Fake) -> None:
    """Design: provider, management or base."""
    access(access_roles=["OrganizationAccountAccessRole"]).account.identify()

    assert [role for role, _ in assumed(sts)] == [ORGANIZATIONS]


@pytest.mark.parametrize(
    ("via", "first"), [("provider", [INTO_PROVIDER]), ("management", [INTO_MANAGEMENT]), ("base", [])]
)
def test_the_record_says_from_which_session_a_role_is_assumed(sts: Fake, via: str, first: list[str]) -> None:
    """Design: {name: ..., via: provider | management | base}."""
    access(access_roles=[{"name": "Custom", "via": via}], organization=ORGANIZATION).account.identify()

    assert [role for role, _ in assumed(sts)] == [*first, f"arn:aws:iam::{MEMBER}:role/Custom"]


def test_roles_are_tried_in_their_order_and_the_first_that_works_is_used(sts: Fake) -> None:
    """Design: tried in this order."""
    sts.refuse_if("AssumeRole", into(RACKSPACE))

    found = access(organization=ORGANIZATION)

    assert (found.account.identify(), found.account_role()) == (MEMBER, "OrganizationAccountAccessRole")
    assert [role for role, _ in assumed(sts)] == [INTO_PROVIDER, RACKSPACE, INTO_MANAGEMENT, ORGANIZATIONS]


def test_a_provider_that_cannot_be_reached_does_not_close_another_way_in(sts: Fake) -> None:
    """Design: the first of account_access_roles that works."""
    sts.refuse_if("AssumeRole", into(INTO_PROVIDER))

    assert access(organization=ORGANIZATION).account_role() == "OrganizationAccountAccessRole"


def test_where_no_role_can_be_assumed_the_message_names_account_roles_callers_and_fields(sts: Fake) -> None:
    """Issue, "Bad input": a role that cannot be assumed; and no secret."""
    sts.refuse_if("AssumeRole", into(RACKSPACE, ORGANIZATIONS))

    with pytest.raises(AccessError) as raised:
        access(organization=ORGANIZATION).account  # noqa: B018

    message = str(raised.value)
    assert message.startswith(f"account app1-prod ({MEMBER}): none of account_access_roles can be assumed")
    assert f"Rackspace from arn:aws:sts::{PROVIDER}:assumed-role/OrganizationAccountAccessRole/" in message
    assert f"OrganizationAccountAccessRole from arn:aws:sts::{MANAGEMENT}:assumed-role/Operator/" in message
    assert "account_external_id" in message
    assert SECRET not in message


def test_the_base_is_used_where_it_is_the_account(sts: Fake) -> None:
    """No role is assumed into where one is already."""
    found = access(account_id=BASE)
    found.client("sns", "us-east-1").create_topic(Name="x")

    assert (found.account is found.base, found.account_role(), assumed(sts)) == (True, "", [])


def test_the_base_is_the_provider_where_it_leads_there(sts: Fake) -> None:
    """Design: provider_access_role is how it is reached from other base credentials."""
    found = access(provider_account_id=BASE)

    assert found.provider is found.base
    assert [role for role, _ in (found.account.identify(), assumed(sts))[1]] == [RACKSPACE]


def test_a_session_is_made_once_and_a_client_too(sts: Fake) -> None:
    """Design, "Credentials": one AssumeRole a run and account, never one a client."""
    found = access()
    clients = {id(found.client("sns", "us-east-1")) for _ in range(3)}
    found.client("sqs", "us-east-1").list_queues()
    found.provider_client("sqs", "us-east-1").list_queues()

    assert len(clients) == 1
    assert [role for role, _ in assumed(sts)] == [INTO_PROVIDER, RACKSPACE]


def test_threads_that_ask_at_once_share_one_session(sts: Fake) -> None:
    """Design, "Speed": sessions are not thread-safe while making clients."""
    found = access()
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(id(found.client("sns", "us-east-1")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(seen), len(set(seen))) == (8, 1)
    assert len(assumed(sts)) == 2


@pytest.mark.usefixtures("sts")
def test_sts_is_called_in_a_region() -> None:
    """AWS facts: tokens of the global endpoint do not work in opt-in regions."""
    found = access(region="eu-west-1")

    assert found.base.client("sts", "eu-west-1").meta.endpoint_url == "https://sts.eu-west-1.amazonaws.com"
    assert access().base.client("sts", "us-east-1").meta.endpoint_url == "https://sts.us-east-1.amazonaws.com"


def test_a_profile_cannot_choose_the_global_endpoint(sts: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS facts: whatever sts_regional_endpoints says."""
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")

    assert "us-east-1" in access().base.client("sts", "us-east-1").meta.endpoint_url


def test_a_session_lasts_one_hour(sts: Fake) -> None:
    """AWS facts: role chaining allows no more."""
    access().account.identify()

    assert {call["DurationSeconds"] for call in sts.arguments("AssumeRole")} == {3600}


# --- whose account it is


def leads_to(sts: Fake, account: str) -> None:
    """Have the account's session lead to another account than its role says."""

    def edit(parsed: dict[str, Any]) -> None:
        if parsed.get("Account") == MEMBER:
            parsed["Account"] = account

    sts.edit("GetCallerIdentity", edit)


def test_credentials_of_another_account_are_refused_with_both_ids_and_the_fields(sts: Fake) -> None:
    """G3, issue, "Bad input"."""
    leads_to(sts, "222222222222")

    with pytest.raises(AccessError) as raised:
        access().account  # noqa: B018

    message = str(raised.value)
    assert message.startswith(f"account app1-prod ({MEMBER}): the credentials lead to account 222222222222, not to")
    assert "account_id" in message
    assert "account_access_roles" in message


def test_credentials_of_another_account_are_not_worked_around_by_another_role(sts: Fake) -> None:
    """G3: something is wrong with the record: stop."""
    leads_to(sts, "222222222222")

    with pytest.raises(AccessError):
        access(organization=ORGANIZATION).account  # noqa: B018

    assert ORGANIZATIONS not in [role for role, _ in assumed(sts)]


def test_without_roles_the_base_must_be_the_account(sts: Fake) -> None:
    """G3."""
    with pytest.raises(AccessError, match=f"lead to account {BASE}, not to {MEMBER}"):
        access(access_roles=[]).account  # noqa: B018


def test_the_providers_session_is_compared_with_the_record_too(sts: Fake) -> None:
    """G3: the shared services' and the management account's."""
    sts.edit("GetCallerIdentity", lambda parsed: parsed.update(Account="222222222222"))

    with pytest.raises(AccessError, match=f"the provider's account {PROVIDER}: .* 222222222222, not to {PROVIDER}"):
        access().provider  # noqa: B018


def test_the_management_session_is_reached_by_its_role(sts: Fake) -> None:
    """Design, "Credentials"."""
    assert access(organization=ORGANIZATION).management.identify() == MANAGEMENT
    assert assumed(sts) == [(INTO_MANAGEMENT, None)]


def test_a_provider_that_cannot_be_reached_is_told_with_account_caller_role_and_fields(sts: Fake) -> None:
    """Issue, "Bad input"."""
    sts.refuse_if("AssumeRole", into(INTO_PROVIDER))

    with pytest.raises(AccessError) as raised:
        access().provider  # noqa: B018

    message = str(raised.value)
    assert message.startswith(f"account app1-prod ({MEMBER}): the provider's account {PROVIDER} cannot be reached")
    assert f"arn:aws:sts::{BASE}:" in message
    assert "provider_access_role" in message
    assert SECRET not in message


def test_a_management_account_that_cannot_be_reached_is_told_with_its_own_fields(sts: Fake) -> None:
    """Issue, "Bad input": account, field and fix."""
    sts.refuse_if("AssumeRole", into(INTO_MANAGEMENT))

    with pytest.raises(AccessError) as raised:
        access(organization=ORGANIZATION).management  # noqa: B018

    assert "management_role" in str(raised.value)
    assert "provider_access_role" not in str(raised.value)


@pytest.mark.usefixtures("sts")
def test_a_management_account_without_a_role_is_told_with_account_and_field() -> None:
    """Issue, "Bad input"."""
    with pytest.raises(AccessError) as raised:
        access(organization={"management_account_id": MANAGEMENT, "management_role": None}).management  # noqa: B018

    assert "app1-prod" in str(raised.value)
    assert "management_role" in str(raised.value)


@pytest.mark.usefixtures("sts")
def test_a_role_via_the_management_account_of_no_organization_is_told() -> None:
    """Issue, "Bad input": not a KeyError."""
    with pytest.raises(AccountsError, match="account_organization"):
        access(access_roles=[{"name": "R", "via": "management"}]).account  # noqa: B018


def test_base_credentials_that_expired_are_told_with_account_and_fix(sts: Fake) -> None:
    """Issue, "Bad input": one clear message with account, field and fix."""
    sts.refuse("GetCallerIdentity", "ExpiredToken")

    with pytest.raises(AccessError, match="app1-prod"):
        access().account  # noqa: B018


# --- connection options


@pytest.mark.usefixtures("sts")
def test_a_profile_and_a_key_are_not_both_taken() -> None:
    """Which of them leads to whose account must not be a guess."""
    with pytest.raises(AccountsError, match="profile and access_key are both set"):
        access(profile="p", access_key="k")


@pytest.mark.usefixtures("sts")
def test_missing_credentials_are_told_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue, "Bad input"."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(AccessError, match="no AWS credentials were found; set profile or access_key"):
        access().base  # noqa: B018


@pytest.mark.parametrize(
    ("params", "verify"),
    [
        ({}, None),
        ({"validate_certs": True}, None),
        ({"validate_certs": False}, False),
        ({"aws_ca_bundle": "/ca.pem", "validate_certs": True}, "/ca.pem"),
    ],
)
def test_certificates_are_validated_unless_switched_off(params: dict[str, Any], verify: Any) -> None:
    """amazon.aws's options, with their meaning."""
    assert (
        ConnectionSettings(params).endpoint["verify"] is verify
        or ConnectionSettings(params).endpoint["verify"] == verify
    )


def test_retries_are_set_once_and_a_user_may_set_others() -> None:
    """Emulator facts: standard with 10 attempts; never legacy."""
    assert ConnectionSettings({}).config.retries == {"mode": "standard", "max_attempts": 10}
    chosen = ConnectionSettings({"aws_config": {"retries": {"mode": "adaptive"}}}).config
    assert chosen.retries["mode"] == "adaptive"
    assert chosen.max_pool_connections == 32


# --- the way in


@pytest.fixture
def way_in(sts: Fake) -> Access:
    """A session that came in by Rackspace from the provider's account."""
    found = access()
    found.account.identify()
    return found


def trust(principal: Any, external_id: str | None = SECRET) -> dict[str, Any]:
    """Return a trust policy."""
    condition = {"Condition": {"StringEquals": {"sts:ExternalId": external_id}}} if external_id else {}
    return {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **condition}]}


def test_the_way_in_is_proven_past_every_cache_until_iam_had_time_to_refuse(way_in: Access, sts: Fake) -> None:
    """Design, "Credentials": by a fresh AssumeRole, again and again: IAM applies a trust after a while."""
    before = len(assumed(sts))

    way_in.prove_way_in(20)

    assert assumed(sts)[before:] == [(RACKSPACE, SECRET)] * 5


def test_a_refusal_after_a_while_is_raised(way_in: Access, sts: Fake) -> None:
    """Design, "Credentials"."""
    calls = iter([False, False, True])
    sts.refuse_if("AssumeRole", lambda body: next(calls, True))

    with pytest.raises(ClientError, match="AccessDenied"):
        way_in.prove_way_in(20)


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": PROVIDER},
        {"AWS": f"arn:aws:iam::{PROVIDER}:root"},
        {"AWS": ["arn:aws:iam::222222222222:root", INTO_PROVIDER]},
    ],
)
def test_a_trust_in_whoever_assumed_our_role_admits_us(way_in: Access, principal: Any) -> None:
    """Design, "Credentials"."""
    way_in.check_way_in(trust(principal))
    way_in.check_way_in(trust(principal, external_id=None))


@pytest.mark.parametrize(
    ("principal", "external_id"),
    [
        ({"AWS": "222222222222"}, SECRET),
        ({"AWS": f"arn:aws:iam::{PROVIDER}:role/Somebody"}, SECRET),
        ({"Service": "ec2.amazonaws.com"}, SECRET),
        ({"AWS": PROVIDER}, "another-external-id"),
    ],
)
def test_a_trust_in_others_or_with_another_external_id_is_refused_without_showing_it(
    way_in: Access, principal: Any, external_id: str
) -> None:
    """Design, "Credentials"; no message shows an external id."""
    with pytest.raises(AccessError) as raised:
        way_in.check_way_in(trust(principal, external_id))

    assert SECRET not in str(raised.value)
    assert "another-external-id" not in str(raised.value)


def test_a_trust_in_a_role_of_the_same_name_in_another_account_does_not_admit_us(way_in: Access) -> None:
    """Else the lock-out is found only after the trust was written, if IAM refuses within the proof's time."""
    with pytest.raises(AccessError):
        way_in.check_way_in(trust({"AWS": "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole"}))


def test_a_trust_in_our_role_with_its_path_admits_us(way_in: Access) -> None:
    """IAM User Guide: an assumed role's ARN leaves the path out, as of every role of Identity Center."""
    way_in.check_way_in(trust({"AWS": f"arn:aws:iam::{PROVIDER}:role/teams/OrganizationAccountAccessRole"}))


def test_the_way_in_that_is_proven_is_the_one_that_we_came_by(sts: Fake) -> None:
    """Two entries can name one role with two sources."""
    sts.refuse_if("AssumeRole", into(INTO_PROVIDER))
    found = access(access_roles=[{"name": "R", "via": "provider"}, {"name": "R", "via": "base"}])
    assert found.account_role() == "R"
    try:
        found.prove_way_in(0)
        proven = ""
    except AccountsError as error:
        proven = str(error)

    assert proven == ""


# --- credentials between tasks


def files(folder: Path) -> list[Path]:
    """Return the cached files."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def mode(path: Path) -> int:
    """Return a file's permissions."""
    return stat.S_IMODE(os.stat(path).st_mode)


def test_credentials_are_cached_for_their_owner_only(sts: Fake, tmp_path: Path) -> None:
    """Design, "Credentials": owner-only permissions, as the AWS CLI does."""
    before = os.umask(0o022)
    try:
        access(credential_cache=str(tmp_path / "cache")).account.identify()
    finally:
        os.umask(before)

    found = files(tmp_path / "cache")
    assert len(found) == 2
    assert {mode(path) for path in found} == {0o600}
    assert {mode(path.parent) for path in found} == {0o700}


def test_the_folder_of_the_cache_is_for_its_owner_only(sts: Fake, tmp_path: Path) -> None:
    """Design, "Credentials": others cannot list it, or put a folder of their own in it."""
    before = os.umask(0o002)
    try:
        access(credential_cache=str(tmp_path / "cache")).account.identify()
    finally:
        os.umask(before)

    assert mode(tmp_path / "cache") == 0o700


def test_the_folder_of_the_cache_may_be_relative(sts: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Design, "Credentials": one AssumeRole a run and account, wherever the cache is."""
    monkeypatch.chdir(tmp_path)
    access(credential_cache="cache").account.identify()

    assert len(files(tmp_path / "cache")) == 2


def test_forks_that_make_the_folder_at_once_all_use_it(
    sts: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Design, "Credentials": the first task of many accounts begins in many forks at once."""
    mkdir = os.mkdir

    def raced(path: Any, *arguments: Any, **keywords: Any) -> None:
        mkdir(path, *arguments, **keywords)
        raise FileExistsError(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "mkdir", raced)
        access(credential_cache=str(tmp_path / "cache")).account.identify()

    assert len(files(tmp_path / "cache")) == 2


def test_a_later_task_uses_what_is_cached(sts: Fake, tmp_path: Path) -> None:
    """Design, "Credentials": one AssumeRole a run and account."""
    access(credential_cache=str(tmp_path)).account.identify()
    found = access(credential_cache=str(tmp_path))

    assert found.account.identify() == MEMBER
    assert len(assumed(sts)) == 2


def test_without_a_folder_nothing_is_written(sts: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Design, "Credentials"."""
    monkeypatch.chdir(tmp_path)
    access().account.identify()
    access().account.identify()

    assert len(assumed(sts)) == 4
    assert files(tmp_path) == []


def test_no_external_id_is_written_to_the_cache(sts: Fake, tmp_path: Path) -> None:
    """Design, "Runs"."""
    access(credential_cache=str(tmp_path)).account.identify()

    assert all(SECRET not in path.read_text() and SECRET not in str(path) for path in files(tmp_path))


def test_stale_credentials_are_replaced_once(sts: Fake, tmp_path: Path) -> None:
    """The role was deleted and made again, or the keys lead elsewhere: assume it afresh, and no more than once."""
    access(credential_cache=str(tmp_path)).account.identify()
    for path in files(tmp_path):
        content = json.loads(path.read_text())
        if "Rackspace" in content["AssumedRoleUser"]["Arn"]:
            content["Credentials"]["AccessKeyId"] = "ASIASTALE"
            path.write_text(json.dumps(content))
            stale = path

    assert access(credential_cache=str(tmp_path)).account.identify() == MEMBER
    assert [role for role, _ in assumed(sts)] == [INTO_PROVIDER, RACKSPACE, RACKSPACE]
    assert json.loads(stale.read_text())["Credentials"]["AccessKeyId"] != "ASIASTALE"


def test_fresh_credentials_of_another_account_are_not_fetched_again(sts: Fake, tmp_path: Path) -> None:
    """G3: nothing stale is to blame."""
    leads_to(sts, "222222222222")

    with pytest.raises(AccessError):
        access(credential_cache=str(tmp_path)).account  # noqa: B018

    assert [role for role, _ in assumed(sts)].count(RACKSPACE) == 1


def test_expired_credentials_are_fetched_again(sts: Fake, tmp_path: Path) -> None:
    """Design, "Credentials": refreshable."""
    access(credential_cache=str(tmp_path)).account.identify()
    for path in files(tmp_path):
        content = json.loads(path.read_text())
        content["Credentials"]["Expiration"] = "2020-01-01T00:00:00UTC"
        path.write_text(json.dumps(content))

    access(credential_cache=str(tmp_path)).account.identify()

    assert len(assumed(sts)) == 4


def test_another_callers_credentials_are_not_found(sts: Fake, tmp_path: Path) -> None:
    """Whoever may not assume the role must not come in by what somebody else left."""
    access(credential_cache=str(tmp_path)).account.identify()
    sts.edit("GetCallerIdentity", lambda parsed: parsed.update(Arn=f"arn:aws:sts::{BASE}:assumed-role/Other/x"))
    before = len(assumed(sts))

    access(credential_cache=str(tmp_path), access_roles=[{"name": "Rackspace", "via": "base"}]).account.identify()

    assert len(assumed(sts)) == before + 1


def test_credentials_of_another_endpoint_are_not_found(
    sts: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of an emulator are worth nothing at AWS."""
    found = access(credential_cache=str(tmp_path))
    here = found._cache(found._source("base"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
    there = found._cache(found._source("base"))
    here["key"] = {"Credentials": {"Expiration": "2026-11-21T00:00:00+00:00"}}

    assert "key" in here
    assert "key" not in there


def test_another_external_id_is_another_entry(sts: Fake, tmp_path: Path) -> None:
    """A changed external id is tried, not covered by what was cached."""
    access(credential_cache=str(tmp_path)).account.identify()
    access(credential_cache=str(tmp_path), external_id="another-external-id").account.identify()

    assert assumed(sts)[-1] == (RACKSPACE, "another-external-id")


def test_a_folder_that_cannot_be_made_costs_an_assume_role_and_nothing_else(sts: Fake, tmp_path: Path) -> None:
    """A home that cannot be written."""
    (tmp_path / "file").write_text("")

    assert access(credential_cache=str(tmp_path / "file")).account.identify() == MEMBER


def test_a_folder_that_cannot_be_written_costs_an_assume_role_and_nothing_else(
    sts: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full, a folder that was made by root."""

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(credentials.JSONFileCache, "__setitem__", full)

    assert access(credential_cache=str(tmp_path)).account.identify() == MEMBER


@pytest.mark.parametrize("content", ["", "{", "{}", '{"Credentials": {}}'])
def test_a_cached_file_that_cannot_be_read_is_replaced(sts: Fake, tmp_path: Path, content: str) -> None:
    """G6: a run that was cut off, or a full disk, must not need a person to delete files."""
    access(credential_cache=str(tmp_path)).account.identify()
    for path in files(tmp_path):
        path.write_text(content)

    assert access(credential_cache=str(tmp_path)).account.identify() == MEMBER


def test_every_published_write_is_stopped_by_the_guard() -> None:
    """G1: no permission of the catalogue that writes is taken for a read."""
    writing = ("Create", "Put", "Update", "Delete", "Attach", "Tag", "Set", "Subscribe", "Start", "Add")
    actions = {action.split(":")[1] for default in ACCOUNT_DEFAULTS for action in default.permissions}

    assert {action for action in actions if action.startswith(writing) and is_read(action)} == set()
    assert {
        action for action in actions if not action.startswith((*writing, "PassRole")) and not is_read(action)
    } == set()
