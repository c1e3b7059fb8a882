"""`make demo-audit`: ten things drift in the demo organization; an audit finds exactly those, a run repairs them."""

from __future__ import annotations

import json
import shutil
from typing import Any

import yaml
from drift import DRIFTS, Clients, Place, open_the_logs_bucket
from embedded import REPORTS, ROOT, Demo, demo, heading, stop

INVENTORY = "inventories/demo"
#: made anew by each demo
WRITTEN = REPORTS / "demo-audit"
#: what drifts where: kind, host, region; spread over accounts and regions
DRIFTING = (
    ("stopped recorder", "app1-prod", "eu-west-1"),
    ("logging off", "region-denied", "ap-southeast-2"),
    ("weakened password policy", "own-trail", "global"),
    ("changed trust", "app1-prod", "global"),
    ("deleted topic", "landing-zone", "us-west-1"),
    ("pending subscription", "own-recorder", "eu-central-1"),
    ("lifecycle removed", "region-denied", "us-west-2"),
    ("topic policy replaced", "opt-in", "af-south-1"),
    ("rule disabled", "landing-zone", "us-east-1"),
    ("target gone", "opt-in", "us-east-1"),
)
#: a bucket that the customer made, whose public access block is theirs
OPENED = ("opt-in", "us-west-2")
FINDING = "opens it to the world"

Target = tuple[str, str, str]


def main() -> None:
    """Run the demo."""
    shutil.rmtree(WRITTEN, ignore_errors=True)
    hosts = yaml.safe_load((ROOT / INVENTORY / "accounts.yml").read_text(encoding="utf-8"))["accounts"]["hosts"]
    provider = yaml.safe_load((ROOT / INVENTORY / "group_vars" / "all.yml").read_text(encoding="utf-8"))
    settings = {
        "account_audit_reports": str(WRITTEN),
        "account_defaults_report_path": str(WRITTEN / "onboard.json"),
    }
    extra = ("-e", json.dumps(settings))
    expected = {(host, DRIFTS[kind].default, region): kind for kind, host, region in DRIFTING}
    heading("Starting the embedded AWS: one organization, seven member accounts")
    with demo(INVENTORY) as play:
        play.step("The provider's side: shared queues and the dispatcher's target", "shared_services.yml", *extra)
        play.step("Onboarding: every account default in every region of every account", "onboard.yml", *extra)
        audit = audited(play, "Audit: nothing has drifted", *extra)
        expect(audit, {}, "after the onboarding")
        let_drift(play.clients(), hosts, provider["provider_account_id"])
        audit = audited(play, "Audit: ten things have drifted, and somebody opened a bucket", *extra)
        expect(audit, expected, "after the drift", finding=True)
        play.step("Repair: onboarding again, which writes only what has drifted", "onboard.yml", *extra)
        audit = audited(play, "Audit: all is repaired, and the open bucket is still a finding", *extra)
        expect(audit, {}, "after the repair", finding=True)
        if audit["totals"]["fixed"] != len(expected):
            stop(f"the last audit tells of {audit['totals']['fixed']} repairs, not of {len(expected)}")
    heading("Done")
    print(f"The ten that drifted were found and repaired, and nothing else was: {', '.join(expected.values())}")
    print(f"The audits as data, every one of them: {WRITTEN / 'audits'}")
    print(f"The last one as a table and for CI systems: {WRITTEN / 'audit.csv'}, {WRITTEN / 'audit.xml'}")
    print(f"The last one as a web page: {WRITTEN / 'audit.html'}")
    print("How to read it: docs/audit.md")


def let_drift(aws: Clients, hosts: dict[str, Any], provider: str) -> None:
    """Do what people do to accounts in the course of time."""
    heading("People work in the accounts, each by their own tools")
    for kind, host, region in DRIFTING:
        DRIFTS[kind].do(aws, place(hosts, host, region, provider))
        print(f"{host}, {region}: {kind}", flush=True)
    host, region = OPENED
    open_the_logs_bucket(aws, place(hosts, host, region, provider))
    print(f"{host}, {region}: a statement that lets everybody read a part of the logs bucket", flush=True)


def place(hosts: dict[str, Any], host: str, region: str, provider: str) -> Place:
    """Return where something drifts."""
    return Place(hosts[host]["account_id"], hosts[host]["account_uuid"], region, provider)


def audited(play: Demo, title: str, *arguments: str) -> dict[str, Any]:
    """Audit, which must not write, and return the audit."""
    play.step(title, "audit.yml", *arguments, must_not_write=True)
    audit: dict[str, Any] = json.loads((WRITTEN / "audit.json").read_text(encoding="utf-8"))
    return audit


def expect(audit: dict[str, Any], drifted: dict[Target, str], when: str, finding: bool = False) -> None:
    """End the demo where anything else has drifted, is unknown, or the opened bucket is not told as it should be."""
    found = {
        (account["host"], result["default"], region)
        for account in audit["accounts"]
        for result in account["results"]
        for region in result["regions"]
        if result["state"] in {"drifted", "unknown"}
    }
    if found != set(drifted):
        missing, more = sorted(set(drifted) - found), sorted(found - set(drifted))
        stop(f"{when} the audit does not find {missing}, and finds {more} beside what drifted")
    opened = [
        account["host"]
        for account in audit["accounts"]
        for result in account["results"]
        if any(FINDING in text for text in result.get("findings", ()))
    ]
    if opened != ([OPENED[0]] if finding else []):
        stop(f"{when} the audit finds buckets or topics that are open to the world in {opened}")


if __name__ == "__main__":
    main()
