# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A controller that plays the product's playbooks over HTTP, and clients of our own that look at what came of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from emulator.client import Emulator

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
PLAYBOOKS = ROOT / "playbooks"
DEMO = ROOT / "inventories" / "demo"
CALLBACKS = ROOT / "tests" / "unit" / "fixtures" / "callback"

MANAGEMENT, SHARED, PLAIN = "100000000001", "100000000002", "111111111111"
ORGANIZATION_ROLE = "OrganizationAccountAccessRole"
# The regions that every account has, AWS General Reference.
DEFAULT_REGIONS = (
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1",
    "us-east-2", "us-west-1", "us-west-2",
)  # fmt: skip
TOPICS = {
    "rackspace-cloudtrail": "rackspace-cloudtrail",
    "rackspace-awsconfig": "rackspace-awsconfig",
    "rackspace-support": "rackspace-support",
    "rackspace-support-standard": "rackspace-support",
    "rackspace-support-urgent": "rackspace-support",
    "rackspace-support-emergency": "rackspace-support",
}
APPLY = "Apply the account defaults"
EXTERNAL_ID = "test-9d1c4be7f0a2"
#: what the inventories of these tests say for all accounts, where they do not take the demo's
PROVIDER = {
    "provider_account_id": SHARED,
    "provider_external_id": EXTERNAL_ID,
    "account_organization": {"management_account_id": MANAGEMENT},
}

Call = dict[str, Any]
Row = dict[str, Any]


@dataclass(repr=False)
class Ran:
    """What a run of ansible-playbook did, said and called."""

    status: int
    output: str
    results: dict[tuple[str, str], list[dict[str, Any]]]
    ledger: list[Call]
    report: dict[str, Any] = field(default_factory=dict)
    folder: Path = Path()

    @property
    def text(self) -> str:
        """The output without the line breaks that YAML folds into it."""
        return " ".join(self.output.split())

    def of(self, host: str, task: str = APPLY) -> dict[str, Any]:
        """Return the one result of a task on a host."""
        found = [one for (at, name), every in self.results.items() for one in every if at == host and name == task]
        assert len(found) == 1, f"{task} on {host}: {len(found)} results\n{self.output}"
        return found[0]

    def rows(self, host: str, task: str = APPLY) -> dict[tuple[str, str], Row]:
        """Return the targets of a host's result by default and region."""
        return {(row["default"], row["region"]): row for row in self.of(host, task)["targets"]}

    def states(self, host: str, task: str = APPLY) -> Counter[str]:
        """Count the targets of a host's result by their state."""
        return Counter(row["state"] for row in self.of(host, task)["targets"])

    def account(self, host: str) -> dict[str, Any]:
        """Return a host's part of the report."""
        found = [account for account in self.report["accounts"] if account["host"] == host]
        assert len(found) == 1, self.report
        return found[0]

    def writes(self, account: str = "") -> list[Call]:
        """Return the calls that could change something, of one account or of all."""
        return [call for call in self.ledger if call["kind"] == "write" and account in ("", call["account"])]

    def written(self, account: str = "") -> Counter[str]:
        """Count the writes by operation."""
        return Counter(call["operation"] for call in self.writes(account))

    def calls(self, account: str) -> list[Call]:
        """Return every call made with credentials of an account."""
        return [call for call in self.ledger if call["account"] == account]


