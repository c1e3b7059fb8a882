"""EventBridge: targets, roles, sources of events, policies of buses."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from moto.events.models import EventBus, events_backends

from emulator.call import Call
from emulator.documents_check import BUS, check_document
from emulator.events_delivery import SERVICE, dispatch
from emulator.identity import find_role, organization_id
from emulator.policy import Principal, evaluate
from emulator.protocol import AwsError, Response
from emulator.rules import rule
from emulator.rules.sts import snapshot

TARGETS_PER_RULE = 5  # "Amazon EventBridge quotas" (eb-quota.html)


def find_bus(account: str, region: str, name: str | None) -> EventBus | None:
    name = (name or "default").rsplit("/", 1)[-1]
    return events_backends[account][region].event_buses.get(name)


def _check_role(call: Call, arn: str, source: str) -> None:
    """A role that is named must be one that EventBridge can take.

    AWS answers ValidationException "Provided role ... cannot be assumed by principal 'events.amazonaws.com'";
    EventBridge user guide, eb-use-identity-based.html, for the trust policy.
    """
    seen = call.world.visibility.seen("role", arn, snapshot(find_role(arn)))
    context = {"aws:SourceArn": source, "aws:SourceAccount": call.account}
    service = Principal(service=SERVICE)
    if seen is None or evaluate(seen["trust"], service, "sts:AssumeRole", arn, context) != "allow":
        raise AwsError("ValidationException", f"Provided role '{arn}' cannot be assumed by principal '{SERVICE}'.")


@rule("events", "PutRule")
def put_rule(call: Call) -> Response:
    """moto does as AWS: what is left out is nulled, targets stay (API_PutRule.html). Only the role is checked here."""
    if call.params.get("RoleArn"):
        _check_role(call, call.params["RoleArn"], _rule_arn(call, call.params.get("Name", "")))
    return call.forward()


def _rule_arn(call: Call, name: str) -> str:
    bus = (call.params.get("EventBusName") or "default").rsplit("/", 1)[-1]
    middle = "" if bus == "default" else f"{bus}/"
    return f"arn:aws:events:{call.region}:{call.account}:rule/{middle}{name}"


@rule("events", "PutTargets")
def put_targets(call: Call) -> Response:
    """Five targets a rule; their roles can be taken (API_PutTargets.html)."""
    bus = find_bus(call.account, call.region, call.params.get("EventBusName"))
    held = bus.rules.get(call.params.get("Rule", "")) if bus else None
    wanted = call.params.get("Targets") or []
    ids = {target["Id"] for target in wanted} | {target["Id"] for target in (held.targets if held else [])}
    if held is not None and len(ids) > TARGETS_PER_RULE:
        text = "The requested resource exceeds the maximum number allowed."
        raise AwsError("LimitExceededException", text)
    for arn in [target["RoleArn"] for target in wanted if target.get("RoleArn")] if held is not None else []:
        _check_role(call, arn, _rule_arn(call, call.params["Rule"]))
    return call.forward()


@rule("events", "PutEvents")
def put_events(call: Call) -> Response:
    """Events of one's own sources; `aws.` is AWS's (API_PutEvents.html, API_PutEventsRequestEntry.html)."""
    entries = call.params.get("Entries") or []
    if not 1 <= len(entries) <= 10:
        text = "1 validation error detected: Value at 'entries' failed to satisfy constraint: 1 to 10 members"
        raise AwsError("ValidationException", text)
    answers = [_put_event(call, entry) for entry in entries]
    return call.result(FailedEntryCount=sum("ErrorCode" in answer for answer in answers), Entries=answers)


def _put_event(call: Call, entry: dict[str, Any]) -> dict[str, str]:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            text = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": text}
    if entry["Source"].lower().startswith("aws."):
        return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        detail = None
    if not isinstance(detail, dict):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    name = entry.get("EventBusName") or "default"
    account = name.split(":")[4] if name.startswith("arn:") else call.account
    bus = find_bus(account, call.region, name)
    if account != call.account and (bus is None or not _admits(call, bus)):
        return {"ErrorCode": "AccessDeniedException", "ErrorMessage": f"Not allowed to put events on {name}."}
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": call.account,
        "time": entry["Time"].strftime("%Y-%m-%dT%H:%M:%SZ") if entry.get("Time") else now,
        "region": call.region,
        "resources": entry.get("Resources") or [],
        "detail": detail,
    }
    if bus is not None:
        dispatch(call.world, account, call.region, bus.name, event, hops=int(account != call.account))
    return {"EventId": str(event["id"])}


def _admits(call: Call, bus: EventBus) -> bool:
    context = {
        "aws:PrincipalArn": call.principal.identity_arn,
        "aws:PrincipalAccount": call.account,
        "aws:PrincipalOrgID": organization_id(call.account),
    }
    return evaluate(bus.policy or "{}", call.principal, "events:PutEvents", bus.arn, context) == "allow"


@rule("events", "PutPermission", "RemovePermission")
def write_policy(call: Call) -> Response:
    """A whole policy is checked and replaces the old one; Principal `*` stays what it is (API_PutPermission.html)."""
    bus = find_bus(call.account, call.region, call.params.get("EventBusName"))
    if bus is None:
        return call.forward()
    before = bus.policy
    text = call.params.get("Policy")
    if text:
        problem = check_document(text, BUS, [bus.arn, f"arn:aws:events:{call.region}:{call.account}:rule/*"])
        entries = json.loads(text)["Statement"] if not problem else []
        if not problem and any(not entry.get("Sid") for entry in entries):
            problem = "each statement needs a Sid"
        if problem:
            raise AwsError("ValidationException", f"Policy is not valid. Reason: {problem}")
        bus._statements.clear()
    response = call.forward()
    if response.ok:
        if call.params.get("Principal") == "*":
            bus._statements[call.params["StatementId"]].principal = "*"  # type: ignore[assignment]
        call.world.visibility.wrote("bus", bus.arn, before or "{}", bus.policy or "{}")
    return response
