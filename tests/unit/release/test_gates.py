# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The gates of a hand-over: what makes each pass, fail or unknown, and what sets one aside (E2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.calendar import calendar_of
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.gates.asking import answers, is_ready
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.gates.facts import Contact, Facts, Membership
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.offboarding_request import GATES, OVERRIDABLE
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.topic_users import TopicUser, Unread
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.way_in import Administrator

ACCOUNT, PROVIDER, PAYER, CUSTOMER = "111111111111", "999999999999", "888888888888", "555555555555"
TUESDAY = datetime.fromisoformat("2026-12-15T10:00:00-06:00")
ORGANIZATION = {"id": "o-provider001", "management_account_id": PAYER}
MEMBER = Membership("o-provider001", PAYER, "CREATED", TUESDAY - timedelta(days=400))
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:rackspace-support"
ALARM = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:orders"
ADMIN = f"arn:aws:iam::{ACCOUNT}:user/owner-admin"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/owner-admin"
THEIRS = f"arn:aws:iam::{PROVIDER}:role/x"
UNREAD = Unread("redshift", "us-east-1", "DescribeEventSubscriptions AccessDenied: no", "grant this action")


def confirmed(at: Any = "2026-12-15T08:30:00-06:00", **more: Any) -> dict[str, Any]:
    return {"by": "owner@customer.example", "at": at, "evidence": "ticket note 3", **more}


def facts(confirmations: dict[str, Any] | None = None, **changed: Any) -> Facts:
    """Return facts with which every gate passes, but for what is changed."""
    request = {
        "termination_date": "2026-12-15",
        "transfer_date": "2026-12-15",
        "new_root_email": "owner@customer.example",
        "confirmations": {
            "balance_current": confirmed(),
            "billing_access": confirmed("2026-12-01T10:00:00-06:00"),
            "customer_way_in": confirmed("2026-12-14T10:00:00-06:00"),
            "payment_method": confirmed("2026-12-10T10:00:00-06:00"),
            **(confirmations or {}),
        },
        **{name: changed.pop(name) for name in list(changed) if name in REQUEST},
    }
    given = {
        "account_id": ACCOUNT,
        "request": request,
        "now": TUESDAY,
        "calendar": calendar_of(changed.pop("calendar", {})),
        "provider_accounts": frozenset({PROVIDER, PAYER}),
        "recorded_organization": ORGANIZATION,
        "topics": (TOPIC,),
        "membership": MEMBER,
        "contact": Contact("+12105550123", "VERIFIED"),
    }
    return Facts(**{**given, **changed})


REQUEST = ("termination_date", "transfer_date", "keep_organization", "overrides", "accept_topic_users")


def answer(gate: str, *arguments: Any, **changed: Any) -> dict[str, Any]:
    rows = answers(facts(*arguments, **changed), [gate])
    assert [row["gate"] for row in rows] == [gate]
    row = rows[0]
    assert row["evidence"]
    assert bool(row["fix"]) is (row["result"] != "pass"), row
    return row


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_all_gates_are_answered_at_once_and_in_their_order() -> None:
    rows = answers(facts())
    assert [row["gate"] for row in rows] == list(GATES)
    assert {row["result"] for row in rows} == {"pass"}
    assert is_ready(rows)


def test_a_row_says_all_that_the_role_shows() -> None:
    assert set(answers(facts())[0]) == {"gate", "result", "evidence", "fix", "overridable", "overridden"}


def test_no_gate_passes_by_default() -> None:
    empty = Facts(
        ACCOUNT,
        {"termination_date": "2026-12-15", "new_root_email": "x@y.example"},
        at("2026-12-19T10:00:00-06:00"),
        calendar_of({}),
        sector="public_sector",
        topics=(TOPIC,),
        unread=(UNREAD,),
        membership=UNREAD,
    )
    rows = {row["gate"]: row["result"] for row in answers(empty)}
    assert rows.pop("dedicated_payer") == "pass"  # does not apply
    assert set(rows.values()) == {"fail", "unknown"}
    assert not is_ready(answers(empty))


