"""What the demos share: the embedded AWS, the playbooks on it, and what a step called."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from emulator.client import Emulator  # noqa: E402 (the repository's root comes first)

REPORTS = ROOT / "reports"


@dataclass
class Demo:
    """Plays the product's playbooks on an inventory, against the embedded AWS."""

    aws: Emulator
    inventory: str
    environment: dict[str, str]

    def step(self, title: str, playbook: str, *arguments: str, must_not_write: bool = False) -> None:
        """Play a playbook under a heading and say what it called.

        Raises:
            SystemExit: it failed, or wrote although it must not.
        """
        heading(title)
        self.aws.reset_ledger()
        started = time.monotonic()
        program = str(Path(sys.executable).parent / "ansible-playbook")
        command = [program, f"playbooks/{playbook}", "-i", self.inventory, *arguments]
        status = subprocess.run(command, cwd=ROOT, env=self.environment, check=False).returncode
        calls = Counter(entry["kind"] for entry in self.aws.ledger())
        seconds = time.monotonic() - started
        print(f"\n{playbook}: {calls.total()} calls, {calls['write']} of them writes, in {seconds:.0f} s", flush=True)
        if status:
            stop(f"{playbook} failed with exit status {status}", status)
        if must_not_write and calls["write"]:
            stop(f"the run made {calls['write']} writes, where it must make none")

    def clients(self) -> Callable[[str, str, str], Any]:
        """Return a function that makes a client of any account (account, service, region), by plain boto3."""
        names = {"aws_access_key_id": "AWS_ACCESS_KEY_ID", "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY"}
        base = boto3.Session(**{name: self.aws.environment[variable] for name, variable in names.items()})

        def client(account: str, service: str, region: str) -> Any:
            role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
            sts = base.client("sts", region_name="us-east-1", endpoint_url=self.aws.url)
            keys = sts.assume_role(RoleArn=role, RoleSessionName="demo")["Credentials"]
            session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
            return session.client(service, region_name=region, endpoint_url=self.aws.url)

        return client


@contextmanager
def demo(inventory: str, **options: str) -> Iterator[Demo]:
    """Start the embedded AWS; nothing of the user's own configuration or cached credentials takes part.

    Args:
        options: those of the embedded AWS.
    """
    with Emulator(**options) as aws, tempfile.TemporaryDirectory() as home:
        settings = {"HOME": home, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
        yield Demo(aws, inventory, os.environ | aws.environment | settings)


def heading(title: str) -> None:
    """Print a heading at once, so that it stands before what the playbook prints."""
    print(f"\n=== {title}\n", flush=True)


def stop(why: str, status: int = 1) -> None:
    """End the demo, and say why."""
    print(f"demo: {why}", file=sys.stderr)
    raise SystemExit(status)