class Controller:
    """Where ansible-playbook runs: a folder with a home of its own and an environment that leads to one AWS only."""

    def __init__(self, folder: Path, environment: Mapping[str, str], emulator: Emulator | None = None) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir(mode=0o700)
        self.emulator = emulator
        self.environment = {
            # where an asynchronous task leaves its job, which is looked for in the real home otherwise
            "ANSIBLE_ASYNC_DIR": str(folder / "async"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            # what is tested is what the playbooks say, not how a screen tells it: tests/unit/callback tests that
            "ANSIBLE_STDOUT_CALLBACK": "default",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "RECORD_TO": str(folder / "results.jsonl"),
            **environment,
        }
        self._numbers = iter(range(10_000))

    def file(self, content: Any, stem: str = "inventory") -> Path:
        """Write data to a file of its own, as JSON, which is YAML too."""
        path = self.folder / f"{stem}{next(self._numbers)}.json"
        path.write_text(json.dumps(content))
        return path

    def inventory(self, hosts: Mapping[str, Any], **variables: Any) -> Path:
        """Write an inventory of accounts; ``variables`` hold for all of them, beside the provider's."""
        here = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        return self.file({"accounts": {"hosts": dict(hosts), "vars": {**here, **PROVIDER, **variables}}})

    def overrides(self, **hosts: Any) -> Path:
        """Write host variables that go over the demo's; name it after the demo."""
        return self.file({"accounts": {"hosts": {name.replace("_", "-"): of for name, of in hosts.items()}}})

    def command(self, playbook: Path | str, inventories: Iterable[Path], arguments: Iterable[str]) -> list[str]:
        """Return the command line."""
        named = [part for inventory in inventories for part in ("-i", str(inventory))]
        return [str(BIN / "ansible-playbook"), str(playbook), *named, *arguments]

    def play(
        self, playbook: Path | str, *arguments: str, inventories: Iterable[Path] = (DEMO,), **environment: str
    ) -> Ran:
        """Play a playbook and return what it did; the ledger holds this run only."""
        recorded, report = Path(self.environment["RECORD_TO"]), self.folder / "reports" / "onboard.json"
        recorded.unlink(missing_ok=True)
        report.unlink(missing_ok=True)
        if self.emulator:
            self.emulator.reset_ledger()
        done = subprocess.run(
            self.command(playbook, inventories, arguments),
            cwd=self.folder,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1200,
            check=False,
        )
        results: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for line in recorded.read_text().splitlines() if recorded.exists() else ():
            entry = json.loads(line)
            results.setdefault((entry["host"], entry["task"].split(" : ")[-1]), []).append(entry["result"])
        return Ran(
            done.returncode,
            done.stdout,
            results,
            self.emulator.ledger() if self.emulator else [],
            json.loads(report.read_text()) if report.exists() else {},
            self.folder,
        )

    def forget_credentials(self) -> None:
        """Empty the cache of assumed roles, as an hour does."""
        shutil.rmtree(self.home / ".aws", ignore_errors=True)

    def shared_services(self, *arguments: str, inventories: Iterable[Path] = (DEMO,)) -> Ran:
        """Make the provider's side, which must work."""
        ran = self.play(PLAYBOOKS / "shared_services.yml", *arguments, inventories=inventories)
        assert ran.status == 0, ran.output
        return ran

    def onboard(self, *arguments: str, inventories: Iterable[Path] = (DEMO,), **environment: str) -> Ran:
        """Onboard the accounts."""
        return self.play(PLAYBOOKS / "onboard.yml", *arguments, inventories=inventories, **environment)

    def tasks(self, tasks: list[dict[str, Any]], *arguments: str, inventory: Path, **keywords: Any) -> Ran:
        """Play tasks of the test's own on the accounts of an inventory."""
        plays = [{"hosts": "accounts", "gather_facts": False, "tasks": tasks, **keywords}]
        return self.play(self.file(plays, "play"), *arguments, inventories=[inventory])


class Aws:
    """Clients of any account, by the organization's role; the management account by the base credentials."""

    def __init__(self, url: str, environment: Mapping[str, str]) -> None:
        self.url = url
        self._environment = environment
        self._sessions: dict[str, boto3.Session] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}

    def __call__(self, account: str, service: str, region: str = "us-east-1") -> Any:
        """Return a client."""
        key = (account, service, region)
        if key not in self._clients:
            self._clients[key] = self.client(self.session(account), service, region)
        return self._clients[key]

    def session(self, account: str) -> boto3.Session:
        """Return a session in an account."""
        if account not in self._sessions:
            names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
            base = boto3.Session(*(self._environment[name] for name in names))
            role = f"arn:aws:iam::{account}:role/{ORGANIZATION_ROLE}"
            self._sessions[account] = base if account == MANAGEMENT else self.assume(base, role)
        return self._sessions[account]

    def assume(self, base: boto3.Session, role: str, **arguments: Any) -> boto3.Session:
        """Return a session in a role."""
        sts = self.client(base, "sts", "us-east-1")
        keys = sts.assume_role(RoleArn=role, RoleSessionName="test", **arguments)["Credentials"]
        return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])

    def client(self, session: boto3.Session, service: str, region: str) -> Any:
        """Return a client of a session, which asks once and never looks at the user's own settings."""
        config = Config(retries={"total_max_attempts": 1}, proxies={}, s3={"addressing_style": "path"})
        return session.client(service, region_name=region, endpoint_url=self.url, config=config)

    def cli(self, account: str, region: str, *arguments: str) -> Any:
        """Return what the AWS CLI answers."""
        keys = self.session(account).get_credentials()
        environment = {
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            "AWS_SESSION_TOKEN": keys.token or "",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1,localhost",
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
        }
        command = [str(BIN / "aws"), "--region", region, "--output", "json", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def statements(document: Any) -> list[dict[str, Any]]:
    """Return a policy's statements, each with its actions, resources and principals as lists."""
    found = json.loads(document) if isinstance(document, str) else document or {"Statement": []}
    listed = found["Statement"] if isinstance(found["Statement"], list) else [found["Statement"]]
    return [
        {
            key: (
                {kind: as_list(names) for kind, names in value.items()} if isinstance(value, dict) else {"AWS": [value]}
            )
            if key == "Principal"
            else as_list(value)
            if key in ("Action", "Resource")
            else value
            for key, value in statement.items()
        }
        for statement in listed
    ]


def as_list(value: Any) -> list[Any]:
    """Return a list, also of one."""
    return value if isinstance(value, list) else [value]


def new_account(aws: Aws, name: str) -> str:
    """Make an account in the organization, as it is born, and return its id."""
    status = aws(MANAGEMENT, "organizations").create_account(AccountName=name, Email=f"aws+{name}@example.com")
    return str(status["CreateAccountStatus"]["AccountId"])