def test_only_two_gates_can_be_overridden() -> None:
    rows = answers(facts())
    assert tuple(row["gate"] for row in rows if row["overridable"]) == OVERRIDABLE == ("business_hours", "nearest_date")


@pytest.mark.parametrize("gate", ["balance_current", "consent_to_assignment", "dedicated_payer"])
def test_an_override_of_the_hard_three_is_ignored_even_if_the_request_has_one(gate: str) -> None:
    changed: dict[str, Any] = {"sector": "public_sector", "payer": "dedicated", "kind": "payer"}
    row = answer(gate, {"balance_current": None}, overrides=dict.fromkeys(GATES, "the boss said so"), **changed)
    assert (row["result"], row["overridden"]) == ("fail", "")
    assert not is_ready([row])


# --- balance_current


def test_the_balance_is_confirmed_on_the_day() -> None:
    row = answer("balance_current")
    assert row["result"] == "pass"
    assert row["evidence"] == "confirmed by owner@customer.example at 2026-12-15T08:30:00-06:00: ticket note 3"


def test_a_confirmation_of_yesterday_does_not_count() -> None:
    row = answer("balance_current", {"balance_current": confirmed("2026-12-14T23:59:59-06:00")})
    assert row["result"] == "fail"
    assert row["evidence"].endswith("that was 2026-12-14, and the run is on 2026-12-15")
    assert "ask billing today" in row["fix"]


def test_the_day_of_a_confirmation_is_that_of_the_calendars_time_zone() -> None:
    # 05:30 UTC is 23:30 of the day before in Chicago, and noon of the same day in Tokyo
    confirmation = {"balance_current": confirmed("2026-12-15T05:30:00+00:00")}
    assert answer("balance_current", confirmation)["result"] == "fail"
    tokyo = {"country": "JP", "time_zone": "Asia/Tokyo"}
    assert (
        answer("balance_current", confirmation, calendar=tokyo, now=at("2026-12-15T09:00:00+00:00"))["result"] == "pass"
    )


def test_a_confirmation_may_be_a_moment_that_yaml_made() -> None:
    assert answer("balance_current", {"balance_current": confirmed(TUESDAY)})["result"] == "pass"


def test_a_confirmation_of_later_today_does_not_count() -> None:
    row = answer("balance_current", {"balance_current": confirmed("2026-12-15T16:00:00-06:00")})
    assert row["result"] == "fail"
    assert "lies in the future" in row["evidence"]


def test_without_a_confirmation_the_balance_is_not_current() -> None:
    assert answer("balance_current", {"balance_current": None})["result"] == "fail"


# --- dedicated_payer


@pytest.mark.parametrize(("payer", "kind"), [("shared", "payer"), ("dedicated", "member"), ("dedicated", "standalone")])
def test_only_the_dedicated_payer_itself_waits_for_the_16th(payer: str, kind: str) -> None:
    row = answer("dedicated_payer", payer=payer, kind=kind)
    assert row["result"] == "pass"
    assert row["evidence"].startswith("does not apply: ")


@pytest.mark.parametrize(
    ("now", "result"),
    [
        ("2026-12-15T23:59:59-06:00", "fail"),
        ("2026-12-16T00:00:00-06:00", "pass"),
        ("2026-12-16T05:59:59+00:00", "fail"),  # the 15th in Chicago still
        ("2026-12-16T06:00:00+00:00", "pass"),
        ("2027-01-01T10:00:00-06:00", "fail"),
        ("2028-02-29T10:00:00-06:00", "pass"),
    ],
)
def test_a_dedicated_payer_is_handed_over_from_the_16th_on(now: str, result: str) -> None:
    assert answer("dedicated_payer", payer="dedicated", kind="payer", now=at(now))["result"] == result


def test_a_dedicated_payer_is_told_the_first_day() -> None:
    row = answer("dedicated_payer", payer="dedicated", kind="payer", now=at("2027-01-05T10:00:00-06:00"))
    assert row["fix"] == "hand it over on 2027-01-19 or later; nothing overrides this"  # 16th Saturday, 18th holiday


# --- consent_to_assignment


def consent(generated_by: str, **signed: Any) -> dict[str, Any]:
    return {"consent_to_assignment": {"generated_by": generated_by, **signed}}


