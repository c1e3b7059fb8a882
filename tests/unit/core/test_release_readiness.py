# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The module release_readiness: what it refuses, what it reads for which gate, and what it returns (E2)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import release_readiness, topic_users
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccessError, RecordError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.offboarding_request import GATES
from tests.customer import CONTACT
from tests.noon import TIME_ZONE, TODAY
from tests.unit.core.places import ACCOUNT, EXTERNAL_ID, PROVIDER, Fake, Place, _client

PAYER = "888888888888"
ORGANIZATION = {"id": "o-provider001", "management_account_id": PAYER, "management_role": None}
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:rackspace-support"
ADMIN = f"arn:aws:iam::{ACCOUNT}:user/owner"
NOW = "2026-12-15T10:00:00-06:00"  # a Tuesday


class Management:
    """The session in the management account."""

    def __init__(self) -> None:
        self.aws = Fake()

    def client(self, service: str, region: str) -> Any:
        """Return a client of the management account."""
        return _client(PAYER, service, region, self.aws, "management")


class Reached(Place):
    """An account that was reached, and its organization's management account."""

    def __init__(self) -> None:
        super().__init__()
        self.role = "Rackspace"
        self.manager = Management()
        self.unreachable = ""

    @property
    def management(self) -> Management:
        """Return its session, or refuse."""
        if self.unreachable:
            raise AccessError(self.unreachable)
        return self.manager


@pytest.fixture
def place(aws: None, monkeypatch: pytest.MonkeyPatch) -> Reached:
    """A member of the provider's organization with which every gate passes at NOW."""
    found = Reached()
    monkeypatch.setattr(release_readiness, "reach", lambda params, guard, loader: (found.account, found))
    organization = {"Id": ORGANIZATION["id"], "MasterAccountId": PAYER}
    found.aws.answer("DescribeOrganization", {"Organization": organization})
    contact = {"FullName": "O", "PhoneNumber": "+12105550123"}
    found.aws.answer("GetContactInformation", {"ContactInformation": contact, "VerificationStatus": "VERIFIED"})
    found.aws.answer("DescribeSeverityLevels", {"severityLevels": [{"code": "low"}, {"code": "urgent"}]})
    found.aws.answer("DescribeNotificationConfigurations", {"NotificationConfigurations": []})
    found.aws.answer("DescribeEventSubscriptions", {"EventSubscriptionsList": []})
    joined = {"JoinedMethod": "CREATED", "JoinedTimestamp": datetime(2025, 1, 1, tzinfo=UTC)}
    found.manager.aws.answer("DescribeAccount", {"Account": joined})
    found.manager.aws.refuse("ListDelegatedServicesForAccount", "AccountNotRegisteredException", times=9)
    return found


def confirmed(at: str = "2026-12-15T08:30:00-06:00", **more: Any) -> dict[str, Any]:
    return {"by": "owner@customer.example", "at": at, "evidence": "ticket note 3", **more}


def request(**changed: Any) -> dict[str, Any]:
    confirmations = {
        name: confirmed() for name in ("balance_current", "billing_access", "customer_way_in", "payment_method")
    }
    return {
        "ticket": "261121-00042",
        "termination_date": "2026-12-15",
        "transfer_date": "2026-12-15",
        "new_root_email": "owner@customer.example",
        "authorized_signatory": {"name": "Olivia Owner", "email": "owner@customer.example"},
        "contact": CONTACT,
        **changed,
        "confirmations": {**confirmations, **changed.get("confirmations", {})},
    }


def run(check_mode: bool = True, **options: Any) -> dict[str, Any]:
    given = {
        "account_id": ACCOUNT,
        "account_name": "app1-prod",
        "provider_account_id": PROVIDER,
        "provider_account_ids": [PROVIDER, PAYER],
        "external_id": EXTERNAL_ID,
        "organization": ORGANIZATION,
        "request": request(),
        "topics": [TOPIC],
        "now": NOW,
        **options,
    }
    checked = ArgumentSpecValidator(**release_readiness.ENTRY.rules).validate(given)
    assert not checked.error_messages, checked.error_messages
    return release_readiness.operation(dict(checked.validated_parameters), Run(check_mode=check_mode))


def rows(result: dict[str, Any]) -> dict[str, str]:
    return {row["gate"]: row["result"] for row in result["gates"]}


def gate(name: str, **options: Any) -> dict[str, Any]:
    row: dict[str, Any] = run(gates=[name], **options)["gates"][0]
    return row


