# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the customer, AWS and the provider are told when an account was handed back (E8). Pure.

It is made from the account's journal, so that it says what every run did, also one that was cut off.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.manual_steps import NOT_NEEDED, OPEN, manual_steps
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.offboarding_request import as_moment
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import why

Entry = Mapping[str, Any]
Row = Mapping[str, Any]

COMPLETE, OPEN_STEPS = "complete", "open manual steps"
#: events of the journal
BEGUN, DONE, FAILED, HANDED_OVER = "cleanup_begun", "cleanup_done", "cleanup_failed", "handed_over"

#: account default -> what it is and what keeping it costs, as AWS charges it. No prices: they are AWS's to name.
#: Source: pages "Pricing" of Amazon S3, AWS CloudTrail and AWS Config
KEPT: dict[str, tuple[str, str]] = {
    "password_policy": ("The account's password policy", "Nothing."),
    "logs_bucket": (
        "The bucket with the log files of CloudTrail and AWS Config",
        (
            "Amazon S3 charges for what is stored and for requests. Its lifecycle rule deletes old files; when it does "
            "is yours to change."
        ),
    ),
    "rackspace_bucket": (
        "The bucket that the provider worked with",
        "Amazon S3 charges for what is stored and for requests. Once it is empty, it can be deleted.",
    ),
    "trail": (
        "The trails of AWS CloudTrail, which log to the bucket above",
        (
            "CloudTrail delivers the first copy of management events in each region free of charge; further copies and "
            "data events are charged, and so is the storage of the files in Amazon S3."
        ),
    ),
    "recorder": (
        "The configuration recorders of AWS Config, which log to the bucket above",
        (
            "AWS Config charges for each configuration item that it records and for each evaluation of a rule, and "
            "Amazon S3 for the files. Without need for it, stop the recorder in each region."
        ),
    ),
    "config_role": ("The role that AWS Config works with", "Nothing. Keep it as long as a recorder uses it."),
}
DETACHED = "stays with the account and works on; it no longer notifies the topics that went"
#: what a resource that went is called -> how its ARN is known
KINDS = (
    ("SNS topic", re.compile(r"arn:[^:]+:sns:(?P<region>[^:]+):\d+:(?P<name>[^:]+)$")),
    ("SNS subscription", re.compile(r"arn:[^:]+:sns:(?P<region>[^:]+):\d+:(?P<name>[^:]+):.+$")),
    ("IAM role", re.compile(r"arn:[^:]+:iam:(?P<region>):\d+:role/(?:.*/)?(?P<name>[^/]+)$")),
    ("IAM policy", re.compile(r"arn:[^:]+:iam:(?P<region>):\d+:policy/(?:.*/)?(?P<name>[^/]+)$")),
    ("IAM instance profile", re.compile(r"arn:[^:]+:iam:(?P<region>):\d+:instance-profile/(?:.*/)?(?P<name>[^/]+)$")),
    ("EventBridge rule", re.compile(r"arn:[^:]+:events:(?P<region>[^:]+):\d+:rule/(?P<name>.+)$")),
)
SECONDS = re.compile(r"\b(\d+(?:\.\d+)?) s\b")
#: what ends with the provider's service
ENDS = (
    ("Logbook", "The provider no longer receives the account's CloudTrail and AWS Config notifications."),
    ("CloudHealth", "The provider's CloudHealth tenant no longer reads the account; its reports there end."),
    (
        "Tickets from alarms",
        (
            "The topics rackspace-support… are gone: alarms that pointed at them reach nobody until they point at a "
            "topic of yours."
        ),
    ),
    ("AWS Health events", "The provider no longer responds to risk events of AWS Health in the account."),
    (
        "Support",
        (
            "The provider no longer supports the account, and AWS Support through the provider ends. Choose a support "
            "plan of AWS for the account if you need one."
        ),
    ),
    ("Sign-in through the provider", "Users and roles of the provider's portal no longer reach the account."),
)


