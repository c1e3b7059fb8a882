"""What the hand-over says: what every run did, what stays and costs, what is open, and whether the proof holds (E8)."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.handover import (
    KEPT,
    handover_record,
    last_cycle,
    removal_evidence,
    removed,
)

ACCOUNT: dict[str, Any] = {
    "account_id": "811111111111",
    "account_name": "departing",
    "account_ddi": "1234567",
    "account_email": "aws+departing@example.com",
    "account_kind": "member",
    "account_model": "spam",
    "account_payer": "shared",
    "organization": {"id": "o-rackspace01", "management_account_id": "100000000001"},
    "time_zone": "America/Chicago",
}
SEEN = {"by": "owner@customer.example", "at": "2026-11-21T09:00:00-06:00", "evidence": "seen, ticket note 4"}
REQUEST: dict[str, Any] = {
    "ticket": "261121-00042",
    "termination_date": "2026-12-15",
    "new_root_email": "aws-root@departing.example",
    "authorized_signatory": {"name": "Olivia Owner", "email": "owner@departing.example"},
    "contact": {"company_name": "Customer Example Inc."},
    "confirmations": {"customer_way_in": {**SEEN, "principal": "arn:aws:iam::811111111111:user/owner"}},
}
TOPIC = "arn:aws:sns:us-east-1:811111111111:rackspace-support"
SUBSCRIPTION = f"{TOPIC}:9868f6d8-bd28-41ca-a943-ddfb77ef563b"
ELSEWHERE = TOPIC.replace("us-east-1", "us-west-2")
RULE = "arn:aws:events:us-east-1:811111111111:rule/rackspace-dispatcher"


def entry(event: str, run: str = "run-1", at: str = "2026-12-16T04:30:00Z", **data: Any) -> dict[str, Any]:
    return {"event": event, "run": run, "at": at, "ticket": "261121-00042", "data": data}


def begun(*arns: str, run: str = "run-1") -> dict[str, Any]:
    return entry("cleanup_begun", run, removes=list(arns))


def done(*arns: str, run: str = "run-1", **more: Any) -> dict[str, Any]:
    lists: dict[str, Any] = {"detached": [], "kept": [], "to_decide": [], "failed": [], "out_of_reach": []}
    return entry("cleanup_done", run, removed=list(arns), **{**lists, **more})


def role(name: str, action: str, line: str = "", via: str = "provider") -> dict[str, Any]:
    return {"role": name, "via": via, "action": action, "reason": "", "customer_line": line}


def proven(*roles: dict[str, Any], holds: bool = True) -> dict[str, Any]:
    event = "last_role_done" if holds else "last_role_unproven"
    tries = {"role": "Rackspace", "from": "arn:caller", "attempts": 11, "refused": True, "seconds": 300.0}
    return entry(event, roles=list(roles), proof=[tries], proven=holds, ways_left=[])


def account_done(email: str = "compliant", manual: bool = False) -> dict[str, Any]:
    contacts = [
        {"default": "contact_information", "state": "compliant", "after": {"differs": []}},
        {"default": "primary_email", "state": email, "after": None},
    ]
    return entry("account_done", contacts=contacts, root={"changed": not manual, "manual": manual, "reason": "why"})


def record(*entries: dict[str, Any], account: Any = None, **request: Any) -> dict[str, Any]:
    return handover_record({**ACCOUNT, **(account or {})}, {**REQUEST, **request}, entries)


# what was removed


def test_what_went_is_told_by_kind_and_name_with_its_regions() -> None:
    assert removed([begun(), done(TOPIC, SUBSCRIPTION, ELSEWHERE, RULE)], [role("Rackspace", "deleted")]) == [
        {"kind": "EventBridge rule", "name": "rackspace-dispatcher", "regions": ["us-east-1"]},
        {"kind": "IAM role", "name": "Rackspace", "regions": []},
        {"kind": "SNS topic", "name": "rackspace-support", "regions": ["us-east-1", "us-west-2"]},
    ]


def test_what_several_runs_removed_is_told_together() -> None:
    found = removed([begun(TOPIC, RULE), done(TOPIC), begun(RULE, run="run-2"), done(RULE, run="run-2")], [])
    assert {row["name"] for row in found} == {"rackspace-support", "rackspace-dispatcher"}


def test_a_run_that_was_cut_off_removed_what_the_next_did_not_find() -> None:
    found = removed([begun(TOPIC, RULE), begun(RULE, run="run-2"), done(RULE, run="run-2")], [])
    assert {row["name"] for row in found} == {"rackspace-support", "rackspace-dispatcher"}
    assert removed([begun(TOPIC)], []) == []  # nobody has looked since


def test_a_cleanup_that_was_refused_removed_nothing() -> None:
    refused = entry("stopped", outcome="refused")
    found = removed([begun(TOPIC), refused, begun(RULE, run="run-2"), done(RULE, run="run-2")], [])
    assert [row["name"] for row in found] == ["rackspace-dispatcher"]


def test_a_resource_of_an_unknown_kind_is_told_by_its_arn() -> None:
    assert removed([done("arn:aws:sqs:us-east-1:1:x")], [])[0]["name"] == "arn:aws:sqs:us-east-1:1:x"


def test_an_account_that_was_onboarded_again_is_told_as_it_was_handed_back_last() -> None:
    first = [entry("gates_answered"), begun(TOPIC), done(TOPIC), entry("handed_over")]
    second = [entry("gates_answered", "run-2"), begun(RULE, run="run-2"), done(RULE, run="run-2")]
    assert last_cycle([*first, *second]) == second
    again = [entry("gates_answered", "run-3"), begun(run="run-3"), done(run="run-3")]
    assert last_cycle([*first, *again]) == [*first, *again]  # a second run that had nothing to do


# what stays


def target(default: str, region: str = "global", why: str = "stays") -> dict[str, str]:
    return {"default": default, "region": region, "why": why}


def test_what_stays_is_told_with_what_it_costs() -> None:
    kept = [target("logs_bucket", "us-west-2"), target("rackspace_role"), target("password_policy")]
    found = record(done(kept=kept, detached=[target("trail", "us-east-1", ""), target("trail", "us-west-2", "")]))
    assert [(row["default"], row["regions"]) for row in found["kept"]] == [
        ("password_policy", []),
        ("logs_bucket", ["us-west-2"]),
        ("trail", ["us-east-1", "us-west-2"]),
    ]
    assert all(row["costs"] for row in found["kept"])
    assert "no longer notifies" in found["kept"][2]["why"]


def test_what_was_noted_of_what_was_detached_is_told_once_with_the_longest_time() -> None:
    gap = [
        {**target("recorder", region), "findings": [f"stopped for {seconds} s: made anew."]}
        for region, seconds in (("us-west-2", "0.6"), ("us-east-1", "1.25"), ("eu-west-1", "1"))
    ]
    assert record(done(detached=gap))["notes"] == [
        {"what": "stopped for 1.25 s at most: made anew", "regions": ["eu-west-1", "us-east-1", "us-west-2"]}
    ]


def test_no_price_is_invented() -> None:
    assert not any("$" in costs or "USD" in costs for _, costs in KEPT.values())


def test_evidence_of_a_cleanup_tells_what_failed_from_what_went() -> None:
    rows: list[dict[str, Any]] = [
        {"state": "compliant", "changed": True, "action": "remove", "resources": [TOPIC]},
        {"state": "failed", "changed": True, "action": "remove", "resources": [RULE], "reason": "refused"},
        {"state": "compliant", "changed": True, "action": "detach", "resources": []},
        {"state": "foreign", "changed": False, "action": "keep", "resources": [], "reason": "trusts another"},
        {"state": "skipped", "changed": False, "action": "keep", "resources": [], "reason": "stays"},
        {"state": "compliant", "changed": False, "action": "none", "resources": []},
    ]
    targets = [{"default": f"d{number}", "region": "us-east-1", **row} for number, row in enumerate(rows)]
    evidence = removal_evidence({"targets": targets, "digest": "sha256:1", "out_of_reach": ["me-south-1"]})
    assert evidence["removed"] == [TOPIC]
    names = {name: [row["default"] for row in evidence[name]] for name in ("detached", "kept", "to_decide", "failed")}
    assert names == {"detached": ["d2"], "kept": ["d4"], "to_decide": ["d3"], "failed": ["d1"]}
    assert evidence["out_of_reach"] == ["me-south-1"]


# how it ended


ALL_CONFIRMED = {
    "confirmations": {
        **REQUEST["confirmations"],
        **dict.fromkeys(("payment_method", "support_plan", "root_password", "neutralised_role"), SEEN),
    }
}


def test_it_is_complete_only_if_nothing_is_open_and_the_proof_holds() -> None:
    good = (account_done(), proven(role("Rackspace", "deleted")))
    assert record(*good, **ALL_CONFIRMED)["state"] == "complete"
    assert record(*good)["state"] == "open manual steps"
    assert record(account_done(), proven(role("Rackspace", "deleted"), holds=False), **ALL_CONFIRMED)["state"] == (
        "open manual steps"
    )
    assert record(account_done(), **ALL_CONFIRMED)["state"] == "open manual steps"


def test_a_neutralised_role_is_a_step_with_the_lines_that_delete_what_is_left() -> None:
    line = "aws iam detach-role-policy --role-name R --policy-arn arn:p && aws iam delete-role --role-name R"
    steps = {s["step"]: s for s in record(account_done(), proven(role("R", "neutralised", line)))["manual_steps"]}
    assert steps["neutralised_role"]["state"] == "open"
    assert steps["neutralised_role"]["instructions"][-1] == line


def test_what_was_done_stays_done_where_a_later_run_cannot_see_it() -> None:
    steps = {step["step"]: step for step in record(account_done(), account_done("skipped"))["manual_steps"]}
    assert steps["root_email"]["state"] == "not_needed"
    assert {s["step"]: s for s in record(account_done("skipped"))["manual_steps"]}["root_email"]["state"] == "open"


def test_a_role_that_a_later_run_could_not_see_is_told_as_it_was_seen_last() -> None:
    line = "aws iam delete-role --role-name Rackspace"
    first, later = proven(role("Rackspace", "neutralised", "first")), proven(role("Rackspace", "out_of_reach", line))
    assert record(first, later)["roles"][0]["customer_line"] == "first"
    assert record(later)["roles"][0]["customer_line"] == line


def test_a_role_that_a_run_deleted_before_it_was_cut_off_is_told_as_deleted() -> None:
    arn = "arn:aws:iam::811111111111:role/Rackspace"
    there = entry("last_role_begun", residual=[{"resource": arn, "state": "leaving"}], partition="aws")
    assert record(there, proven(role("Rackspace", "absent")))["roles"][0]["action"] == "deleted"
    assert record(proven(role("Other", "absent")))["roles"][0]["action"] == "absent"


def test_a_confirmation_since_the_hand_over_changes_its_state() -> None:
    good = (account_done(), proven(role("Rackspace", "deleted")))
    states = {step["step"]: step["state"] for step in record(*good)["manual_steps"]}
    handed_over = entry("handed_over", manual_steps=states)
    assert not record(*good, handed_over)["state_changed"]
    assert record(*good, handed_over, **ALL_CONFIRMED)["state_changed"]


# what people are told


def test_the_day_is_that_of_the_calendars_clocks() -> None:
    assert record(proven())["transfer_date"] == "2026-12-15"
    assert record(proven(), account={"time_zone": "UTC"})["transfer_date"] == "2026-12-16"
    assert record()["transfer_date"] == ""


def test_the_bill_is_split_by_the_day() -> None:
    text = " ".join(record(proven())["billing"])
    assert "Up to 2026-12-15 the provider" in text
    assert "second month" in text
    assert "From 2026-12-15 AWS bills you directly" in text
    kept = " ".join(record(proven(), keep_organization=True)["billing"])
    assert "bills the management account of the organization" in kept


@pytest.mark.parametrize("model", ["spam", "ecam"])
def test_ways_in_are_those_that_the_model_leaves(model: str) -> None:
    ways = record(account={"account_model": model})["ways_in"]
    assert any("user/owner" in way for way in ways)
    assert any("Forgot password" in way for way in ways) == (model == "spam")


def test_an_organization_that_is_kept_is_a_way_in() -> None:
    assert any("o-rackspace01" in way for way in record(keep_organization=True)["ways_in"])
    assert not any("o-rackspace01" in way for way in record()["ways_in"])


def test_residual_access_that_was_accepted_is_told() -> None:
    rows = [{"resource": "arn:x", "state": state} for state in ("accepted", "leaving")]
    assert record(entry("last_role_begun", residual=rows))["residual"] == [rows[0]]
