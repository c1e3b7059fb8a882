"""Audits of large fleets, the same in every run: what the module account_audit would say of each account.

`python -m tests.integration.audit_page.fleet_generator 500 FOLDER` writes audit.json and audit.html of such a fleet.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.filter.audit_page import audit_page
from ansible_collections.rackspace.aws_accounts.plugins.filter.audit_report import audit_report
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS

YESTERDAY, TODAY = "2026-11-20T18:00:00Z", "2026-11-21T18:00:00Z"
LAST_WEEK = "2026-11-14T18:00:00Z"
REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
)
MORE = {  # beside the catalogue's, to make 25
    **dict.fromkeys(("public_access_block", "access_analyzer", "detector", "inspector", "security_hub"), "security"),
    **dict.fromkeys(("ebs_encryption", "flow_logs", "imds_defaults", "snapshot_access"), "ec2"),
}
KEYS = ("name", "title", "section", "requirement", "regional")
DEFAULTS: list[dict[str, Any]] = [
    *({key: getattr(default, key) for key in KEYS} for default in ACCOUNT_DEFAULTS),
    *(
        {"name": name, "title": name.replace("_", " "), "section": section, "requirement": "", "regional": True}
        for name, section in MORE.items()
    ),
]
CUSTOMERS, LEVELS = 40, ("navigator", "platform_essentials", "aviator")
WORDS = ("billing", "checkout", "data", "edge", "fraud", "ledger", "media", "payments", "search", "shop", "web", "wiki")
STAGES = ("prod", "stage", "dev", "sandbox")
DENIED = {
    "operation": "DescribeTrails",
    "code": "AccessDenied",
    "message": "User: arn:aws:sts::111111111111:assumed-role/Rackspace/audit is not authorized to perform: "
    "cloudtrail:DescribeTrails because no identity-based policy allows the action",
    "fix": "grant this action to the role by which the account is reached (docs/permissions.md lists all of them)",
}
THROTTLED = {
    "operation": "ListTopics",
    "code": "Throttling",
    "message": "Rate exceeded (reached max retries: 8)",
    "fix": "run again later, or with fewer forks",
}
NO_ROLE = (
    "none of the roles can be assumed: Rackspace (AssumeRole AccessDenied), OrganizationAccountAccessRole "
    "(AssumeRole AccessDenied) - check the trust policy of the role and account_external_id"
)


def account_id(number: int) -> str:
    return f"{100000000000 + number * 1234567:012d}"


def name_of(number: int) -> str:
    return f"{WORDS[number % 12]}-{number // 48 + 1:02d}-{STAGES[number // 12 % 4]}"


def states(default: str, region: str, number: int) -> dict[str, Any]:
    """What is there and what ours would be, of one default that drifted."""
    account = account_id(number)
    uuid = f"{number:08x}-0000-4000-8000-{number:012x}"
    if default == "trail":
        after: dict[str, Any] = {
            "trail_name": "rackspace-cloudtrail",
            "s3_bucket_name": f"{uuid}-logs",
            "sns_topic_arn": f"arn:aws:sns:{region}:{account}:rackspace-cloudtrail",
            "is_multi_region_trail": False,
            "enable_log_file_validation": True,
            "is_logging": True,
            "records_management_events": True,
        }
        return {"before": {**after, "is_logging": False}, "after": after}
    if default == "recorder":
        after = {"recorder_name": "default", "recording": True, "all_supported": True, "s3_bucket_name": f"{uuid}-logs"}
        return {"before": {**after, "recording": False}, "after": after}
    if default == "password_policy":
        after = {"minimum_password_length": 12, "require_symbols": True, "password_reuse_prevention": 24}
        return {"before": {**after, "minimum_password_length": 8, "require_symbols": False}, "after": after}
    if default == "cloudhealth_role":
        allow = {"Sid": "Assume", "Effect": "Allow", "Action": ["sts:AssumeRole"]}
        after = {"role_name": "CloudHealth-Role", "trust": [{**allow, "Principal": {"AWS": ["454464851268"]}}]}
        before = {**after, "trust": [{**allow, "Principal": {"AWS": ["999999999999"]}}]}
        reason = "the trust of CloudHealth-Role was changed: tampering with this role can cause overbilling"
        return {"before": before, "after": after, "reason": reason}
    if default.endswith("_topic"):
        topic = f"arn:aws:sns:{region}:{account}:rackspace-{default.removesuffix('_topic').replace('_', '-')}"
        publish = {"Sid": "RackspacePublish", "Effect": "Allow", "Action": ["sns:Publish"], "Resource": [topic]}
        after = {"topic_arn": topic, "policy": [publish], "subscription": "confirmed"}
        pending = {**after, "subscription": "pending", "policy": []}
        return {"before": None if number % 3 else pending, "after": after}
    return {"before": {"enabled": False, "name": default}, "after": {"enabled": True, "name": default}}


def targets(number: int, days: int, everywhere: bool) -> Iterator[dict[str, Any]]:
    """One account's targets, as they are found on a day: some of its troubles come and go with the days."""
    chance = random.Random(f"account {number}")
    kind = chance.random()
    covered = "the region is covered by trail customer-trail (multi-region, home region us-east-1)"
    for default in DEFAULTS:
        places = REGIONS if default["regional"] or everywhere else ("global",)
        name = default["name"]
        drifts = kind < 0.24 and chance.random() < 0.06
        begins, ends = chance.choice((0, 0, 1, 2)), chance.choice((2, 3, 3, 3))
        some = chance.sample(places, chance.randint(1, min(3, len(places))))
        for region in places:
            row: dict[str, Any] = {"default": name, "section": default["section"], "region": region}
            if drifts and begins <= days < ends and (region in some or chance.random() < 0.1):
                yield {**row, "state": "drifted", **states(name, region, number)}
            elif kind > 0.97 and default["section"] == "cloudtrail" and region in some:
                yield {**row, "state": "unknown", "error": DENIED}
            elif 0.95 < kind < 0.96 and name.endswith("_topic") and region == "sa-east-1":
                yield {**row, "state": "unknown", "error": THROTTLED}
            elif 0.90 < kind < 0.93 and name == "config_role":
                reason = "role AWSConfig exists and trusts others; it is left as it is"
                yield {**row, "state": "foreign", **states(name, region, number), "reason": reason}
            elif 0.60 < kind < 0.70 and name in {"trail", "recorder"}:
                signs = "role AWSControlTowerExecution"
                yield {**row, "state": "skipped", "reason": f"Control Tower manages the account ({signs})"}
            elif 0.70 < kind < 0.74 and name == "trail":
                gaps = ["trail customer-trail does not record all management events"] if number % 4 == 0 else []
                yield {**row, "state": "skipped", "reason": covered, **({"findings": gaps} if gaps else {})}
            elif 0.74 < kind < 0.76 and region == "ap-south-1":
                yield {**row, "state": "skipped", "reason": "a service control policy denies the region: p-0123abcd"}
            elif 0.76 < kind < 0.78 and name == "logs_bucket":
                bucket = f"bucket {number:08x}-0000-4000-8000-{number:012x}-logs"
                yield {
                    **row,
                    "state": "compliant",
                    "findings": [f"statement Shared of {bucket} opens it to the world and is not ours"],
                }
            else:
                yield {**row, "state": "compliant"}