def test_an_account_with_which_all_is_well_is_ready(place: Reached) -> None:
    result = run()
    assert rows(result) == dict.fromkeys(GATES, "pass")
    assert result["ready"] is True
    assert result["changed"] is False
    assert result["topic_users"] == []
    assert result["account"] == {
        "id": ACCOUNT,
        "name": "app1-prod",
        "partition": "aws",
        "regions": ["us-east-1", "eu-west-1"],
        "access_role": "Rackspace",
    }


def test_a_gate_that_does_not_pass_makes_nothing_fail(place: Reached) -> None:
    result = run(now="2026-12-19T10:00:00-06:00")
    assert rows(result)["business_hours"] == "fail"
    assert result["ready"] is False
    assert "failed" not in result


def test_everything_that_is_read_is_a_read(place: Reached) -> None:
    run()
    assert place.aws.writes == place.manager.aws.writes == []


def test_only_what_the_wanted_gates_need_is_read(place: Reached) -> None:
    result = run(gates=["nearest_date", "balance_current"])
    assert [row["gate"] for row in result["gates"]] == ["balance_current", "nearest_date"]
    assert place.aws.names == ["DescribeSeverityLevels"]
    assert place.manager.aws.names == []


def test_an_organization_that_is_kept_is_not_read(place: Reached) -> None:
    assert gate("leave_organization", request=request(keep_organization=True))["result"] == "pass"
    assert place.aws.names == ["DescribeSeverityLevels"]


# --- what is refused before anything is called


def refused(**options: Any) -> str:
    with pytest.raises(RecordError) as caught:
        run(**options)
    assert (
        str(caught.value).startswith("account app1-prod (123456789012): ")
        or "calendar" in str(caught.value)
        or (str(caught.value).startswith("account app1-prod: "))
    )
    return str(caught.value)


def test_a_wrong_request_is_refused_with_every_fault_and_no_call(place: Reached) -> None:
    wrong = request(
        ticket="", overrides={"balance_current": "x"}, billing_principals=["arn:aws:iam::222222222222:role/x"]
    )
    told = refused(request=wrong, topics=["rackspace-support"], provider_account_ids=["1"])
    parts = ["offboarding: has no ticket", "overrides.balance_current cannot be overridden", "of account 222222222222"]
    for part in [*parts, "topics: 'rackspace-support' is no ARN", "provider_account_ids: entry 1 is '1'"]:
        assert part in told
    assert place.aws.calls == []


def test_an_empty_request_is_refused(place: Reached) -> None:
    assert "has no termination_date; add it" in refused(request={})


def test_a_topic_of_another_account_is_refused(place: Reached) -> None:
    other = "arn:aws:sns:us-east-1:222222222222:rackspace-support"
    assert f"topics: {other!r} is no ARN of a topic of this account" in refused(topics=[other])


def test_another_time_than_the_clocks_is_refused_outside_of_check_mode(place: Reached) -> None:
    assert "now: another time than the clock's is for rehearsals" in refused(check_mode=False)
    assert "now: is 'tomorrow'; write a moment" in refused(now="tomorrow")
    assert "now: is '2026-12-15T10:00:00'; write a moment" in refused(now="2026-12-15T10:00:00")


def test_a_wrong_calendar_is_refused(place: Reached) -> None:
    told = refused(calendar={"time_zone": "Chicago"}, topics=["x"])
    assert "topics: 'x' is no ARN" in told
    assert "calendar: time_zone is 'Chicago'" in told
    assert place.aws.calls == []


def test_outside_of_check_mode_the_clock_is_read(place: Reached) -> None:
    calendar = {"country": "", "time_zone": TIME_ZONE, "opens": "00:00", "closes": "23:59", "weekdays": list(range(7))}
    confirmations = dict.fromkeys(request()["confirmations"], confirmed(datetime.now(UTC).isoformat()))
    wanted = request(termination_date=TODAY, transfer_date=TODAY, confirmations=confirmations)
    result = run(check_mode=False, now="", request=wanted, calendar=calendar, gates=["balance_current"])
    assert rows(result) == {"balance_current": "pass"}


# --- topics


def alarm(place: Reached) -> str:
    place.own("cloudwatch").put_metric_alarm(
        AlarmName="orders",
        MetricName="m",
        Namespace="n",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        Statistic="Sum",
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[TOPIC],
    )
    return f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:orders"


