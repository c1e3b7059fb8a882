# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""From options to the result of an audit: the rows, what fails it, and what is told of a way in that is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import audit
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import Guard
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import (
    AccessError,
    RecordError,
    WriteRefusedError,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    Account,
    AccountDefault,
    Observed,
    Region,
    Skip,
    State,
    Target,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import PLAN_SPEC
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.plan import Plan
from tests.unit.core.places import ACCOUNT, Place, options, refusal


class Access:
    """Stands in for the sessions."""

    def account_role(self) -> str:
        """Return the role."""
        return "account-audit"


class Setting(AccountDefault):
    """A setting that is as the test says."""

    service = section = title = "test"
    requirement = "B1"

    def __init__(self, name: str, seen: Observed | Exception, regional: bool = False, means: str = "") -> None:
        self.name, self.seen, self.regional, self.drift_means = name, seen, regional, means

    def observe(self, target: Target) -> Observed:
        """Return or raise what the test says."""
        if isinstance(self.seen, Exception):
            raise self.seen
        return self.seen

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return one state always, and a skip where the setting is named so."""
        return Skip("does not apply", ("a gap",)) if self.name == "skipped" else {"size": 2}

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        """Fail: an audit puts nothing."""
        raise AssertionError("an audit wrote")


GOOD, ABSENT = Observed({"size": 2}), Observed()
SMALL, FOREIGN = Observed({"size": 1}), Observed({"size": 1}, foreign="it exists")
DENIED = refusal("AccessDenied", "GetThing", "no")


@pytest.fixture(autouse=True)
def reached(monkeypatch: pytest.MonkeyPatch) -> Account:
    regions = (Region("r1"), Region("r2"))
    account = Account(ACCOUNT, name="app1-prod", regions=regions, enabled=regions)

    def reach(params: Mapping[str, Any], guard: Guard, loader: Any) -> tuple[Account, Access]:
        account.adopt = params["adopt"]
        return account, Access()

    monkeypatch.setattr(audit, "reach", reach)
    return account


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that audits these defaults and returns the result."""

    def with_defaults(*defaults: AccountDefault, check_mode: bool = False, **chosen: Any) -> dict[str, Any]:
        monkeypatch.setattr(audit, "ACCOUNT_DEFAULTS", defaults)
        given = {"account_name": "app1-prod", "fail_on": "unknown", **chosen}
        return audit.operation({**options(), **given}, Run(check_mode=check_mode))

    return with_defaults


def test_a_result_says_account_way_in_targets_summary_and_calls(run: Any) -> None:
    """A5: an account view."""
    result = run(Setting("one", GOOD), Setting("everywhere", ABSENT, regional=True))

    assert result["account"] == {
        "id": ACCOUNT,
        "name": "app1-prod",
        "partition": "aws",
        "regions": ["r1", "r2"],
        "access_role": "account-audit",
    }
    assert result["summary"] == {"compliant": 1, "drifted": 2, "skipped": 0, "foreign": 0, "unknown": 0}
    assert [(row["default"], row["region"]) for row in result["targets"]] == [
        ("one", "global"),
        ("everywhere", "r1"),
        ("everywhere", "r2"),
    ]
    assert (result["changed"], result["api_calls"]) == (False, 0)
    assert "failed" not in result


def test_a_row_has_before_and_after_exactly_where_something_differs(run: Any) -> None:
    """G7: with the difference."""
    result = run(
        Setting("good", GOOD),
        Setting("small", SMALL),
        Setting("absent", ABSENT),
        Setting("foreign", FOREIGN),
        Setting("skipped", SMALL),
        Setting("denied", DENIED),
    )

    rows = {row["default"]: row for row in result["targets"]}
    assert {name: row["state"] for name, row in rows.items()} == {
        "good": "compliant",
        "small": "drifted",
        "absent": "drifted",
        "foreign": "foreign",
        "skipped": "skipped",
        "denied": "unknown",
    }
    assert (rows["small"]["before"], rows["small"]["after"]) == ({"size": 1}, {"size": 2})
    assert (rows["absent"]["before"], rows["absent"]["after"]) == (None, {"size": 2})
    assert (rows["foreign"]["before"], rows["foreign"]["after"]) == ({"size": 1}, {"size": 2})
    assert not {"before", "after"} & (rows["good"].keys() | rows["skipped"].keys() | rows["denied"].keys())
    assert set(rows["good"]) == {"default", "section", "region", "state"}


def test_a_row_says_why_and_what_else_there_is_to_know(run: Any) -> None:
    """G7: with the reason."""
    rows = {row["default"]: row for row in run(Setting("skipped", SMALL), Setting("denied", DENIED))["targets"]}

    assert (rows["skipped"]["reason"], rows["skipped"]["findings"]) == ("does not apply", ["a gap"])
    assert rows["denied"]["error"]["operation"] == "GetThing"
    assert rows["denied"]["error"]["code"] == "AccessDenied"
    assert "grant this action" in rows["denied"]["error"]["fix"]


def test_drift_of_some_defaults_says_what_can_follow(run: Any) -> None:
    """B3."""
    rows = run(Setting("small", SMALL, means="bills rise"), Setting("good", GOOD, means="bills rise"))["targets"]

    assert [row.get("reason") for row in rows] == ["bills rise", None]


def test_drift_of_what_was_adopted_says_that_too(run: Any) -> None:
    """G9, B3."""
    (row,) = run(Setting("theirs", FOREIGN, means="bills rise"), adopt={"theirs": "agreed"})["targets"]

    assert (row["state"], row["reason"]) == ("drifted", "it exists; adopted: agreed; bills rise")


@pytest.mark.parametrize(
    ("fail_on", "failing"),
    [("never", set()), ("unknown", {"unknown"}), ("drift", {"unknown", "drifted", "foreign"})],
)
@pytest.mark.parametrize(
    ("state", "seen"), [("unknown", DENIED), ("drifted", SMALL), ("foreign", FOREIGN), ("compliant", GOOD)]
)
def test_what_fails_an_audit_is_chosen(run: Any, fail_on: str, failing: set[str], state: str, seen: Any) -> None:
    """G5: exit status."""
    result = run(Setting("one", seen), fail_on=fail_on)

    assert bool(result.get("failed")) is (state in failing)
    if state in failing:
        assert result["msg"].startswith(f"account app1-prod ({ACCOUNT}): one is {state} in global")
    else:
        assert "msg" not in result


@pytest.mark.parametrize(("fail_on", "fails"), [("never", False), ("unknown", True), ("drift", True)])
def test_an_account_that_cannot_be_reached_is_told_and_never_good(
    run: Any, monkeypatch: pytest.MonkeyPatch, fail_on: str, fails: bool
) -> None:
    """G5: whatever fails the audit, why is said, and nothing is compliant."""

    def reach(*_: Any) -> Any:
        raise AccessError("none of account_access_roles can be assumed")

    monkeypatch.setattr(audit, "reach", reach)
    result = run(Setting("one", GOOD), fail_on=fail_on)

    assert bool(result.get("failed")) is fails
    assert "none of account_access_roles" in result["msg"]
    assert (result["targets"], set(result["summary"].values())) == ([], {0})
    assert result["account"]["id"] == ACCOUNT
    assert result["account"]["regions"] == []


def test_options_that_are_no_good_are_refused_whatever_fails_an_audit(run: Any) -> None:
    """A1."""
    with pytest.raises(RecordError, match="account_uuid"):
        run(Setting("one", GOOD), fail_on="never", account_uuid="no-uuid")


@pytest.mark.parametrize("check_mode", [False, True])
def test_the_guard_of_an_audit_lets_no_write_through(
    run: Any, monkeypatch: pytest.MonkeyPatch, check_mode: bool
) -> None:
    """G7: by whatever mode it is run."""
    place = Place()
    guards: list[Guard] = []

    def reach(params: Mapping[str, Any], guard: Guard, loader: Any) -> Any:
        guards.append(guard)
        return place.account, Access()

    monkeypatch.setattr(audit, "reach", reach)
    run(Setting("one", ABSENT), check_mode=check_mode)

    with pytest.raises(WriteRefusedError):
        guards[0]._refuse("CreateTopic", {"verified": True})


def test_an_audit_applies_no_plan(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """G7."""
    monkeypatch.delattr(Plan, "apply")

    assert run(Setting("one", ABSENT))["summary"]["drifted"] == 1


def test_the_diff_has_what_onboarding_would_change_and_nothing_else(run: Any) -> None:
    """G1, G7."""
    diff = run(Setting("small", SMALL), Setting("theirs", FOREIGN), Setting("good", GOOD))["diff"]

    assert [(entry["before"], entry["after"]) for entry in diff] == [({"size": 1}, {"size": 2})]
    assert diff[0]["before_header"] == f"app1-prod ({ACCOUNT}) global small"


def test_the_options_are_those_of_onboarding_without_those_that_only_a_write_needs() -> None:
    """G7: what an audit compares with is what onboarding would make."""
    assert set(PLAN_SPEC) - set(audit.SPEC) == {"fail_on_foreign", "wait_timeout"}
    assert audit.SPEC["fail_on"]["default"] == "unknown"
    assert audit.SPEC["only"]["choices"] == [default.name for default in ACCOUNT_DEFAULTS]


def test_regions_that_are_enabled_and_not_looked_at_are_a_finding(run: Any, reached: Account) -> None:
    """B6: a gap in coverage, told once."""
    reached.enabled = (Region("r1"), Region("r2"), Region("r3"), Region("us-east-1"))

    rows = run(Setting("one", GOOD), Setting("trail", GOOD, regional=True))["targets"]

    assert rows[0]["findings"] == [
        (
            "account_regions names 2 of the 4 regions that the account has enabled; nothing is looked at in r3, "
            "us-east-1; events of global services are recorded in us-east-1"
        )
    ]
    assert all("findings" not in row for row in rows[1:])


def test_regions_that_are_all_looked_at_are_no_finding(run: Any) -> None:
    """B6."""
    assert all("findings" not in row for row in run(Setting("trail", GOOD, regional=True))["targets"])


def test_what_a_read_only_role_needs_is_what_the_definitions_declare_and_nothing_that_writes() -> None:
    """G8."""
    actions = audit.permissions(ACCOUNT_DEFAULTS)

    assert {"iam:GetRole", "config:DescribeConfigurationRecorderStatus", "s3:GetBucketPolicy"} <= set(actions)
    assert not {action for action in actions if not action.split(":")[1].startswith(("Get", "List", "Describe"))}
    assert audit.provider_permissions(ACCOUNT_DEFAULTS) == ["sqs:GetQueueAttributes", "sqs:ListQueues"]