SIGNED = {"provider_signed_at": "2026-12-01", "customer_signed_at": "2026-12-02T10:00:00-06:00"}


def test_a_commercial_account_needs_no_consent() -> None:
    assert answer("consent_to_assignment")["evidence"].startswith("does not apply: ")


@pytest.mark.parametrize(
    ("changed", "generated_by", "result"),
    [
        ({"sector": "public_sector"}, "aws", "pass"),
        ({"sector": "public_sector"}, "provider", "fail"),
        ({"seller": "aws_india"}, "provider", "pass"),
        ({"seller": "aws_india"}, "aws", "fail"),
        ({"sector": "public_sector", "seller": "aws_india"}, "aws", "pass"),
    ],
)
def test_a_consent_is_made_by_aws_for_the_public_sector_and_by_the_provider_for_aws_india(
    changed: dict[str, Any], generated_by: str, result: str
) -> None:
    assert answer("consent_to_assignment", consent(generated_by, **SIGNED), **changed)["result"] == result


@pytest.mark.parametrize(
    ("signed", "missing"),
    [
        ({}, "not signed by the provider and the customer"),
        ({"provider_signed_at": "2026-12-01"}, "not signed by the customer"),
        ({"customer_signed_at": "2026-12-01"}, "not signed by the provider"),
        ({**SIGNED, "customer_signed_at": "2026-12-16"}, "not signed by the customer"),
        ({**SIGNED, "customer_signed_at": "2026-12-15T23:00:00-06:00"}, "not signed by the customer"),
    ],
)
def test_a_missing_signature_is_told(signed: dict[str, Any], missing: str) -> None:
    row = answer("consent_to_assignment", consent("aws", **signed), sector="public_sector")
    assert row["result"] == "fail"
    assert row["evidence"] == f"generated by aws; {missing}"
    assert "_signed_at" in row["fix"]


def test_a_missing_consent_is_told_with_who_makes_it() -> None:
    assert "have AWS make it" in answer("consent_to_assignment", sector="public_sector")["fix"]
    assert "customer success manager make it" in answer("consent_to_assignment", seller="aws_india")["fix"]


# --- business_hours


def test_business_hours_pass_on_a_tuesday_morning() -> None:
    row = answer("business_hours")
    assert row["result"] == "pass"
    assert row["evidence"] == "it is Tuesday 2026-12-15 10:00 CST (America/Chicago), business hours are 09:00 to 17:00"


@pytest.mark.parametrize(
    ("now", "why", "opens"),
    [
        ("2026-12-19T10:00:00-06:00", "a Saturday", "Monday 2026-12-21 09:00 CST"),
        ("2026-12-25T10:00:00-06:00", "Christmas Day, a public holiday (US)", "Monday 2026-12-28 09:00 CST"),
        ("2026-12-15T08:00:00-06:00", "business hours are 09:00 to 17:00", "Tuesday 2026-12-15 09:00 CST"),
        ("2026-12-15T17:00:00-06:00", "business hours are 09:00 to 17:00", "Wednesday 2026-12-16 09:00 CST"),
        ("2026-03-07T10:00:00-06:00", "a Saturday", "Monday 2026-03-09 09:00 CDT"),
    ],
)
def test_outside_of_business_hours_the_next_opening_is_told(now: str, why: str, opens: str) -> None:
    row = answer("business_hours", now=at(now))
    assert row["result"] == "fail"
    assert row["evidence"].endswith(why)
    assert f"run it from {opens} on" in row["fix"]


def test_an_override_of_business_hours_has_its_reason_recorded() -> None:
    row = answer("business_hours", now=at("2026-12-19T10:00:00-06:00"), overrides={"business_hours": "ticket note 7"})
    assert (row["result"], row["overridden"]) == ("fail", "ticket note 7")
    assert is_ready([row])


def test_an_override_that_is_not_needed_is_not_used() -> None:
    assert answer("business_hours", overrides={"business_hours": "ticket note 7"})["overridden"] == ""


# --- nearest_date


def test_the_agreed_day_that_is_nearest_to_termination_passes() -> None:
    row = answer("nearest_date")
    assert (row["result"], row["evidence"]) == (
        "pass",
        "2026-12-15 is the workable date nearest to the termination date 2026-12-15",
    )


