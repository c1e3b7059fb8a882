# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The provider's last roles: by whom they go, what is left of the last, and what is said of it (E6, E9)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import last_role, role_removal
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import ConnectionSettings
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError, RecordError
from tests.unit.core.places import LOADER, refusal
from tests.unit.removal.judged import (
    ADMINISTRATOR,
    BASE,
    EXTERNAL_ID,
    IN_MEMBER,
    MANAGEMENT,
    MEMBER,
    PROVIDER,
    STRANGER,
    Judge,
    document,
    names,
    role_of,
    trust_of,
)
from tests.unit.removal.leaving import Killed

ORGANIZATIONS = "OrganizationAccountAccessRole"
ORGANIZATION = {"management_account_id": MANAGEMENT, "management_role": "Operator"}
OTHER = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'


@pytest.fixture
def judge(aws: None, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Who judges every call."""
    found = Judge()
    new_session = ConnectionSettings.new_session
    monkeypatch.setattr(ConnectionSettings, "new_session", lambda self: found.watch(new_session(self)))
    return found


@pytest.fixture
def iam(judge: Judge) -> Any:
    """The account owner's IAM."""
    sts = boto3.client("sts", region_name="us-east-1")
    found = sts.assume_role(RoleArn=f"{IN_MEMBER}owner", RoleSessionName="owner")["Credentials"]
    return boto3.client(
        "iam",
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
        region_name="us-east-1",
    )


def make(iam: Any, name: str, trust: str, *attached: str, **inline: str) -> None:
    """Create a role with its policies."""
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    for policy in attached or (ADMINISTRATOR,):
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    for policy, text in inline.items():
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=text)


def ours(iam: Any, *principals: str) -> None:
    """Create the provider's own role."""
    make(iam, "Rackspace", document(*(principals or (PROVIDER,)), external_id=EXTERNAL_ID))


def organizations(iam: Any, *principals: str) -> None:
    """Create the organization's role."""
    make(iam, ORGANIZATIONS, document(*(principals or (MANAGEMENT,))))


def run(check_mode: bool = False, **chosen: Any) -> dict[str, Any]:
    """Return the module's result."""
    params = {name: option.get("default") for name, option in last_role.SPEC.items()}
    params |= {
        "account_id": MEMBER,
        "account_name": "app1-prod",
        "external_id": EXTERNAL_ID,
        "organization": ORGANIZATION,
        "provider_account_id": PROVIDER,
        "credential_cache": "",
        "confirm": MEMBER,
        "provider_account_ids": [MANAGEMENT],
        **chosen,
    }
    result: dict[str, Any] = last_role.operation(params, Run(check_mode=check_mode, botocore_loader=LOADER))
    return result


def actions(result: dict[str, Any]) -> dict[str, str]:
    """Return what became of each role."""
    return {role["role"]: role["action"] for role in result["roles"]}


def of(result: dict[str, Any], name: str = "Rackspace") -> dict[str, Any]:
    """Return what is said of a role."""
    (found,) = [role for role in result["roles"] if role["role"] == name]
    return dict(found)


# --- what becomes of each


def test_with_two_roles_one_deletes_the_other_and_is_neutralised(judge: Judge, iam: Any) -> None:
    """Section 6: deleted by another principal where one exists."""
    ours(iam)
    organizations(iam)

    result = run()

    assert actions(result) == {"Rackspace": "deleted", ORGANIZATIONS: "neutralised"}
    assert names() == {ORGANIZATIONS}
    assert role_removal.is_released(trust_of(ORGANIZATIONS))
    assert role_of(IN_MEMBER + ORGANIZATIONS).managed_policies == {}
    assert (result["proven"], result["ways_left"], result["changed"]) == (True, [], True)


def test_the_only_role_is_neutralised_with_the_line_for_its_owner(judge: Judge, iam: Any) -> None:
    """Section 6."""
    ours(iam)

    result = run(organization=None, access_roles=["Rackspace"])

    found = of(result)
    assert found["action"] == "neutralised"
    assert found["customer_line"] == "aws iam delete-role --role-name Rackspace"
    assert result["proven"]


