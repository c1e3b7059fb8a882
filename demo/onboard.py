"""`make demo`: onboards the demo organization on the embedded AWS, twice; the second run must change nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from emulator.client import Emulator  # noqa: E402 (the repository's root comes first)

INVENTORY = "inventories/demo"
REPORTS = ROOT / "reports"


def main() -> int:
    """Run the demo; returns the exit status."""
    heading("Starting the embedded AWS: one organization, seven member accounts")
    with Emulator() as aws, tempfile.TemporaryDirectory() as home:
        # Nothing of the user's own configuration or cached credentials takes part.
        environment = os.environ | aws.environment | {"HOME": home, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
        steps = (
            ("The provider's side: shared queues and the dispatcher's target", "shared_services.yml", False),
            ("Onboarding: every account default in every region of every account", "onboard.yml", False),
            ("Onboarding again: nothing is left to do", "onboard.yml", True),
        )
        for title, playbook, must_not_write in steps:
            heading(title)
            aws.reset_ledger()
            started = time.monotonic()
            status = run(playbook, environment)
            calls = Counter(entry["kind"] for entry in aws.ledger())
            seconds = time.monotonic() - started
            print(
                f"\n{playbook}: {calls.total()} calls, {calls['write']} of them writes, in {seconds:.0f} s", flush=True
            )
            if status:
                print(f"demo: {playbook} failed with exit status {status}", file=sys.stderr)
                return status
            if must_not_write and calls["write"]:
                print(f"demo: the second run made {calls['write']} writes", file=sys.stderr)
                return 1
    heading("Done")
    print(f"The last run's summary as data: {REPORTS / 'onboard.json'}")
    print("Accounts, what differs in them and why they skip: inventories/demo/accounts.yml, docs/onboarding.md")
    return 0


def run(playbook: str, environment: dict[str, str]) -> int:
    """Run a playbook on the demo inventory; returns its exit status."""
    program = str(Path(sys.executable).parent / "ansible-playbook")
    report = f"account_defaults_report_path={REPORTS / 'onboard.json'}"
    command: list[str] = [program, f"playbooks/{playbook}", "-i", INVENTORY, "-e", report]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def heading(title: str) -> None:
    """Print a heading at once, so that it stands before what the playbook prints."""
    print(f"\n=== {title}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