def test_a_day_that_nobody_agreed_on_passes_where_it_is_the_nearest() -> None:
    row = answer("nearest_date", transfer_date=None)
    assert row["result"] == "pass"
    assert "not agreed on" in row["evidence"]


def test_another_day_than_the_agreed_one_fails() -> None:
    row = answer("nearest_date", transfer_date="2026-12-16")
    assert row["result"] == "fail"
    assert row["evidence"] == "agreed is 2026-12-16, and the run is on 2026-12-15"


@pytest.mark.parametrize(("termination", "nearest"), [("2026-12-19", "2026-12-18"), ("2026-12-31", "2026-12-31")])
def test_an_agreed_day_that_is_not_the_nearest_fails(termination: str, nearest: str) -> None:
    row = answer("nearest_date", termination_date=termination)
    assert row["result"] == "fail"
    assert f"nearest to the termination date {termination} is {nearest}, not 2026-12-15" in row["evidence"]
    assert row["fix"].startswith(f"agree on {nearest} as transfer_date")


@pytest.mark.parametrize(("day", "result"), [("25", "pass"), ("27", "pass"), ("24", "fail")])
def test_of_two_days_that_are_as_near_both_pass(day: str, result: str) -> None:
    changed = {"termination_date": "2026-11-26", "transfer_date": f"2026-11-{day}"}
    assert answer("nearest_date", now=at(f"2026-11-{day}T10:00:00-06:00"), **changed)["result"] == result


def test_the_nearest_day_that_has_passed_can_only_be_overridden() -> None:
    row = answer("nearest_date", termination_date="2026-12-01", overrides={"nearest_date": "the request came late"})
    assert row["fix"].startswith("that day has passed, so override it")
    assert row["overridden"] == "the request came late"


def test_for_a_dedicated_payer_the_nearest_day_is_one_after_the_15th() -> None:
    changed = {"payer": "dedicated", "kind": "payer", "now": at("2026-12-16T10:00:00-06:00")}
    assert answer("nearest_date", transfer_date="2026-12-16", **changed)["result"] == "pass"


def test_days_may_be_dates_that_yaml_made() -> None:
    day = date(2026, 12, 15)
    assert answer("nearest_date", termination_date=day, transfer_date=day)["result"] == "pass"


# --- billing_access


def test_the_billing_pages_open_where_the_customer_says_so() -> None:
    assert answer("billing_access")["result"] == "pass"
    assert answer("billing_access", {"billing_access": None})["result"] == "fail"
    assert answer("billing_access", {"billing_access": confirmed("2026-12-16T08:00:00-06:00")})["result"] == "fail"


@pytest.mark.parametrize("kind", ["payer", "member"])
def test_with_a_dedicated_payer_billing_comes_at_the_end(kind: str) -> None:
    row = answer("billing_access", {"billing_access": None}, payer="dedicated", kind=kind)
    assert row["result"] == "pass"
    assert row["evidence"] == "does not apply: with a dedicated payer, the payment method is a manual step at the end"


# --- customer_way_in


def way_in(administrator: Any, arn: str = ADMIN, **changed: Any) -> dict[str, Any]:
    return answer(
        "customer_way_in", {"customer_way_in": confirmed(principal=arn)}, administrator=administrator, **changed
    )


def user(**values: Any) -> Administrator:
    return Administrator(ADMIN, **{"administers_by": "AdministratorAccess", "signs_in_by": "a password", **values})


def role(*trusts: str, arn: str = ROLE, **values: Any) -> Administrator:
    return Administrator(arn, **{"administers_by": "AdministratorAccess", "trusts": trusts, **values})


def test_the_root_user_is_a_way_in_by_confirmation() -> None:
    assert answer("customer_way_in")["evidence"].startswith("the root user, by its new address; confirmed by owner@")
    assert "which is the customer's already" in answer("customer_way_in", model="ecam")["evidence"]
    assert "by its new address" in answer("customer_way_in", model="ecam", kind="payer")["evidence"]


