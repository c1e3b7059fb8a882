# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The EventBridge rule that sends AWS Health RISK events to the provider (B15)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import naming
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    AccountDefault,
    Observed,
    Removed,
    Skip,
    State,
    Target,
)

TARGET_ID = "rackspace-dispatcher"
REPLACING = ("Input", "InputPath", "InputTransformer")  # of a target: what it sends in place of the event


def replaced(found: Mapping[str, Any]) -> str:
    """Say that a target sends something else than the event; "" where it sends the event."""
    given = [key for key in REPLACING if found.get(key) and (key, found[key]) != ("InputPath", "$")]
    return f"target {found['Id']} sends something else than the event ({given[0]}); take it out" if given else ""


class DispatcherRule(AccountDefault):
    """One rule on the default bus, with one target in the shared management services account.

    Source: EventBridge API Reference, PutRule (what is left out is lost) and PutTargets (may fail in part with 200).
    """

    name = "dispatcher_rule"
    service = "events"
    title = "Rule for AWS Health RISK events"
    section = "risk_events"
    requirement = "B15"
    required = False
    on_release = "remove"
    needs = ("dispatcher_role",)
    not_yet = ("ConcurrentModificationException",)
    options = {
        **naming.DISPATCHER,
        "health_services": {"type": "list", "elements": "str", "default": ["RISK"]},
    }
    permissions = (
        "events:DescribeRule",
        "events:ListTargetsByRule",
        "events:ListTagsForResource",
        "events:PutRule",
        "events:PutTargets",
        "events:TagResource",
        "iam:PassRole",
    )

    removal_permissions = ("events:RemoveTargets", "events:DeleteRule")

    def is_not_yet(self, error: Exception) -> bool:
        """What was just made, or removed, is refused with codes that have many other causes: the text tells."""
        late = ("cannot be assumed by principal", "can't be deleted since it has targets")
        return super().is_not_yet(error) or any(text in str(error) for text in late)

    def region(self, options: Mapping[str, Any]) -> str:
        """Return the region of the rule, by default us-east-1."""
        return str(options["events_region"])

    def observe(self, target: Target) -> Observed:
        """Return the rule and our target; it is ours if every target is the provider's, or it carries our tag."""
        client, name = target.client("events"), target.options["dispatcher_name"]
        rule = naming.found(client.describe_rule, "ResourceNotFoundException", Name=name)
        if rule is None:
            return Observed()
        targets = [
            found
            for page in client.get_paginator("list_targets_by_rule").paginate(Rule=name)
            for found in page["Targets"]
        ]
        wanted = naming.dispatcher_target_arn(target.options, target.account.partition)
        ours = next((found for found in targets if found["Arn"] == wanted), None)
        others = [found["Arn"] for found in targets if found is not ours]
        pattern = json.loads(rule.get("EventPattern") or "{}")
        state = {
            "rule_name": name,
            "event_pattern": pattern,
            "enabled": rule["State"].startswith("ENABLED"),
            "target": {"arn": ours["Arn"], "role_arn": ours.get("RoleArn", "")} if ours else None,
        }
        provider = target.options["provider_account_id"]
        proven = (
            pattern == self._pattern(target)
            if not targets
            else all(found["Arn"].split(":")[4] == provider for found in targets)
        )
        foreign = (
            ""
            if proven or self._is_tagged(target, rule)
            else f"rule {name} exists" + (f" and sends to {', '.join(others)}" if others else " with another pattern")
        )
        findings = tuple(f"rule {name} also sends to {arn}, which is not ours" for arn in others)
        if ours and replaced(ours):
            findings += (replaced(ours),)
        raw = {"rule": rule, "target": ours or {"Id": TARGET_ID}, "targets": targets, "pattern": pattern}
        return Observed(state, foreign, findings, raw)

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return the rule and its target."""
        name, account = target.options["dispatcher_name"], target.account
        return {
            "rule_name": name,
            "event_pattern": self._pattern(target),
            "enabled": True,
            "target": {
                "arn": naming.dispatcher_target_arn(target.options, account.partition),
                "role_arn": f"arn:{account.partition}:iam::{account.id}:role/{name}",
            },
        }

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        """Write the rule, then its target; other targets stay."""
        client, name, before = target.client("events"), after["rule_name"], seen.state or {}
        if any(before.get(part) != after[part] for part in ("event_pattern", "enabled")):
            rule = (seen.raw or {}).get("rule", {})
            client.put_rule(
                Name=name,
                EventPattern=json.dumps(after["event_pattern"]),
                State="ENABLED",
                Description=rule.get("Description") or self.title,
                # on a rule that exists they would be ignored
                **({} if before else {"Tags": naming.tag_list(target.options)}),
            )
        if seen.foreign:
            client.tag_resource(ResourceARN=seen.raw["rule"]["Arn"], Tags=naming.tag_list(target.options))
        if before.get("target") != after["target"]:
            # the call replaces the target: its retries and dead-letter queue are sent back
            kept = (seen.raw or {}).get("target", {"Id": TARGET_ID})
            wanted = {**kept, "Arn": after["target"]["arn"], "RoleArn": after["target"]["role_arn"]}
            answer = client.put_targets(Rule=name, Targets=[wanted])
            if answer.get("FailedEntryCount"):
                raise AccountsError(f"the target of rule {name} was refused: {answer['FailedEntries']}")
        return None

    def not_removable(self, target: Target, seen: Observed) -> str:
        """Say what else the rule sends to: whatever its tags say, it then serves somebody else."""
        name, provider = target.options["dispatcher_name"], target.options["provider_account_id"]
        others = [found["Arn"] for found in seen.raw["targets"] if found["Arn"].split(":")[4] != provider]
        return f"rule {name} also sends to {', '.join(others)}" if others else seen.foreign

    def uses(self, target: Target, seen: Observed, released: bool) -> list[str]:
        """Return the roles by which it delivers, where it stays."""
        return [] if released else [found["RoleArn"] for found in seen.raw["targets"] if found.get("RoleArn")]

    def remains(self, target: Target, seen: Observed) -> State | Skip | None:
        """Return nothing."""
        return None

    def resources(self, target: Target, seen: Observed) -> list[str]:
        """Return the rule; its targets are part of it."""
        return [seen.raw["rule"]["Arn"]] if seen.raw else []

    def remove(self, target: Target, seen: Observed, after: State | None) -> Removed:
        """Remove the targets, without which a rule cannot be deleted, then the rule."""
        client, name = target.client("events"), target.options["dispatcher_name"]
        ids = [found["Id"] for found in seen.raw["targets"]]
        if ids and seen.raw["pattern"] != self._pattern(target) and not self._is_tagged(target, seen.raw["rule"]):
            # its targets prove that it is ours: the next run must know it too, if this one is cut off without them
            client.tag_resource(ResourceARN=seen.raw["rule"]["Arn"], Tags=naming.tag_list(target.options))
        if ids:
            answer = naming.found(client.remove_targets, "ResourceNotFoundException", Rule=name, Ids=ids) or {}
            if answer.get("FailedEntryCount"):
                raise AccountsError(f"the targets of rule {name} were not removed: {answer['FailedEntries']}")
        client.delete_rule(Name=name)
        return Removed()

    @staticmethod
    def _pattern(target: Target) -> dict[str, Any]:
        return {
            "source": ["aws.health"],
            "detail-type": ["AWS Health Event"],
            "detail": {"service": sorted(target.options["health_services"])},
        }

    @staticmethod
    def _is_tagged(target: Target, rule: Mapping[str, Any]) -> bool:
        tags = target.client("events").list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]
        return naming.carries_our_tags(target.options, tags)
