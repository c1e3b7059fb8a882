# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""From options to a module's result: what is checked first, what is selected, and what fails the task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import onboarding
from ansible_collections.rackspace.aws_accounts.plugins.module_utils import reach as reach_module
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import Guard
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS, named
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccessError, RecordError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    Account,
    AccountDefault,
    Observed,
    Region,
    Skip,
    State,
    Target,
)
from tests.unit.core.places import ACCOUNT, options, refusal


class Access:
    """Stands in for the sessions."""

    def account_role(self) -> str:
        """Return the role."""
        return "Rackspace"


class Setting(AccountDefault):
    """A setting that is as the test says."""

    service = section = title = "test"
    requirement = "B1"

    def __init__(self, name: str, seen: Observed | Exception, regional: bool = False, put: Any = None) -> None:
        self.name, self.seen, self.regional, self.writes, self.refusal = name, seen, regional, 0, put

    def observe(self, target: Target) -> Observed:
        """Return or raise what the test says."""
        if isinstance(self.seen, Exception):
            raise self.seen
        return self.seen

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return one state always."""
        return {"size": 2}

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        """Count, or refuse."""
        self.writes += 1
        if self.refusal:
            raise self.refusal
        return after


REACH = onboarding.reach
GOOD, ABSENT = Observed({"size": 2}), Observed()
FOREIGN = Observed({"size": 1}, foreign="it exists")


@pytest.fixture(autouse=True)
def _reached(monkeypatch: pytest.MonkeyPatch) -> None:
    def reach(params: Mapping[str, Any], guard: Guard, loader: Any) -> tuple[Account, Access]:
        regions = (Region("r1"), Region("r2"))
        return Account(ACCOUNT, name="app1-prod", regions=regions, adopt=params["adopt"]), Access()

    monkeypatch.setattr(onboarding, "reach", reach)


def run(*defaults: AccountDefault, check_mode: bool = False, **chosen: Any) -> dict[str, Any]:
    """Return the result of applying these defaults."""
    params = options(account_name="app1-prod", **chosen)
    return onboarding.apply_defaults(defaults, params, Run(check_mode=check_mode))


# --- verdict


def test_a_result_says_account_way_in_targets_summary_and_calls() -> None:
    """A5: an account view."""
    result = run(Setting("one", GOOD))

    assert result["account"] == {
        "id": ACCOUNT,
        "name": "app1-prod",
        "partition": "aws",
        "regions": ["r1", "r2"],
        "access_role": "Rackspace",
    }
    assert (result["changed"], result["summary"]["compliant"], result["api_calls"], result["diff"]) == (False, 1, 0, [])
    assert "failed" not in result


def test_unknown_fails_the_task_with_account_default_region_and_cause() -> None:
    """G5: exit status non-zero."""
    result = run(Setting("one", refusal("AccessDenied", "GetThing", "no")), Setting("other", GOOD))

    assert result["failed"] is True
    assert result["msg"].startswith(
        f"account app1-prod ({ACCOUNT}): one is unknown in global: GetThing AccessDenied: no - grant this action"
    )


def test_a_failed_write_fails_the_task_and_keeps_what_was_done() -> None:
    """G5: what was changed until then is told."""
    result = run(Setting("one", ABSENT), Setting("other", ABSENT, put=refusal("X", "PutThing", "broken")))

    assert (result["failed"], result["changed"]) == (True, True)
    assert "other is failed in global: PutThing X: broken" in result["msg"]
    assert "one is" not in result["msg"]


def test_foreign_fails_the_task_unless_told_otherwise() -> None:
    """G9: reported; fail_on_foreign."""
    loud, quiet = run(Setting("one", FOREIGN)), run(Setting("one", FOREIGN), fail_on_foreign=False)

    assert "one is foreign in global: it exists; it is left as it is." in loud["msg"]
    assert "failed" not in quiet
    assert quiet["summary"]["foreign"] == 1


def test_skipped_does_not_fail_the_task() -> None:
    """Design: exit status unaffected."""
    default = Setting("recorder", ABSENT)

    result = run(default, defaults_disabled={"recorder": "the customer's own"})

    assert "failed" not in result
    assert (result["summary"]["skipped"], default.writes) == (1, 0)


def test_one_cause_in_many_regions_is_told_once() -> None:
    """G5: a message that can be read."""
    result = run(Setting("one", refusal("AccessDenied", "GetThing"), regional=True))

    assert result["msg"].count("AccessDenied") == 1
    assert "one is unknown in r1, r2: " in result["msg"]


def test_check_mode_predicts_and_writes_nothing() -> None:
    """G1: the same targets, apart from the state, and the same diff."""
    checked, real = Setting("one", ABSENT), Setting("one", ABSENT)
    predicted, done = run(checked, check_mode=True), run(real)

    def told(result: dict[str, Any]) -> Any:
        return result["diff"], result["changed"], [{**row, "state": ""} for row in result["targets"]]

    assert told(predicted) == told(done)
    assert (checked.writes, real.writes) == (0, 1)


# --- options


def faults(**chosen: Any) -> str:
    """Return what is said of wrong options."""
    with pytest.raises(RecordError) as raised:
        run(Setting("one", GOOD), **chosen)
    return str(raised.value)


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"account_id": "11111111111"}, "account_id: is '11111111111', which has 11 digits"),
        ({"account_uuid": "0F8FAD5B-D9CB-469F-A165-70867728950E"}, "account_uuid: is 0F8FAD5B"),
        ({"provider_account_id": "x"}, "provider_account_id: is 'x'"),
        ({"regions": ["us-east"]}, "regions:"),
        ({"access_roles": [{"name": "R", "via": "somewhere"}]}, "via"),
        ({"adopt": {"trial": "because"}}, "trial is no account default; is trail meant?"),
        ({"adopt": {"trail": ""}}, "trail has no reason"),
        ({"defaults_disabled": {"trail": ""}}, "trail is required; say why it is switched off"),
        ({"ownership_tags": {}}, "ownership_tags: is empty"),
    ],
)
def test_a_wrong_option_is_told_with_account_and_fix_before_anything_is_called(
    monkeypatch: pytest.MonkeyPatch, chosen: dict[str, Any], told: str
) -> None:
    """A1, issue, "Bad input"."""
    monkeypatch.setattr(onboarding, "reach", None)

    message = faults(**chosen)

    assert message.startswith("account app1-prod: ")
    assert told in message


def test_every_fault_is_told_at_once() -> None:
    """A1."""
    message = faults(account_id="1", account_uuid="x", adopt={"trail": ""})

    assert all(field in message for field in ("account_id: ", "account_uuid: ", "adopt: "))


def test_an_optional_default_is_switched_off_without_a_reason() -> None:
    """B16: a required one needs a stated reason."""
    default = Setting("recorder", ABSENT)
    default.required = False

    result = run(default, defaults_disabled={"recorder": ""})

    assert result["targets"][0]["reason"] == "switched off: no reason given"


def test_no_message_shows_the_external_id() -> None:
    """Design, "Runs"."""
    assert "seCret" not in faults(external_id="seCret with spaces", account_id="1")


# --- selection


def selected(**chosen: Any) -> list[str]:
    """Return the names of the account defaults that these options select."""
    return [default.name for default in onboarding.selected(ACCOUNT_DEFAULTS, chosen)]


def test_everything_is_selected_where_nothing_is_said() -> None:
    """Design: the Plan of all defaults."""
    assert selected() == [default.name for default in ACCOUNT_DEFAULTS]


def test_only_and_except_select_in_the_catalogues_order() -> None:
    """Design: ``only``, ``except``."""
    assert selected(only=["trail", "logs_bucket"]) == ["logs_bucket", "trail"]
    assert "trail" not in selected(**{"except": ["trail"]})
    assert selected(only=["trail", "logs_bucket"], **{"except": ["trail"]}) == ["logs_bucket"]


def test_a_module_of_many_defaults_has_only_and_except_and_one_of_one_has_not() -> None:
    """Design, "Layout"."""
    many, one = onboarding.plan_entry(ACCOUNT_DEFAULTS), onboarding.plan_entry(named("password_policy"))

    assert many.argument_spec["only"]["choices"] == [default.name for default in ACCOUNT_DEFAULTS]
    assert not {"only", "except"} & set(one.argument_spec)
    assert "minimum_password_length" in one.argument_spec
    assert "trail_name" not in one.argument_spec


def test_the_external_ids_are_never_logged() -> None:
    """Design, "Runs": no_log hides what the user passed."""
    spec = onboarding.plan_entry(ACCOUNT_DEFAULTS).argument_spec

    assert spec["external_id"]["no_log"] is True
    assert spec["cloudhealth"]["options"]["external_ids"]["no_log"] is True


# --- reach


class Session:
    """A verified session whose region APIs are given by the test."""

    partition = "aws"

    def __init__(self, regions: list[str] | None) -> None:
        self.regions = regions

    def client(self, service: str, region: str) -> Any:
        """Return itself for EC2; the account API is denied."""
        if service == "account" or self.regions is None:
            raise refusal("AccessDeniedException", message="no")
        return self

    def partition_of(self, region: str) -> str:
        """Everything is in one partition."""
        return "aws"

    def describe_regions(self, **_: Any) -> dict[str, Any]:
        """Return the regions."""
        return {"Regions": [{"RegionName": name} for name in self.regions or []]}


def reach(monkeypatch: pytest.MonkeyPatch, enabled: list[str] | None, **chosen: Any) -> Account:
    """Return the account that is reached with a session of these regions."""
    monkeypatch.setattr(reach_module, "Access", lambda *_: type("A", (), {"account": Session(enabled)})())
    params = options(account_name="app1-prod", **chosen)
    return REACH(params, Guard(True, None), None)[0]  # type: ignore[arg-type]


def test_an_account_is_worked_in_where_it_is_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """B6."""
    account = reach(monkeypatch, ["us-east-1", "eu-west-1"])

    assert account.regions == account.enabled == (Region("eu-west-1"), Region("us-east-1"))


def test_regions_that_may_not_be_read_are_those_of_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS facts: both can be denied: then the run needs account_regions."""
    account = reach(monkeypatch, None, regions=["eu-west-1"])

    assert (account.regions, account.enabled) == ((Region("eu-west-1"),), ())


def test_regions_that_may_not_be_read_and_are_not_named_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """G5: never an empty list of regions."""
    with pytest.raises(AccessError, match="account_regions"):
        reach(monkeypatch, None)


def test_regions_that_may_not_be_read_name_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue, "Bad input": one clear message with account, field and fix."""
    with pytest.raises(AccessError) as raised:
        reach(monkeypatch, None)

    assert "app1-prod" in str(raised.value)


def test_a_named_region_that_is_not_enabled_is_an_error_with_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue, "Bad input"."""
    with pytest.raises(RecordError, match=rf"account app1-prod \({ACCOUNT}\): account_regions names eu-west-1"):
        reach(monkeypatch, ["us-east-1"], regions=["eu-west-1"])