def test_without_a_confirmation_there_is_no_way_in() -> None:
    assert answer("customer_way_in", {"customer_way_in": None})["result"] == "fail"
    assert answer("customer_way_in", {"customer_way_in": confirmed("2027-01-01T00:00:00Z")})["result"] == "fail"


def test_a_named_user_with_a_password_is_a_way_in() -> None:
    row = way_in(user())
    assert row["result"] == "pass"
    assert row["evidence"].startswith(f"{ADMIN} administers by AdministratorAccess, has a password; confirmed by")


@pytest.mark.parametrize("principal", [CUSTOMER, f"arn:aws:iam::{CUSTOMER}:root", f"arn:aws:iam::{CUSTOMER}:role/a/b"])
def test_a_named_role_that_trusts_the_customers_account_is_a_way_in(principal: str) -> None:
    row = way_in(role(PROVIDER, principal), ROLE)
    assert row["result"] == "pass"
    assert f"trusts {principal};" in row["evidence"]


@pytest.mark.parametrize(
    ("administrator", "why"),
    [
        (Administrator(ADMIN, exists=False), "does not exist"),
        (user(administers_by=""), "is no administrator: no policy of its own allows everything"),
        (user(boundary="arn:aws:iam::1:policy/x"), "is limited by the permissions boundary arn:aws:iam::1:policy/x"),
        (user(signs_in_by=""), "has neither a password nor an active access key"),
        (role(CUSTOMER, administers_by=""), "is no administrator: no policy of its own allows everything"),
        (role(CUSTOMER, arn=f"arn:aws:iam::{ACCOUNT}:role/Rackspace"), "is the provider's role, which goes"),
        (
            role(CUSTOMER, arn=f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"),
            "is a role of IAM Identity Center, which depends on whose Identity Center it is",
        ),
        (role(PROVIDER, PAYER), f"is assumed by nobody but the provider and services ({PROVIDER}, {PAYER})"),
        (role(THEIRS), f"is assumed by nobody but the provider and services ({THEIRS})"),
        (role("ec2.amazonaws.com"), "is assumed by nobody but the provider and services (ec2.amazonaws.com)"),
        (role("AROAEXAMPLEOFADELETED"), "is assumed by nobody but the provider and services (AROAEXAMPLEOFADELETED)"),
        (role(), "is assumed by nobody but the provider and services (nobody)"),
        (role("*"), "trusts everybody, which is nobody's way in"),
    ],
)  # fmt: skip
def test_an_administrator_that_is_no_way_in_is_told_with_why(administrator: Administrator, why: str) -> None:
    row = way_in(administrator, administrator.arn)
    assert (row["result"], row["evidence"]) == ("fail", f"{administrator.arn} {why}")


@pytest.mark.parametrize(
    ("trusted", "why"),
    [
        (f"arn:aws:iam::{ACCOUNT}:saml-provider/Idp", "is assumed through arn:aws:iam::111111111111:saml-provider/Idp"),
        (f"arn:aws:iam::{ACCOUNT}:oidc-provider/idp", "is assumed through arn:aws:iam::111111111111:oidc-provider/idp"),
        (ACCOUNT, "is assumed from within the account only (111111111111)"),
    ],
)
def test_a_role_of_which_nobody_can_tell_who_assumes_it_is_unknown(trusted: str, why: str) -> None:
    row = way_in(role(PROVIDER, trusted), ROLE)
    assert row["result"] == "unknown"
    assert row["evidence"].startswith(f"{ROLE} {why}")


def test_an_administrator_that_cannot_be_read_is_unknown() -> None:
    row = way_in(Unread("iam", "global", "GetUser AccessDenied: no", "grant this action"))
    assert row["result"] == "unknown"
    assert row["evidence"] == f"{ADMIN} cannot be read: GetUser AccessDenied: no"
    assert row["fix"].startswith("grant this action; or name another")
    assert way_in(None)["result"] == "unknown"


# --- topic_users


def alarm(name: str = "orders", topic: str = TOPIC) -> TopicUser:
    return TopicUser(topic, "metric_alarm", "us-east-1", (ALARM.replace("orders", name), name))


def searched(row: Mapping[str, Any]) -> str:
    """Return the evidence without its end, which always says what was not searched."""
    evidence, told, left = str(row["evidence"]).partition("; not searched: ")
    assert told
    assert "notifications of backup vaults" in left
    return evidence


def test_nothing_that_points_at_a_topic_passes() -> None:
    assert searched(answer("topic_users")) == "nothing points at the 1 topic that goes"
    assert answer("topic_users", topics=())["evidence"] == "no topic goes"


def test_everything_that_points_at_a_topic_is_listed() -> None:
    row = answer("topic_users", topic_users=(alarm("a"), alarm("b")))
    assert row["result"] == "fail"
    assert row["evidence"].startswith("2 still point at a topic that goes: metric_alarm ")
    assert all(name in row["evidence"] for name in ("alarm:a in us-east-1 at rackspace-support", "alarm:b"))


@pytest.mark.parametrize("name", [ALARM, "orders"])
def test_a_user_is_accepted_by_its_arn_or_its_name(name: str) -> None:
    row = answer("topic_users", topic_users=(alarm(),), accept_topic_users={name: "ticket note 8"})
    assert row["result"] == "pass"
    assert searched(row) == f"nothing else points at the 1 topic that goes; accepted: {ALARM} (ticket note 8)"


@pytest.mark.parametrize("name", ["*", "order", "ORDERS", ALARM + "2", "metric_alarm"])
def test_nothing_is_accepted_by_a_pattern_or_a_part(name: str) -> None:
    assert answer("topic_users", topic_users=(alarm(),), accept_topic_users={name: "x"})["result"] == "fail"


def test_what_is_not_accepted_beside_what_is_fails() -> None:
    row = answer("topic_users", topic_users=(alarm(), alarm("b")), accept_topic_users={"orders": "ticket note 8"})
    assert row["result"] == "fail"
    assert "1 still point at a topic that goes" in row["evidence"]
    assert searched(row).endswith(f"accepted: {ALARM} (ticket note 8)")


def test_what_could_not_be_searched_is_unknown_and_named() -> None:
    row = answer("topic_users", unread=(UNREAD,))
    assert row["result"] == "unknown"
    assert searched(row) == "not read: redshift in us-east-1 (DescribeEventSubscriptions AccessDenied: no)"
    assert (
        row["fix"]
        == "grant this action; or accept that by its name: offboarding.accept_topic_users: {unknown:redshift: <reason>}"
    )


def test_regions_that_could_not_be_searched_for_one_reason_are_told_together() -> None:
    unread = [
        Unread("rds", region, why) for region, why in (("eu-west-1", "no"), ("us-east-1", "no"), ("us-west-2", "so"))
    ]
    row = answer("topic_users", unread=tuple(unread))
    assert searched(row) == "not read: rds in eu-west-1, us-east-1 (no); rds in us-west-2 (so)"
    assert row["fix"].startswith("make it readable; or accept that by its name")


def test_what_could_not_be_searched_is_accepted_by_the_scans_name() -> None:
    row = answer("topic_users", unread=(UNREAD,), accept_topic_users={"unknown:redshift": "not used"})
    assert row["result"] == "pass"
    assert searched(row).endswith("accepted: unknown:redshift (not used)")
    assert answer("topic_users", unread=(UNREAD,), accept_topic_users={"unknown:rds": "x"})["result"] == "unknown"


def test_a_user_that_is_found_weighs_more_than_what_could_not_be_searched() -> None:
    row = answer("topic_users", topic_users=(alarm(),), unread=(UNREAD,))
    assert row["result"] == "fail"
    assert "not read: redshift" in row["evidence"]


# --- leave_organization


def leaving(**changed: Any) -> dict[str, Any]:
    return answer("leave_organization", **changed)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"keep_organization": True, "membership": UNREAD}, "keep_organization is true"),
        ({"membership": None}, "the account is in no organization"),
        ({"membership": Membership("o-x", ACCOUNT)}, "it is the management account of o-x"),
    ],
)
def test_who_leaves_nothing_needs_nothing(changed: dict[str, Any], why: str) -> None:
    row = leaving(**changed)
    assert (row["result"], row["evidence"]) == ("pass", f"does not apply: {why}")