def test_the_trust_is_replaced_before_any_policy_goes(judge: Judge, iam: Any) -> None:
    """G6: cut off in between, nobody comes in any more."""
    make(iam, "Rackspace", document(PROVIDER), ADMINISTRATOR, one=OTHER, two=OTHER)

    run(organization=None, access_roles=["Rackspace"])

    assert [name for _, name in judge.writes] == [
        "UpdateAssumeRolePolicy",
        "DeleteRolePolicy",
        "DeleteRolePolicy",
        "DetachRolePolicy",
        "DeleteRole",
    ]


def test_a_role_that_can_delete_itself_is_deleted(judge: Judge, iam: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Section 6: it is tried."""
    ours(iam)
    monkeypatch.setattr(judge, "_refusal", lambda *_: "")

    result = run(organization=None, access_roles=["Rackspace"], proof_seconds=0)

    assert (actions(result), names()) == ({"Rackspace": "deleted"}, set())


def test_with_the_organization_kept_its_role_stays_and_deletes_ours(judge: Judge, iam: Any) -> None:
    """Section 6: it trusts the customer's own payer."""
    ours(iam)
    organizations(iam)

    result = run(keep_organization=True, provider_account_ids=[])

    assert actions(result) == {"Rackspace": "deleted", ORGANIZATIONS: "kept"}
    assert judge.writes[-1] == (ORGANIZATIONS, "DeleteRole")
    assert result["proven"]
    assert "failed" not in result


def test_with_the_organization_kept_and_its_role_out_of_reach_ours_is_neutralised(judge: Judge, iam: Any) -> None:
    """Section 6: the customer's payer does not let us in."""
    ours(iam)
    organizations(iam)
    judge.closed.add(f"arn:aws:iam::{MANAGEMENT}:role/Operator")

    result = run(keep_organization=True, provider_account_ids=[])

    assert actions(result) == {"Rackspace": "neutralised", ORGANIZATIONS: "kept"}
    assert names() == {"Rackspace", ORGANIZATIONS}


def test_an_organization_that_is_kept_and_is_the_providers_is_a_way_left(judge: Judge, iam: Any) -> None:
    """E9: then the provider has not left."""
    ours(iam)
    organizations(iam)

    result = run(keep_organization=True)

    assert (result["failed"], result["proven"]) == (True, False)
    assert ORGANIZATIONS in result["ways_left"][0]


@pytest.mark.parametrize("principals", [("777777777777",), (MANAGEMENT, "777777777777")], ids=["only", "too"])
def test_a_kept_organizations_role_that_trusts_the_provider_is_not_proven(
    judge: Judge, iam: Any, principals: tuple[str, ...]
) -> None:
    """E9: a payer of the provider, from which this run cannot try it (the account came from its organization)."""
    ours(iam)
    organizations(iam, *principals)

    result = run(keep_organization=True, provider_account_ids=["777777777777"])

    assert not result["proven"]


@pytest.mark.parametrize("name", ["Rackspace", ORGANIZATIONS])
def test_a_role_that_trusts_somebody_else_is_kept_and_told_as_a_way_left(judge: Judge, iam: Any, name: str) -> None:
    """G4, E9: listed for a decision, and the run fails while it lets us in."""
    make(iam, name, document(PROVIDER, MANAGEMENT, STRANGER))

    result = run()

    assert (actions(result)[name], names()) == ("kept", {name})
    assert STRANGER in of(result, name)["reason"]
    assert (result["failed"], result["proven"]) == (True, False)


def test_a_role_that_trusts_only_a_stranger_is_not_ours_to_touch(judge: Judge, iam: Any) -> None:
    """G4: a customer's role of that name, read through the other."""
    make(iam, "Rackspace", document(STRANGER))
    organizations(iam)

    result = run()

    assert actions(result) == {"Rackspace": "kept", ORGANIZATIONS: "neutralised"}
    assert trust_of("Rackspace") == json.loads(document(STRANGER))
    assert role_of(f"{IN_MEMBER}Rackspace").managed_policies


def test_from_inside_the_account_every_role_is_deleted(judge: Judge, iam: Any) -> None:
    """Section 6: the run's own credentials are another principal."""
    base = boto3.client("iam", region_name="us-east-1")
    for name, principal in (("Rackspace", PROVIDER), (ORGANIZATIONS, MANAGEMENT)):
        base.create_role(RoleName=name, AssumeRolePolicyDocument=document(principal))

    result = run(account_id=BASE, confirm=BASE)

    assert actions(result) == {"Rackspace": "deleted", ORGANIZATIONS: "deleted"}
    assert base.list_roles()["Roles"] == []


def test_a_role_that_is_not_there_is_absent(judge: Judge, iam: Any) -> None:
    """G2."""
    organizations(iam)

    assert actions(run())["Rackspace"] == "absent"


def test_the_providers_own_role_is_looked_at_even_where_no_access_role_names_it(judge: Judge, iam: Any) -> None:
    """E9: onboarding makes it, whichever way a run comes in."""
    ours(iam)
    organizations(iam)

    assert actions(run(access_roles=[ORGANIZATIONS]))["Rackspace"] == "deleted"


def test_roles_that_cannot_be_read_are_said_to_be_out_of_reach(judge: Judge, iam: Any) -> None:
    """G5: with the line for the owner; nothing is claimed."""
    make(iam, "Rackspace", document(STRANGER))

    result = run(proof_seconds=0)

    assert actions(result)["Rackspace"] == "out_of_reach"
    assert "aws iam delete-role" in of(result)["customer_line"]
    assert (result["proven"], result["changed"]) == (False, False)


def test_a_role_that_was_never_opened_nor_read_is_not_proven_by_refusals(judge: Judge, iam: Any) -> None:
    """E9, G5: it may admit the same caller with another external id, and here it does."""
    ours(iam)

    result = run(external_id="a-mistyped-one", access_roles=["Rackspace"])  # and no former run shut it

    assert role_of(f"{IN_MEMBER}Rackspace")
    assert not role_removal.is_released(trust_of("Rackspace"))
    assert not result["proven"]


# --- check mode, refusals


@pytest.mark.parametrize("both", [True, False])
def test_check_mode_writes_nothing_and_tells_what_becomes_of_each(judge: Judge, iam: Any, both: bool) -> None:
    """G1."""
    ours(iam)
    if both:
        organizations(iam)

    told = run(check_mode=True)

    assert judge.writes == []
    assert (told["changed"], told["proven"], told["proof"]) == (True, False, [])
    assert actions(run()) == actions(told)


@pytest.mark.parametrize("confirm", ["", STRANGER, "yes"])
def test_without_the_accounts_id_as_confirmation_nothing_is_called(judge: Judge, confirm: str) -> None:
    """E6."""
    with pytest.raises(RecordError, match="confirm"):
        run(confirm=confirm)
    assert judge.calls == []


def test_to_keep_an_organization_it_must_be_named(judge: Judge) -> None:
    """A1."""
    with pytest.raises(RecordError, match="account_organization"):
        run(keep_organization=True, organization=None)


# --- cut off, and run again


@pytest.fixture
def cache(tmp_path: Path) -> str:
    """Where credentials are cached between runs."""
    return str(tmp_path / "cache" / "aws")


@contextlib.contextmanager
def dies_at(monkeypatch: pytest.MonkeyPatch, write: int) -> Iterator[list[str]]:
    """End the run at its nth write, which is sent; whether it ended is told by what is yielded."""
    ended: list[str] = []
    count = [0]
    original = Judge._refusal

    def refusal_or_end(self: Judge, operation: str, *rest: Any) -> str:
        if ended:
            raise Killed
        code = original(self, operation, *rest)
        if not operation.startswith(("Get", "List", "AssumeRole")):
            count[0] += 1
            if count[0] == write:
                ended.append(operation)
                raise Killed
        return code

    with monkeypatch.context() as patch, contextlib.suppress(Killed):
        patch.setattr(Judge, "_refusal", refusal_or_end)
        yield ended


@pytest.mark.parametrize("write", range(1, 8))
@pytest.mark.parametrize("both", [True, False], ids=["two roles", "one role"])
def test_a_run_that_ended_before_any_write_is_finished_by_the_next(
    judge: Judge, iam: Any, cache: str, monkeypatch: pytest.MonkeyPatch, write: int, both: bool
) -> None:
    """G6: and is never locked out, for the credentials of the last session are kept until the end."""
    chosen: dict[str, Any] = {"credential_cache": cache}
    ours(iam)
    if both:
        organizations(iam)
    with dies_at(monkeypatch, write):
        run(**chosen)

    result = run(**chosen, resumed=True)

    left = names()
    assert left == ({ORGANIZATIONS} if both else {"Rackspace"})
    (name,) = left
    assert role_removal.is_released(trust_of(name))
    assert role_of(IN_MEMBER + name).managed_policies == {}
    assert "failed" not in result
    assert result["proven"]


def test_a_neutralised_role_is_not_touched_again(judge: Judge, iam: Any, cache: str) -> None:
    """G2."""
    ours(iam)
    run(credential_cache=cache)
    del judge.calls[:]

    again = run(credential_cache=cache, resumed=True)

    assert (judge.writes, again["changed"], again["proven"]) == ([], False, True)


def test_credentials_of_a_role_that_went_are_forgotten(judge: Judge, iam: Any, cache: str) -> None:
    """G6: a later task would find them, and be denied."""
    ours(iam)
    run(credential_cache=cache)

    kept = [json.loads(path.read_text()) for path in Path(cache).rglob("*.json")]

    assert [found for found in kept if MEMBER in json.dumps(found.get("AssumedRoleUser", {}))] == []


def test_a_cached_session_of_a_role_that_its_owner_shut_is_not_used_against_it(
    judge: Judge, iam: Any, cache: str
) -> None:
    """G4: no run of ours shut it, so somebody should look first."""
    ours(iam)
    run(check_mode=True, credential_cache=cache)
    admits = json.loads(document(PROVIDER, external_id="another"))
    iam.update_assume_role_policy(RoleName="Rackspace", PolicyDocument=json.dumps(admits))

    result = run(credential_cache=cache)

    assert (of(result)["action"], judge.writes) == ("kept", [])
    assert "cannot be assumed any more" in of(result)["reason"]


def test_a_role_that_stays_and_trusts_the_provider_is_not_proven_shut(judge: Judge, iam: Any, cache: str) -> None:
    """E9: refused to the external id of the record, it admits the provider with another."""
    ours(iam)
    run(check_mode=True, credential_cache=cache)
    admits = json.loads(document(PROVIDER, external_id="another"))
    iam.update_assume_role_policy(RoleName="Rackspace", PolicyDocument=json.dumps(admits))

    assert not run(credential_cache=cache)["proven"]


def test_ours_is_neutralised_where_the_session_that_stays_may_not_delete_it(judge: Judge, iam: Any) -> None:
    """E6: a kept organization's role may be read-only; the run would never come to an end."""
    ours(iam)
    organizations(iam)
    original = judge._refusal

    def read_only(operation: str, body: Any, account: str, role: str) -> str:
        if role == IN_MEMBER + ORGANIZATIONS and not operation.startswith(("Get", "List")):
            return "AccessDenied"
        return original(operation, body, account, role)

    judge._refusal = read_only  # type: ignore[method-assign]

    run(keep_organization=True, provider_account_ids=[])

    assert "Rackspace" not in names() or role_removal.is_released(trust_of("Rackspace"))


def test_a_role_that_nobody_may_delete_and_that_has_no_session_ends_without_a_traceback(judge: Judge, iam: Any) -> None:
    """G5: the provider's account is out of reach, and the session that stays is read-only."""
    ours(iam)
    organizations(iam)
    judge.closed.add(f"arn:aws:iam::{PROVIDER}:role/OrganizationAccountAccessRole")
    original = judge._refusal

    def read_only(operation: str, body: Any, account: str, role: str) -> str:
        if role == IN_MEMBER + ORGANIZATIONS and not operation.startswith(("Get", "List")):
            return "AccessDenied"
        return original(operation, body, account, role)

    judge._refusal = read_only  # type: ignore[method-assign]

    result = run(keep_organization=True, provider_account_ids=[])

    assert (of(result)["action"] in {"deleted", "neutralised"}, result["proven"]) == (False, False)


def test_a_throttled_assume_role_touches_nothing(judge: Judge, iam: Any) -> None:
    """G5: it does not mean that the role is shut."""
    ours(iam)
    judge.codes["AssumeRole"] = ["", "Throttling", "Throttling", "Throttling"]

    with contextlib.suppress(AccountsError):
        result = run(proof_seconds=0)
        assert not result["proven"]
    assert judge.writes == []


# --- strip_own


class Iam:
    """IAM of one role's session, whose rights end with the policy that gives them."""

    def __init__(self, attached: list[str], inline: list[str], gives: str, code: str = "AccessDenied") -> None:
        self.attached, self.inline, self.gives, self.code = attached, inline, gives, code
        self.gone: list[str] = []

    def get_paginator(self, operation: str) -> Any:
        """Return the policies in pages of one."""
        policies = (
            [{"AttachedPolicies": [{"PolicyArn": arn}]} for arn in self.attached]
            if operation == "list_attached_role_policies"
            else [{"PolicyNames": [name]} for name in self.inline]
        )

        class Pages:
            @staticmethod
            def paginate(RoleName: str) -> Any:  # noqa: N803
                return policies

        return Pages

    def _take(self, policy: str) -> None:
        if self.gives in self.gone:
            raise refusal(self.code, "DetachRolePolicy")
        self.gone.append(policy)

    def detach_role_policy(self, RoleName: str, PolicyArn: str) -> None:  # noqa: N803
        """Detach a policy."""
        self._take(PolicyArn)

    def delete_role_policy(self, RoleName: str, PolicyName: str) -> None:  # noqa: N803
        """Delete an inline policy."""
        self._take(PolicyName)


READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def test_what_gives_all_rights_is_taken_away_last() -> None:
    """Section 6: in one session, or the rest would stay."""
    iam = Iam([ADMINISTRATOR, READ_ONLY], ["one", "two"], ADMINISTRATOR)

    assert role_removal.strip_own(iam, "Rackspace") == []
    assert iam.gone == ["one", "two", READ_ONLY, ADMINISTRATOR]


def test_what_it_lost_the_right_to_take_away_is_told() -> None:
    """Section 6: for the line that the owner is given."""
    iam = Iam([ADMINISTRATOR, READ_ONLY], ["one", "gives-all", "two"], "gives-all")

    assert role_removal.strip_own(iam, "Rackspace") == [READ_ONLY, ADMINISTRATOR, "two"]
    assert last_role._line("Rackspace", ["arn:x", "two"]) == (
        "aws iam detach-role-policy --role-name Rackspace --policy-arn arn:x && "
        "aws iam delete-role-policy --role-name Rackspace --policy-name two && "
        "aws iam delete-role --role-name Rackspace"
    )


def test_any_other_error_while_it_is_stripped_is_raised() -> None:
    """G5: throttled is not denied."""
    with pytest.raises(Exception, match="Throttling"):
        role_removal.strip_own(Iam([READ_ONLY], ["one"], "one", "Throttling"), "Rackspace")