def hostvars(accounts: int, days: int, everywhere: bool) -> dict[str, Any]:
    found = {}
    for number in range(accounts):
        name = name_of(number)
        record = {
            "account_id": account_id(number),
            "account_name": name,
            "account_ddi": str(1000000 + number % CUSTOMERS * 97),
            "account_service_level": LEVELS[number % CUSTOMERS % 3],
        }
        result: dict[str, Any] = {"failed": True, "msg": f"account {name} ({record['account_id']}): {NO_ROLE}"}
        if number % 167 != 23:
            about = {"id": record["account_id"], "name": name, "partition": "aws", "access_role": "Rackspace"}
            rows = list(targets(number, days, everywhere))
            result = {"account": {**about, "regions": list(REGIONS)}, "api_calls": 412, "targets": rows}
        found[name] = {**record, "account_audit_result": result}
    return found


@cache
def fleet(accounts: int = 500, compared: bool = True, everywhere: bool = False) -> dict[str, Any]:
    """The audit of a fleet.

    Args:
        accounts: how many.
        compared: with the audits of yesterday and of last week.
        everywhere: as if every default lived in every region.
    """
    audit: dict[str, Any] = {}
    for days, now in enumerate((LAST_WEEK, YESTERDAY, TODAY)):
        if compared or now == TODAY:
            found = hostvars(accounts, days, everywhere)
            audit = audit_report(found, found, defaults=DEFAULTS, previous=audit, now=now)
    return audit


def main() -> None:
    number, folder = int(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    audit = fleet(number, everywhere="everywhere" in sys.argv)
    (folder / "audit.json").write_text(json.dumps(audit, separators=(",", ":")))
    (folder / "audit.html").write_text(audit_page(audit))
    print(audit["totals"])


if __name__ == "__main__":
    main()
