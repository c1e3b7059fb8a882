"""Audits for tests: results of the module account_audit, and the audit that the filter makes of them."""

from __future__ import annotations

from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.filter.audit_report import audit_report

REGIONS = ["eu-west-1", "us-east-1", "us-west-2"]
MONDAY, TUESDAY, WEDNESDAY = (f"2026-11-{day}T18:00:00Z" for day in (16, 17, 18))
ID = "111111111111"
BEFORE = {"is_logging": False, "s3_bucket_name": "logs"}
AFTER = {"is_logging": True, "s3_bucket_name": "logs"}
ERROR = {"operation": "DescribeTrails", "code": "AccessDenied", "message": "no", "fix": "grant this action"}
#: all that a fleet of two columns has
DEFAULTS = [
    {"name": name, "title": name, "section": section, "requirement": "", "regional": True}
    for name, section in (("trail", "cloudtrail"), ("recorder", "config"))
]
#: what an account or a reason may be called, and what must never come of it
HOSTILE = "</script><script>alert(1)</script><!-- \"'&<b>=cmd|' /C calc'!A1\x1b[31m\x00\u2028\u202e${7*7}{{ 7*7 }}"


def row(default: str = "trail", region: str = "us-east-1", state: str = "compliant", **more: Any) -> dict[str, Any]:
    """One target; what drifted has a difference unless it is told another."""
    if state in {"drifted", "foreign"}:
        more = {"before": BEFORE, "after": AFTER, **more}
    if state == "skipped":
        more = {"reason": "covered by another", **more}
    if state == "unknown":
        more = {"error": ERROR, **more}
    section = {"trail": "cloudtrail", "recorder": "config"}.get(default, "iam")
    return {"default": default, "section": section, "region": region, "state": state, **more}


def result(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the module returns for one account."""
    about = {"id": ID, "name": "app1", "partition": "aws", "regions": REGIONS, "access_role": "Rackspace"}
    return {"changed": False, "account": about, "api_calls": 7, "targets": list(rows), **more}


def audit(*rows: dict[str, Any], previous: Any = None, now: str = MONDAY, **more: Any) -> dict[str, Any]:
    """The audit of the one account ``app1``."""
    return audit_of({"app1": result(*rows)}, previous=previous, now=now, **more)


def audit_of(results: dict[str, Any], now: str = MONDAY, **more: Any) -> dict[str, Any]:
    """The audit of several accounts; None is one that has no result."""
    hostvars = {
        host: {
            "account_id": ID,
            "account_ddi": "1234567",
            "account_service_level": "navigator",
            **({"account_audit_result": found} if found else {}),
        }
        for host, found in results.items()
    }
    return audit_report(hostvars, list(results), now=now, **more)
