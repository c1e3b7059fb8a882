# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The module's operation: what is refused before any call, and what is compared before any write (E6, G3, G4)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import reverse_assumption
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError, RecordError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Account
from tests.unit.core.places import ACCOUNT, EXTERNAL_ID, PROVIDER, STRANGER, options
from tests.unit.removal.leaving import CHOSEN, Leaving, removes

Operate = Callable[..., dict[str, Any]]


@pytest.fixture
def reached(place: Leaving) -> Leaving:
    """An account that was onboarded."""
    place.onboard()
    return place


@pytest.fixture
def operate(place: Leaving, monkeypatch: pytest.MonkeyPatch) -> Operate:
    """The module's operation on the account."""
    calls: list[Any] = []

    def reach(params: Mapping[str, Any], guard: Any, loader: Any) -> tuple[Account, Leaving]:
        calls.append(params["regions"])
        place.account.adopt = params["adopt"]
        place.begin()
        return place.account, place

    monkeypatch.setattr(reverse_assumption, "reach", reach)

    def run(check_mode: bool = False, **chosen: Any) -> dict[str, Any]:
        own = {name: option.get("default") for name, option in reverse_assumption.REMOVAL_SPEC.items()}
        own |= {"recorder_role": "keep", "confirm": "" if check_mode else ACCOUNT}
        further = {name: chosen.pop(name) for name in list(chosen) if name in own}
        params = {**options(account_name="app1-prod", **CHOSEN, **chosen), **own, **further}
        result: dict[str, Any] = reverse_assumption.operation(params, Run(check_mode=check_mode))
        return result

    run.reached = calls  # type: ignore[attr-defined]
    return run


def refused(operate: Operate, **chosen: Any) -> str:
    """Check that a run is refused before anything is called; return why."""
    with pytest.raises(RecordError) as error:
        operate(**chosen)
    assert operate.reached == []  # type: ignore[attr-defined]
    return str(error.value)


# --- before anything is called


@pytest.mark.parametrize("confirm", ["", STRANGER, ACCOUNT[:-1], f" {ACCOUNT}", "yes", "app1-prod"])
def test_without_the_accounts_id_as_confirmation_nothing_is_called(operate: Operate, confirm: str) -> None:
    """E6: a named confirmation."""
    assert f"-e confirm={ACCOUNT}" in refused(operate, confirm=confirm)


def test_check_mode_needs_no_confirmation(reached: Leaving, operate: Operate) -> None:
    """G1."""
    assert operate(check_mode=True)["changed"]
    assert reached.aws.writes == []


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_protected_account_is_refused_even_in_check_mode(operate: Operate, check_mode: bool) -> None:
    """Section 5: nothing is ever removed from it."""
    assert "account_protected is true" in refused(operate, check_mode=check_mode, account_protected=True)


@pytest.mark.parametrize("kind", ["member", "standalone"])
def test_an_account_of_the_provider_is_refused(operate: Operate, kind: str) -> None:
    """Section 5: provider_account_ids."""
    assert "the provider's own accounts" in refused(operate, provider_account_ids=[ACCOUNT], account_kind=kind)


@pytest.mark.parametrize("kind", ["member", "standalone", "payer"])
def test_the_shared_management_services_account_is_refused_whatever_its_kind(operate: Operate, kind: str) -> None:
    """Section 5: the topics' queues are there."""
    refused(operate, provider_account_id=ACCOUNT, account_kind=kind)


def test_a_payer_that_is_released_is_accepted(reached: Leaving, operate: Operate) -> None:
    """Section 5: account_kind: payer is excepted."""
    assert operate(check_mode=True, provider_account_ids=[ACCOUNT], account_kind="payer")["changed"]


@pytest.mark.parametrize("name", ["RackspaceDefaultEC2Role", "OrganizationAccountAccessRole"])
def test_roles_that_are_never_removed_are_refused_by_name(operate: Operate, name: str) -> None:
    """E6."""
    assert f"{name} is never removed" in refused(operate, provider_roles=["tooling", name])


@pytest.mark.parametrize(
    "chosen",
    [
        {"provider_roles": ["Rackspace"]},
        {"provider_roles": ["Admin"], "provider_role_name": "Admin"},
        {"provider_roles": ["Billing"], "access_roles": [{"name": "Billing", "via": "provider"}]},
    ],
    ids=["Rackspace", "another name", "another way in"],
)
def test_the_role_that_the_run_works_through_is_not_removed_by_the_cleanup(
    place: Leaving, operate: Operate, chosen: dict[str, Any]
) -> None:
    """G6, section 4: it outlives every step in the account, or the run locks itself out half way."""
    place.onboard("logs_bucket", "rackspace_role")
    name = chosen["provider_roles"][0]
    if name != "Rackspace":
        place.admits(name, {"AWS": PROVIDER})
    place.role = name

    with contextlib.suppress(RecordError):
        operate(**chosen)

    assert name in place.roles()


def test_every_fault_is_told_at_once(operate: Operate) -> None:
    """A1."""
    told = refused(
        operate,
        confirm="",
        account_protected=True,
        provider_account_ids=[ACCOUNT],
        provider_roles=["RackspaceDefaultEC2Role"],
    )

    assert told.startswith("account app1-prod: ")
    assert told.count(";") >= 3


# --- the account


