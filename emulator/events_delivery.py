"""From an event on a bus to the targets of its rules, across accounts, with the permissions that AWS asks for.

EventBridge user guide: "Sending events to an AWS service in another account" (eb-service-cross-account.html),
"Sending and receiving events between AWS accounts" (eb-cross-account.html), "Permissions for targets"
(eb-use-resource-based.html).
"""

from __future__ import annotations

import json
from typing import Any

from moto.events.models import EventBus, Rule, events_backends
from moto.events.utils import EventTemplateParser

from emulator.identity import find_role, organization_id
from emulator.policy import Principal, evaluate, evaluate_identity
from emulator.queues import admits, find_queue, put
from emulator.rules.sts import snapshot
from emulator.world import World

SERVICE = "events.amazonaws.com"


def dispatch(
    world: World, account: str, region: str, bus_name: str, event: dict[str, Any], hops: int = 0
) -> list[dict[str, Any]]:
    """Offers an event to all enabled rules of a bus; says of each target whether it was delivered, and why not."""
    bus = events_backends[account][region].event_buses.get(bus_name)
    if bus is None:
        return []
    found: list[dict[str, Any]] = []
    for rule in list(bus.rules.values()):
        pattern: Any = rule.event_pattern
        if rule.state != "DISABLED" and pattern.get_pattern() and pattern.matches_event(event):
            found += [deliver(world, rule, target, event, hops) for target in rule.targets]
    return found


def deliver(world: World, rule: Rule, target: dict[str, Any], event: dict[str, Any], hops: int) -> dict[str, Any]:
    arn = target["Arn"]
    report: dict[str, Any] = {"rule": rule.arn, "target": arn, "delivered": False, "reason": ""}
    try:
        _, _, service, region, account, _ = arn.split(":", 5)
    except ValueError:
        return report | {"reason": "the target's ARN is malformed"}
    if service == "sqs":
        report["reason"] = _to_queue(world, rule, target, event, region, account)
    elif service == "events" and ":event-bus/" in arn:
        if hops and account != rule.account_id:
            return report | {"reason": "an event from another account is not sent on to a third one"}
        report["reason"] = _to_bus(world, rule, target, region, account)
        if not report["reason"]:
            report["onward"] = dispatch(world, account, region, arn.split("/", 1)[1], event, hops + 1)
    else:
        report["reason"] = f"the emulator delivers to queues and event buses, not to {service}"
    return report | {"delivered": not report["reason"]}


def content(target: dict[str, Any], event: dict[str, Any]) -> str:
    """What the target gets: the whole event, a part, a constant, or a transformed one (API_Target.html)."""
    if target.get("Input"):
        return str(target["Input"])
    if target.get("InputPath"):
        part: Any = event
        for name in target["InputPath"].removeprefix("$").strip(".").split("."):
            part = part.get(name) if name and isinstance(part, dict) else part
        return json.dumps(part)
    transformer = target.get("InputTransformer")
    if not transformer:
        return json.dumps(event)
    made: Any = EventTemplateParser.parse(
        input_template=transformer.get("InputTemplate"),
        input_paths_map=transformer.get("InputPathsMap") or {},
        event={**event, "ingestion-time": event["time"]},  # type: ignore[typeddict-item]
    )
    return made if isinstance(made, str) else json.dumps(made)


def _to_queue(
    world: World, rule: Rule, target: dict[str, Any], event: dict[str, Any], region: str, account: str
) -> str:
    arn = target["Arn"]
    if region != rule.region_name:
        return "a queue must be in the region of the rule"
    queue = find_queue(arn)
    if queue is None:
        return "the queue does not exist"
    reason, principal = _principal(world, rule, target, "sqs:SendMessage", arn)
    if reason:
        return reason
    if account != rule.account_id and principal.service:
        return "a target in another account needs an execution role"
    # In its own account a role's own policy is enough; all else needs the queue's policy.
    needs_policy = principal.service or account != rule.account_id
    if needs_policy and not admits(world, queue, principal, _context(rule, principal)):
        return f"the queue's policy does not allow sqs:SendMessage to {principal.service or principal.identity_arn}"
    group = (target.get("SqsParameters") or {}).get("MessageGroupId")
    put(queue, content(target, event), group_id=group)
    return ""


def _to_bus(world: World, rule: Rule, target: dict[str, Any], region: str, account: str) -> str:
    arn = target["Arn"]
    bus: EventBus | None = events_backends[account][region].event_buses.get(arn.split("/", 1)[1])
    if bus is None:
        return "the event bus does not exist"
    reason, principal = _principal(world, rule, target, "events:PutEvents", arn)
    if reason:
        return reason
    if principal.service:
        return "an event bus as target needs an execution role"
    if account != rule.account_id:
        policy = world.visibility.seen("bus", bus.arn, bus.policy or "{}")
        if evaluate(policy, principal, "events:PutEvents", arn, _context(rule, principal)) != "allow":
            return f"the event bus's policy does not allow events:PutEvents to account {rule.account_id}"
    return ""


def _context(rule: Rule, principal: Principal) -> dict[str, Any]:
    if principal.service:
        return {"aws:SourceArn": rule.arn, "aws:SourceAccount": rule.account_id, "aws:PrincipalIsAWSService": "true"}
    return {
        "aws:PrincipalArn": principal.identity_arn,
        "aws:PrincipalAccount": principal.account,
        "aws:PrincipalOrgID": organization_id(principal.account),
        "aws:PrincipalIsAWSService": "false",
        "aws:SecureTransport": "true",
        "aws:RequestedRegion": rule.region_name,
    }


def _principal(world: World, rule: Rule, target: dict[str, Any], action: str, resource: str) -> tuple[str, Principal]:
    """As whom EventBridge sends: itself, or the target's execution role once that is proven to work."""
    arn = target.get("RoleArn")
    if not arn:
        return "", Principal(service=SERVICE)
    if f":{rule.account_id}:" not in arn:
        return "the execution role must be in the account of the rule", Principal()
    seen = world.visibility.seen("role", arn, snapshot(find_role(arn)))
    if seen is None:
        return f"the execution role {arn} does not exist", Principal()
    source = {"aws:SourceArn": rule.arn, "aws:SourceAccount": rule.account_id}
    if evaluate(seen["trust"], Principal(service=SERVICE), "sts:AssumeRole", arn, source) != "allow":
        return f"the execution role does not trust {SERVICE}", Principal()
    if evaluate_identity(seen["policies"], action, resource, {"aws:RequestedRegion": rule.region_name}) != "allow":
        return f"the execution role's policies do not allow {action} on {resource}", Principal()
    session = f"arn:aws:sts::{rule.account_id}:assumed-role/{arn.rsplit('/', 1)[-1]}/events"
    return "", Principal(account=rule.account_id, arn=session, identity_arn=arn)