def test_a_member_that_has_all_may_leave() -> None:
    row = leaving()
    assert row["result"] == "pass"
    assert row["evidence"].startswith(
        "member of o-provider001 of 888888888888; contact information with a phone number;"
    )


@pytest.mark.parametrize(
    "recorded", [None, {"management_account_id": CUSTOMER}, {"id": "o-other", "management_account_id": PAYER}]
)
def test_a_member_of_another_organization_than_the_records_fails(recorded: Any) -> None:
    row = leaving(recorded_organization=recorded)
    assert row["result"] == "fail"
    assert row["evidence"].startswith("member of o-provider001 of 888888888888, and the record names")


def test_an_organization_is_known_by_its_management_account_where_the_record_has_no_id() -> None:
    assert leaving(recorded_organization={"id": None, "management_account_id": PAYER})["result"] == "pass"


def test_whether_it_is_a_member_may_be_unknown() -> None:
    assert leaving(membership=UNREAD)["result"] == "unknown"


@pytest.mark.parametrize(
    ("contact", "model", "result"),
    [
        (None, "spam", "pass"),  # the phase account sets it
        (None, "ecam", "fail"),
        (Contact(""), "ecam", "fail"),
        (Contact("+1"), "ecam", "pass"),
        (Contact("+1", "NOT_SUPPORTED"), "spam", "pass"),
        (Contact("+1", "UNVERIFIED"), "spam", "fail"),
        (Contact("+1", "PENDING"), "spam", "fail"),
        (UNREAD, "spam", "unknown"),
    ],
)
def test_the_contact_information_has_a_phone_number_that_is_verified(contact: Any, model: str, result: str) -> None:
    assert leaving(contact=contact, model=model)["result"] == result