def test_what_points_at_a_topic_is_returned_and_fails_the_gate(place: Reached) -> None:
    arn = alarm(place)
    result = run()
    row = {"topic": TOPIC, "user": arn, "kind": "metric_alarm", "region": "us-east-1", "accepted": ""}
    assert result["topic_users"] == [row]
    assert rows(result)["topic_users"] == "fail"


def test_what_was_accepted_is_returned_with_its_reason(place: Reached) -> None:
    result = run(request=request(accept_topic_users={alarm(place): "ticket note 8"}))
    assert [user["accepted"] for user in result["topic_users"]] == ["ticket note 8"]
    assert rows(result)["topic_users"] == "pass"
    assert "not searched: lifecycle hooks of Auto Scaling groups" in next(
        row["evidence"] for row in result["gates"] if row["gate"] == "topic_users"
    )


def test_what_cannot_be_searched_makes_the_gate_unknown_unless_it_is_accepted(place: Reached) -> None:
    place.aws.refuse("DescribeNotificationConfigurations", "AccessDenied", times=2)
    assert gate("topic_users")["result"] == "unknown"
    assert gate("topic_users", request=request(accept_topic_users={"unknown:autoscaling": "none"}))["result"] == "pass"


# --- the customer's administrator


def trusting(place: Reached, account: str) -> str:
    """Make an administrator that an account may assume, and return its ARN."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    place.own("iam").create_role(RoleName="admin", AssumeRolePolicyDocument=trust)
    place.own("iam").attach_role_policy(RoleName="admin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return f"arn:aws:iam::{ACCOUNT}:role/admin"


def test_a_named_administrator_is_read(place: Reached) -> None:
    wanted = request(confirmations={"customer_way_in": confirmed(principal=ADMIN)})
    assert gate("customer_way_in", request=wanted)["evidence"] == f"{ADMIN} does not exist"
    iam = place.own("iam")
    iam.create_user(UserName="owner")
    iam.attach_user_policy(UserName="owner", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.create_login_profile(UserName="owner", Password="not-a-secret-1A")
    assert gate("customer_way_in", request=wanted)["result"] == "pass"
    place.aws.refuse("GetUser", "AccessDenied")
    row = gate("customer_way_in", request=wanted)
    assert row["result"] == "unknown"
    assert "GetUser AccessDenied" in row["evidence"]


@pytest.mark.parametrize(
    ("trusted", "keep", "result"),
    [
        (PROVIDER, False, "fail"),
        (PAYER, False, "fail"),
        ("777777777777", False, "fail"),  # the management account
        ("555555555555", False, "pass"),
        (PAYER, True, "fail"),
        ("777777777777", True, "pass"),
    ],
)
def test_the_provider_is_its_accounts_and_the_management_account_of_an_organization_that_is_left(
    place: Reached, trusted: str, keep: bool, result: str
) -> None:
    arn = trusting(place, trusted)
    wanted = request(
        keep_organization=keep,
        confirmations={"customer_way_in": confirmed(principal=arn)},
    )
    organization = {**ORGANIZATION, "management_account_id": "777777777777"}
    assert gate("customer_way_in", request=wanted, organization=organization)["result"] == result


def test_a_payer_that_is_handed_over_is_not_the_provider_any_more(place: Reached) -> None:
    arn = trusting(place, ACCOUNT)
    wanted = request(confirmations={"customer_way_in": confirmed(principal=arn)})
    row = gate("customer_way_in", request=wanted, provider_account_ids=[PROVIDER, ACCOUNT], account_kind="payer")
    assert row["result"] == "unknown"  # who in the account assumes it is the way in
    assert "from within the account only" in row["evidence"]


# --- the organization


def leaving(**options: Any) -> dict[str, Any]:
    return gate("leave_organization", **options)


def test_an_account_in_no_organization_leaves_none(place: Reached) -> None:
    place.aws.refuse("DescribeOrganization", "AWSOrganizationsNotInUseException")
    row = leaving(organization=None)
    assert (row["result"], row["evidence"]) == ("pass", "does not apply: the account is in no organization")
    assert "GetContactInformation" not in place.aws.names


def test_the_management_account_leaves_none(place: Reached) -> None:
    place.aws.answer("DescribeOrganization", {"Organization": {"Id": "o-x", "MasterAccountId": ACCOUNT}})
    assert leaving()["evidence"] == "does not apply: it is the management account of o-x"
    assert place.manager.aws.names == []


def test_whether_it_is_in_an_organization_may_not_be_read(place: Reached) -> None:
    place.aws.refuse("DescribeOrganization", "AccessDeniedException")
    assert leaving()["result"] == "unknown"


def test_a_management_account_that_cannot_be_reached_makes_it_unknown(place: Reached) -> None:
    place.unreachable = "the management account cannot be reached"
    row = leaving()
    assert row["result"] == "unknown"
    assert "delegated administrator cannot be read: the management account cannot be reached" in row["evidence"]
    assert "when it joined cannot be read" in row["evidence"]


def test_the_management_account_is_asked_for_this_account(place: Reached) -> None:
    leaving()
    assert place.manager.aws.names == ["DescribeAccount", "ListDelegatedServicesForAccount"]
    assert place.manager.aws.arguments("DescribeAccount") == [{"AccountId": ACCOUNT}]


def test_an_account_of_the_day_before_has_to_wait(place: Reached) -> None:
    created = datetime.fromisoformat(NOW) - timedelta(days=1)
    place.manager.aws.answer("DescribeAccount", {"Account": {"JoinedMethod": "CREATED", "JoinedTimestamp": created}})
    assert leaving()["fix"].startswith("AWS lets it leave from Friday 2026-12-18 10:00 CST on")


def test_a_delegated_administrator_is_read(place: Reached) -> None:
    place.manager.aws._refusals.clear()
    services = [{"ServicePrincipal": "guardduty.amazonaws.com"}, {"ServicePrincipal": "config.amazonaws.com"}]
    place.manager.aws.answer("ListDelegatedServicesForAccount", {"DelegatedServices": services})
    assert "delegated administrator of config.amazonaws.com, guardduty.amazonaws.com" in leaving()["evidence"]


def test_contact_information_that_is_absent_is_absent(place: Reached) -> None:
    place.aws.refuse("GetContactInformation", "ResourceNotFoundException", times=2)
    assert leaving()["result"] == "pass"  # the phase account sets it
    assert "no contact information" in leaving(account_model="ecam")["evidence"]


def test_a_phone_number_that_is_not_verified_fails(place: Reached) -> None:
    contact = {"ContactInformation": {"PhoneNumber": "+1"}, "VerificationStatus": "UNVERIFIED"}
    place.aws.answer("GetContactInformation", contact)
    assert leaving()["result"] == "fail"


# --- the support plan


@pytest.mark.parametrize(
    ("levels", "plan"),
    [
        (["low", "normal", "high", "urgent", "critical"], "enterprise"),
        (["low", "normal", "high", "urgent"], "business"),
        (["low", "normal"], "developer"),
        ([], "unknown"),
        (["something-new"], "unknown"),
    ],
)
def test_the_support_plan_is_told_by_its_highest_level(place: Reached, levels: list[str], plan: str) -> None:
    place.aws.answer("DescribeSeverityLevels", {"severityLevels": [{"code": level} for level in levels]})
    assert run(gates=["nearest_date"])["support_plan"] == plan


@pytest.mark.parametrize(
    ("code", "plan"), [("SubscriptionRequiredException", "basic"), ("AccessDeniedException", "unknown")]
)
def test_without_the_support_api_the_plan_is_basic_and_without_permission_unknown(
    place: Reached, code: str, plan: str
) -> None:
    place.aws.refuse("DescribeSeverityLevels", code)
    assert run(gates=["nearest_date"])["support_plan"] == plan


def test_the_support_api_is_asked_where_it_is(place: Reached) -> None:
    run(gates=["nearest_date"])
    assert place.aws.regions == [("DescribeSeverityLevels", "us-east-1")]


def test_what_is_published_is_what_is_called(place: Reached) -> None:
    run()
    called = {"account:GetContactInformation", "organizations:DescribeOrganization", "support:DescribeSeverityLevels"}
    assert called <= set(release_readiness.PERMISSIONS)
    assert {name.split(":")[1] for name in release_readiness.MANAGEMENT_PERMISSIONS} == set(place.manager.aws.names)
    scans = {action for scan in topic_users.SCANS for action in scan.permissions}
    assert scans <= set(release_readiness.PERMISSIONS)
    assert all(":" in action for action in release_readiness.PERMISSIONS)


def test_no_external_id_is_in_the_result(place: Reached) -> None:
    assert EXTERNAL_ID not in json.dumps(run(), default=str)