def test_an_account_that_was_never_onboarded_is_refused(place: Leaving, operate: Operate) -> None:
    """Bad input: a clear message, no write."""
    place.own("s3").create_bucket(Bucket="theirs")
    place.own("sns").create_topic(Name="rackspace-support")

    with pytest.raises(AccountsError, match="it was never onboarded"):
        operate()
    assert place.aws.writes == []


@pytest.mark.parametrize(
    "role",
    [("CloudHealth-Role", {"AWS": "454464851268"}), ("AWSConfig", {"Service": "config.amazonaws.com"})],
    ids=["CloudHealth", "AWS Config"],
)
def test_a_customers_own_role_of_that_name_does_not_show_onboarding(
    place: Leaving, operate: Operate, role: tuple[str, Any]
) -> None:
    """Bad input: the role is not provably the provider's, and is kept for that reason."""
    place.admits(role[0], role[1], tagged=False)

    with pytest.raises(AccountsError, match="it was never onboarded"):
        operate()


def test_an_account_that_cannot_be_read_is_not_called_never_onboarded(place: Leaving, operate: Operate) -> None:
    """G5: unknown is unknown."""
    place.aws.refuse("GetRole", "AccessDenied", times=99)

    assert operate(check_mode=True)["failed"]


def test_all_regions_of_the_account_are_looked_at_whatever_the_record_says(reached: Leaving, operate: Operate) -> None:
    """Section 5: topics of regions that left the record go too."""
    result = operate(check_mode=True, regions=["us-east-1", "ap-east-1"])

    assert operate.reached == [[]]  # type: ignore[attr-defined]
    assert result["out_of_reach"] == ["ap-east-1"]


def test_the_removes_of_check_mode_are_what_a_run_then_deletes(reached: Leaving, operate: Operate) -> None:
    """G1, G4."""
    told = operate(check_mode=True)

    done = operate()

    assert done["removes"] == told["removes"]
    assert sorted(reached.deleted()) == sorted(told["removes"])
    assert "failed" not in done


def test_a_second_run_changes_nothing(reached: Leaving, operate: Operate) -> None:
    """G2."""
    operate()

    again = operate()

    assert (again["changed"], again["removes"], again["diff"], reached.aws.writes) == (False, [], [], [])


def test_what_is_kept_for_a_decision_does_not_fail_the_module(reached: Leaving, operate: Operate) -> None:
    """G4: it is listed."""
    reached.admits("tooling", {"AWS": STRANGER})

    result = operate(provider_roles=["tooling"])

    assert "failed" not in result
    assert result["summary"]["foreign"] == 1


# --- what was approved


@pytest.fixture
def plan(reached: Leaving, operate: Operate, tmp_path: Path) -> str:
    """The file of an approved plan."""
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(operate(check_mode=True)["approval"]))
    return str(path)


def test_an_approved_plan_that_still_holds_is_done(operate: Operate, plan: str, reached: Leaving) -> None:
    """E6."""
    assert operate(plan=plan)["changed"]
    assert reached.topics() == set()


def test_an_approved_plan_that_no_longer_holds_is_refused_without_a_write(
    operate: Operate, plan: str, reached: Leaving
) -> None:
    """E6: somebody subscribed meanwhile."""
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:rackspace-support"
    reached.own("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@customer.example")

    with pytest.raises(AccountsError, match="support_topic in us-east-1: remove was approved, keep would be done"):
        operate(plan=plan)
    assert reached.aws.writes == []


def test_a_role_that_was_not_approved_is_refused(operate: Operate, plan: str, reached: Leaving) -> None:
    """G4: named after the approval."""
    reached.admits("tooling", {"AWS": PROVIDER})

    with pytest.raises(AccountsError, match="tooling in global was not in the plan"):
        operate(plan=plan, provider_roles=["tooling"])
    assert reached.aws.writes == []


def test_check_mode_shows_a_new_plan_where_the_approved_one_no_longer_holds(
    operate: Operate, plan: str, reached: Leaving
) -> None:
    """E6: made anew with --check, the old file named."""
    reached.admits("tooling", {"AWS": PROVIDER})

    assert operate(check_mode=True, plan=plan, provider_roles=["tooling"])["approval"]


def test_an_approved_plan_that_is_done_changes_nothing(operate: Operate, plan: str) -> None:
    """G2, G6."""
    operate(plan=plan)

    assert operate(plan=plan)["changed"] is False


def test_an_account_that_changed_since_this_run_showed_its_plan_is_refused(operate: Operate, reached: Leaving) -> None:
    """E6: between plan and cleanup are the gates."""
    shown = operate(check_mode=True)["digest"]
    reached.own("sns").create_topic(Name="other")
    assert operate(check_mode=True)["digest"] == shown
    reached.own("iam").delete_role_policy(RoleName="CloudHealth-Role", PolicyName="CloudHealth-Role")

    with pytest.raises(AccountsError, match="changed after this run showed its plan"):
        operate(plan_digest=shown)
    assert reached.aws.writes == []


def test_no_external_id_is_in_a_plan_or_its_file(operate: Operate, reached: Leaving) -> None:
    """No secret in output: the state that a plan holds shows fingerprints only."""
    told = json.dumps(operate(check_mode=True))

    assert EXTERNAL_ID not in told
    assert "tenant-secret-1" not in told


def test_the_digest_does_not_depend_on_the_run(operate: Operate, reached: Leaving) -> None:
    """E6."""
    assert operate(check_mode=True)["digest"] == operate(check_mode=True)["digest"]
    assert removes(reached.removal())
