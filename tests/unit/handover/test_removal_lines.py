"""The plan as a person reads it: what needs a decision first, then what goes and what stays, with why."""

from __future__ import annotations

from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.filter.removal_lines import removal_lines

REGIONS = ["eu-west-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"]


def row(default: str, action: str, state: str = "drifted", region: str = "global", **more: Any) -> dict[str, Any]:
    changed = state == "drifted"
    found = {"default": default, "action": action, "state": state, "region": region, "changed": changed}
    return {**found, "resources": [], **more}


def lines(*rows: Any, **more: Any) -> list[str]:
    return removal_lines({"targets": list(rows), "account": {"regions": REGIONS}}, **more)


PLAN = (
    *(row("support_topic", "remove", region=region, resources=["arn"]) for region in REGIONS),
    row("trail", "detach", region="us-east-1"),
    row("logs_bucket", "keep", "skipped", "us-west-2", reason="it holds the logs"),
    row("cloudhealth_role", "keep", "foreign", reason="role CloudHealth-Role trusts 999999999999"),
    row("dispatcher_role", "none", "compliant"),
)


def test_it_begins_with_what_goes() -> None:
    assert lines(*PLAN)[0] == "5 resources go, 1 are detached, 1 are kept, 1 to decide"


def test_regions_are_folded_and_reasons_told() -> None:
    told = lines(*PLAN)
    assert any(line.split()[:5] == ["remove", "support_topic", "in", "5", "regions"] for line in told)
    assert any("logs_bucket" in line and line.endswith("it holds the logs") for line in told)


def test_what_is_to_be_decided_comes_before_what_goes() -> None:
    text = "\n".join(lines(*PLAN))
    assert text.index("to decide  cloudhealth_role") < text.index("remove")


def test_what_is_not_there_is_not_told() -> None:
    assert "dispatcher_role" not in "\n".join(lines(*PLAN))


def test_what_could_not_be_read_is_told_with_every_region() -> None:
    error = {"operation": "ListTopics", "code": "AccessDenied", "message": "no", "fix": "grant this action"}
    rows = [row("support_topic", "keep", "unknown", region, error=error) for region in REGIONS]
    (told,) = [line for line in lines(*rows) if "support_topic" in line]
    assert told.startswith("unknown")
    assert ", ".join(REGIONS) in told
    assert told.endswith("ListTopics AccessDenied: no - grant this action")


def test_afterwards_it_is_told_as_done() -> None:
    done = [{**one, "state": "compliant"} if one["state"] == "drifted" else one for one in PLAN]
    told = lines(*done, done=True)
    assert told[0].startswith("5 resources were removed, 1 were detached")
    assert any(line.startswith("removed ") for line in told)


def test_findings_are_told_once() -> None:
    rows = [row("trail", "keep", "skipped", region, findings=["it logs elsewhere"]) for region in REGIONS]
    assert [line for line in lines(*rows) if "finding" in line] == ["finding: it logs elsewhere in 5 regions"]


def test_an_account_in_which_nothing_is_left_has_no_table() -> None:
    assert lines(row("trail", "none", "compliant")) == ["0 resources go, 0 are detached, 0 are kept", ""]