def test_a_payment_method_rests_on_a_confirmation() -> None:
    row = answer("leave_organization", {"payment_method": None})
    assert row["result"] == "unknown"
    assert row["evidence"].startswith("whether it has a payment method of its own, no API tells")
    assert answer("leave_organization", {"payment_method": confirmed("2027-01-01T00:00:00Z")})["result"] == "fail"


def member(**values: Any) -> Membership:
    return Membership("o-provider001", PAYER, **{"joined_by": "INVITED", **values})


def test_a_delegated_administrator_is_told_with_its_services() -> None:
    row = leaving(membership=member(administers=("config.amazonaws.com", "guardduty.amazonaws.com")))
    assert row["result"] == "fail"
    assert row["evidence"].startswith("it is the delegated administrator of config.amazonaws.com, guardduty")
    assert leaving(membership=member(administers=UNREAD))["result"] == "unknown"


@pytest.mark.parametrize(
    ("joined", "result"),
    [
        ({"joined_by": "CREATED", "joined_at": TUESDAY - timedelta(days=4)}, "pass"),
        ({"joined_by": "CREATED", "joined_at": TUESDAY - timedelta(days=4) + timedelta(seconds=1)}, "fail"),
        ({"joined_by": "INVITED", "joined_at": TUESDAY}, "pass"),
        ({"joined_by": "CREATED"}, "unknown"),
        ({"joined_by": UNREAD}, "unknown"),
    ],
)
def test_a_created_account_waits_four_days_and_an_invited_one_none(joined: dict[str, Any], result: str) -> None:
    assert leaving(membership=member(**joined))["result"] == result


def test_the_end_of_the_waiting_period_is_told_in_the_calendars_time_zone() -> None:
    joined = {"joined_by": "CREATED", "joined_at": datetime(2026, 12, 14, 3, tzinfo=UTC)}
    assert leaving(membership=member(**joined))["fix"] == "AWS lets it leave from Thursday 2026-12-17 21:00 CST on"


def test_all_that_stands_in_the_way_is_told_and_comes_first() -> None:
    row = answer(
        "leave_organization",
        {"payment_method": None},
        contact=None,
        model="ecam",
        membership=member(administers=("x",)),
    )
    assert row["result"] == "fail"
    parts = row["evidence"].split("; ")
    assert parts[0] == "no contact information"
    assert parts[1].startswith("it is the delegated administrator of x")
    assert parts[2].startswith("whether it has a payment method")
    assert row["fix"].count("; ") == 2