def removal_evidence(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the journal keeps of a cleanup: what went, what was detached, what stays and why, what failed.

    Args:
        result: of the module reverse_assumption.
    """
    rows = result["targets"]
    changed = [row for row in rows if row["changed"]]
    return {
        "digest": result["digest"],
        "removed": sorted({arn for row in changed if row["state"] == "compliant" for arn in row["resources"]}),
        "detached": [_target(row) for row in changed if row["action"] == "detach"],
        "kept": [_target(row) for row in rows if row["action"] == "keep" and row["state"] in {"skipped", "compliant"}],
        "to_decide": [_target(row) for row in rows if row["state"] == "foreign"],
        "failed": [_target(row) for row in rows if row["state"] in {"unknown", "failed"}],
        "out_of_reach": list(result.get("out_of_reach", ())),
    }


def _target(row: Row) -> dict[str, Any]:
    told = {"default": row["default"], "region": row["region"], "why": why(row)}
    return {**told, "findings": list(row["findings"])} if row.get("findings") else told


def handover_record(account: Mapping[str, Any], request: Mapping[str, Any], entries: Iterable[Entry]) -> dict[str, Any]:
    """Return everything that the hand-over says, in one shape for all its documents.

    Args:
        account: account_id, account_name, account_ddi, account_email, account_kind, account_model, account_payer,
            organization, time_zone.
        request: the offboarding record.
        entries: of the journal, of this request's ticket.
    """
    entries = last_cycle(list(entries))
    latest = {entry["event"]: entry for entry in entries}
    handed_over = next((entry for entry in entries if entry["event"] == HANDED_OVER), None)
    last = _data(latest, "last_role_done") or _data(latest, "last_role_unproven")
    roles = _roles(entries)
    cleanup = _data(latest, DONE) or _data(latest, FAILED)
    steps = _manual_steps(account, request, entries, latest, roles)
    open_steps = [step["title"] for step in steps if step["state"] == OPEN]
    proven = bool(last.get("proven"))
    day = _day(_at(latest, "last_role_done"), account)
    states = {step["step"]: step["state"] for step in steps}
    former = _data(latest, HANDED_OVER)
    return {
        "state": COMPLETE if proven and not open_steps else OPEN_STEPS,
        "state_changed": bool(handed_over) and former.get("manual_steps") != states,
        "account": {key: account[f"account_{key}"] for key in ("id", "name", "ddi", "kind", "model", "payer")},
        "ticket": request.get("ticket", ""),
        "company": (request.get("contact") or {}).get("company_name")
        or (request.get("contact") or {}).get("full_name", ""),
        "signatory": dict(request.get("authorized_signatory") or {}),
        "new_root_email": request.get("new_root_email", ""),
        "termination_date": str(request.get("termination_date", "")),
        "transfer_date": day,
        "keep_organization": bool(request.get("keep_organization")),
        "organization": dict(account.get("organization") or {}),
        "ways_in": list(_ways_in(account, request, latest)),
        "removed": removed(entries, roles),
        "kept": _kept(cleanup, [row for entry in entries for row in _of(entry, "detached")]),
        "notes": _notes(entries),
        "to_decide": _places(cleanup.get("to_decide", ())),
        "out_of_reach": list(cleanup.get("out_of_reach", ())),
        "residual": [row for row in _data(latest, "last_role_begun").get("residual", ()) if row["state"] == "accepted"],
        "not_scanned": list(_data(latest, "last_role_begun").get("not_scanned", ())),
        "roles": roles,
        "proof": list(last.get("proof", ())),
        "proven": proven,
        "ends": [{"what": what, "how": how} for what, how in ENDS],
        "manual_steps": steps,
        "open_steps": open_steps,
        "billing": list(_billing(account, request, day)),
        "gates": list(_data(latest, "gates_answered").get("gates", ())),
        "overrides": dict(request.get("overrides") or {}),
        "accepted": {
            "residual": dict(request.get("accept_residual") or {}),
            "topic_users": dict(request.get("accept_topic_users") or {}),
        },
        "confirmations": dict(request.get("confirmations") or {}),
        "runs": sorted({str(entry.get("run", "")) for entry in entries}),
    }


def last_cycle(entries: list[Entry]) -> list[Entry]:
    """Return the entries of the last offboarding: an account may have been onboarded again and handed back again."""
    start, over = 0, False
    for number, entry in enumerate(entries):
        over = over or entry["event"] == HANDED_OVER
        if over and entry["event"] == BEGUN and entry["data"]["removes"]:
            start, over = number, False
    # gates and other answers of that run stand before it
    run = entries[start].get("run") if start else None
    while start and entries[start - 1].get("run") == run:
        start -= 1
    return entries[start:]


def removed(entries: Iterable[Entry], roles: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what went, by kind and name with its regions: what runs say that they removed.

    Of a run that was cut off in its cleanup only the plan is known: what it meant to remove, and what the next run did
    not find any more.
    """
    gone: dict[str, None] = {}
    pending: list[str] = []
    for entry in entries:
        if entry["event"] == BEGUN:
            gone.update(dict.fromkeys(arn for arn in pending if arn not in entry["data"]["removes"]))
            pending = list(entry["data"]["removes"])
        elif entry["event"] in {DONE, FAILED}:
            gone.update(dict.fromkeys(entry["data"]["removed"]))
            pending = []
        elif entry["event"] == "stopped" and entry["data"].get("outcome") == "refused":
            pending = []
    groups: dict[tuple[str, str], set[str]] = {}
    for arn in gone:
        if arn.rpartition(":")[0] in gone:
            continue  # a subscription went with its topic
        kind, name, region = _named(arn)
        groups.setdefault((kind, name), set()).update({region} if region else set())
    for role in roles:
        if role["action"] == "deleted":
            groups.setdefault(("IAM role", role["role"]), set())
    return [
        {"kind": kind, "name": name, "regions": sorted(regions)} for (kind, name), regions in sorted(groups.items())
    ]


def _roles(entries: Iterable[Entry]) -> list[Mapping[str, Any]]:
    """Return what became of the provider's roles: of one that a later run could not see, what was seen of it last."""
    found: dict[str, Mapping[str, Any]] = {}
    were_there: set[str] = set()
    for entry in entries:
        if entry["event"] == "last_role_begun":
            leaving = [row["resource"] for row in entry["data"]["residual"] if row["state"] == "leaving"]
            were_there.update(arn.rpartition("/")[2] for arn in leaving)
        if entry["event"] in {"last_role_done", "last_role_unproven"}:
            for role in entry["data"]["roles"]:
                former = found.get(role["role"])
                if former is None or role["action"] not in {"out_of_reach", "absent"}:
                    found[role["role"]] = role
    for name, role in found.items():
        if role["action"] == "absent" and name in were_there:
            found[name] = {**role, "action": "deleted", "reason": "by a run that was cut off then"}
    return list(found.values())


def _named(arn: str) -> tuple[str, str, str]:
    for kind, pattern in KINDS:
        if match := pattern.match(arn):
            return kind, match["name"], match["region"]
    return "Resource", arn, ""


def _kept(cleanup: Mapping[str, Any], detached: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what stays of what the provider set up, each with what it is and what keeping it costs.

    The role that the run works through stays for the cleanup only; what became of it is told with the other roles.
    """
    rows = [{**row, "why": DETACHED} for row in detached]
    places = {(row["default"], row["region"]) for row in rows}
    others = [row for row in cleanup.get("kept", ()) if (row["default"], row["region"]) not in places]
    found = []
    for row in _places([*(row for row in others if row["default"] in KEPT), *rows]):
        what, costs = KEPT[row["default"]]
        found.append({**row, "what": what, "costs": costs})
    return sorted(found, key=lambda row: list(KEPT).index(row["default"]))


def _notes(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return what the cleanups noted of what they detached, with its regions, and the longest of its times."""
    notes: dict[str, set[str]] = {}
    longest: dict[str, float] = {}
    for entry in entries:
        for row in _of(entry, "detached"):
            for finding in row.get("findings", ()):
                what = SECONDS.sub("SECONDS s", finding.rstrip("."))
                notes.setdefault(what, set()).add(row["region"])
                took = [float(found) for found in SECONDS.findall(finding)]
                longest[what] = max([longest.get(what, 0.0), *took])
    return [
        {"what": what.replace("SECONDS s", f"{longest[what]:g} s at most"), "regions": sorted(regions)}
        for what, regions in notes.items()
    ]


def _places(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Fold the targets of one account default that are told in the same words."""
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        regions = groups.setdefault((row["default"], row.get("why", "")), [])
        if row["region"] != "global" and row["region"] not in regions:
            regions.append(row["region"])
    return [{"default": name, "why": reason, "regions": regions} for (name, reason), regions in groups.items()]


def _contacts(entries: Iterable[Entry]) -> dict[str, Mapping[str, Any]]:
    """Return what became of the account's data; what was done stays done where a later run cannot see it any more."""
    found: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        for row in entry["data"].get("contacts", ()) if entry["event"] == "account_done" else ():
            former = found.get(row["default"])
            if former is None or former["state"] != "compliant" or row["state"] != "skipped":
                found[row["default"]] = row
    return found


def _manual_steps(
    account: Mapping[str, Any],
    request: Mapping[str, Any],
    entries: Iterable[Entry],
    latest: Mapping[str, Entry],
    roles: Iterable[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    contacts = _contacts(entries)
    root = _data(latest, "account_done").get("root", {})
    email = contacts.get("primary_email", {})
    differs = contacts.get("contact_information", {}).get("after") or {}
    neutralised = {role["role"]: role["customer_line"] for role in roles if role["customer_line"]}
    kept = [role["role"] for role in roles if role["action"] == "kept" and role.get("via") == "management"]
    facts = {
        **{key: account[key] for key in ("account_id", "account_name", "account_model", "account_kind")},
        "account_email": account.get("account_email", ""),
        "partition": _data(latest, "last_role_begun").get("partition", "aws"),
        "contact_differs": differs.get("differs", []),
        "email_updated": email.get("state") == "compliant",
        "neutralised_roles": list(neutralised),
        "organization_role": kept[0] if kept else "",
        "organization": account.get("organization") or {},
    }
    known = {"mfa_enabled": root["manual"], "reason": root.get("reason", "")} if "manual" in root else {}
    steps = manual_steps(facts, request, _data(latest, "gates_answered").get("support_plan", ""), known)
    for step in steps:
        if step["step"] == "neutralised_role" and step["state"] != NOT_NEEDED:
            # a role that kept policies is deleted in more than one command
            lines = [line for line in step["instructions"] if not line.startswith("aws iam delete-role ")]
            step["instructions"] = [*lines, *neutralised.values()]
    return steps


def _ways_in(account: Mapping[str, Any], request: Mapping[str, Any], latest: Mapping[str, Entry]) -> Iterator[str]:
    way = (request.get("confirmations") or {}).get("customer_way_in") or {}
    console = "https://console.aws.amazon.com/"
    if way.get("principal"):
        yield (
            f"As an administrator: {way['principal']}. You confirmed that sign-in ({way.get('by')}, {way.get('at')}: "
            f"{way.get('evidence')})."
        )
    customers = account["account_model"] == "ecam" and account["account_kind"] != "payer"
    if customers:
        yield f"As the root user: you hold its credentials, as you did before. Sign in at {console} with its address."
    else:
        yield (
            f"As the root user: open {console}, choose Root user, enter {request.get('new_root_email')}, and choose "
            "Forgot password, as the manual steps below say. Then assign an MFA device of your own."
        )
    if request.get("keep_organization"):
        organization = account.get("organization") or {}
        yield (
            f"From your organization {organization.get('id', '')}: its management account "
            f"{organization.get('management_account_id', '')} can assume the role OrganizationAccountAccessRole."
        ).replace("  ", " ")


def _billing(account: Mapping[str, Any], request: Mapping[str, Any], day: str) -> Iterator[str]:
    when = day or "the day of the transfer"
    yield f"Up to {when} the provider bills the account's infrastructure and support."
    yield (
        "The provider's final bill comes on your usual billing date, in the month after the transfer or the second "
        "month after it, depending on the invoice cycle."
    )
    if request.get("keep_organization") and account["account_kind"] == "member":
        yield (
            f"From {when} AWS bills the management account of the organization that the account stays in, for what the "
            "account uses."
        )
    else:
        yield f"From {when} AWS bills you directly, by the payment method of the account."
    yield "A bill of AWS for the same month is only for the time from the transfer on."


def _day(at: str, account: Mapping[str, Any]) -> str:
    """Return the day of a moment, in the calendar's time zone; "" where there is none."""
    moment = as_moment(at.replace("Z", "+00:00")) if at else None
    if moment is None:
        return ""
    try:
        local: date = moment.astimezone(zoneinfo.ZoneInfo(str(account.get("time_zone") or "UTC"))).date()
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        local = moment.date()
    return local.isoformat()


def _data(latest: Mapping[str, Entry], event: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = latest[event].get("data", {}) if event in latest else {}
    return found


def _at(latest: Mapping[str, Entry], event: str) -> str:
    return str(latest[event].get("at", "")) if event in latest else ""


def _of(entry: Entry, key: str) -> Iterable[Mapping[str, Any]]:
    return entry["data"].get(key, ()) if entry["event"] in {DONE, FAILED} else ()
