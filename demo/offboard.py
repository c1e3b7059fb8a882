"""`make demo-offboard`: onboards four accounts on the embedded AWS, and hands them back to their owners."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import yaml
from embedded import REPORTS, ROOT, Demo, demo, heading

INVENTORY = "inventories/offboard"
#: made anew by each demo
WRITTEN = REPORTS / "demo-offboard"
HANDOVER, JOURNAL = WRITTEN / "handover", WRITTEN / "journal"
#: how long the proof tries each role; in earnest five minutes
PROOF_SECONDS = 10


def main() -> None:
    """Run the demo."""
    shutil.rmtree(WRITTEN, ignore_errors=True)
    hosts = yaml.safe_load((ROOT / INVENTORY / "accounts.yml").read_text(encoding="utf-8"))["accounts"]["hosts"]
    names = {record["account_id"]: name for name, record in hosts.items()}
    settings = {
        "account_defaults_report_path": str(REPORTS / "onboard.json"),
        "reverse_assumption_handover_path": str(HANDOVER),
        "reverse_assumption_journal_path": str(JOURNAL),
        "reverse_assumption_lock_path": str(JOURNAL / "locks"),
        "reverse_assumption_report_path": str(REPORTS / "offboard.json"),
        "reverse_assumption_proof_seconds": PROOF_SECONDS,
    }
    extra = ("-e", json.dumps(settings))
    confirmed = ("-e", json.dumps({"confirm": ",".join(names)}))
    heading("Starting the embedded AWS: the provider's organization and a customer's, four accounts to hand back")
    with demo(INVENTORY, organization="offboard") as play:
        play.step("The provider's side: shared queues and the dispatcher's target", "shared_services.yml", *extra)
        play.step("Onboarding: every account default in every region of every account", "onboard.yml", *extra)
        play.step("The dates of the hand-overs", "offboard.yml", *extra, "--tags", "schedule", must_not_write=True)
        play.step(
            "Check mode: the gates, the plan, who else comes in; nothing is written",
            *("offboard.yml", *extra, "--check"),
            must_not_write=True,
        )
        play.step(
            "Offboarding, confirmed by the accounts' ids, up to the code that AWS sends to the new root address",
            *("offboard.yml", *extra, *confirmed),
        )
        codes = ("-e", json.dumps({"email_code": codes_sent(play, names)}))
        play.step("Offboarding, with the codes: no way in is left", "offboard.yml", *extra, *confirmed, *codes)
        play.step(
            "Offboarding again: nothing is left to do",
            *("offboard.yml", *extra, *confirmed),
            must_not_write=True,
        )
    heading("Done")
    print("The documents of the hand-over:")
    for document in sorted(HANDOVER.glob("*/*")):
        print(f"  {document.relative_to(Path.cwd()) if document.is_relative_to(Path.cwd()) else document}")
    print(f"\nThe evidence: {JOURNAL}")
    print(f"The last run's summary as data: {REPORTS / 'offboard.json'}")
    print(f"The requests, and what differs in the accounts: {INVENTORY}/accounts.yml, docs/offboarding.md")


def codes_sent(play: Demo, names: dict[str, str]) -> dict[str, str]:
    """Return the one-time codes that AWS sent to the customers' new addresses, by host; the last one counts."""
    return {names[mail["account"]]: mail["code"] for mail in play.aws.mail() if mail["account"] in names}


if __name__ == "__main__":
    main()
