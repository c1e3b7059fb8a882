# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An offboarding that is cut off after any number of writes, run again, and looked at by the account's owner.

The modules are called in this process, in the order of roles/reverse_assumption/tasks, each with what the role gives
it. Of the role itself only what a rerun depends on is mirrored, in `Offboarding.run`: the journal, what is concluded
from it where no role admits the provider any more (plan.yml, last_role.yml), and the code that waits (account.yml).
What writes nothing (the plan that is shown, the gates, the scans for residual access) is left out, and so is the lock;
test_cut_off_playbook.py has all of them.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import inspect
import json
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.hooks
import botocore.loaders
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from botocore.exceptions import ClientError

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import organization_membership as membership
from ansible_collections.rackspace.aws_accounts.plugins.module_utils import proof
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.channel_renewal import TAG
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.role_removal import is_released
from ansible_collections.rackspace.aws_accounts.plugins.modules import (
    account_contacts,
    account_defaults,
    last_role,
    organization_membership,
    reverse_assumption,
    root_access,
    shared_queues,
)
from emulator.client import Emulator
from tests.customer import CONTACT
from tests.integration.embedded import lead_to
from tests.integration.offboarding.shell import run
from tests.integration.onboarding.belongings import Belongings, belongings, lost_or_changed
from tests.integration.onboarding.controller import MANAGEMENT, ORGANIZATION_ROLE, SHARED, Aws, Call

DEPARTING = "811111111111"
#: the record's regions, and all that the account has: a plan reads every one
REGIONS = ("us-east-1", "eu-west-1")
ENABLED = [*REGIONS, "us-west-2"]
EXTERNAL_ID = "demo-f3b0c2a49d17"
NEW_ADDRESS = "aws-root@departing.example"
CLOUDHEALTH = {
    "external_ids": ["demo-cloudhealth-5e21"],
    "policy": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}',
}
REQUEST = {
    "new_root_email": NEW_ADDRESS,
    "contact": CONTACT,
}
#: by which the provider comes in; they go last, or stay and admit nobody
LAST_ROLES = ("Rackspace", ORGANIZATION_ROLE)
PROVIDERS_ROLES = (*LAST_ROLES, "CloudHealth-Role", "rackspace-dispatcher")
#: how a delivery channel is made anew
RENEWING = {
    "DeleteDeliveryChannel",
    "PutDeliveryChannel",
    "StartConfigurationRecorder",
    "StopConfigurationRecorder",
    "TagResource",
    "UntagResource",
}
#: what is done to the account's own data and its root user
ACCOUNT_WRITES = {
    "AcceptPrimaryEmailUpdate",
    "DeactivateMFADevice",
    "PutContactInformation",
    "StartPrimaryEmailUpdate",
}
LEAVING = {"LeaveOrganization", "RemoveAccountFromOrganization"}
#: what of a trail and of a delivery channel names a topic
TOPIC_FIELDS = {"SnsTopicARN", "SnsTopicName", "snsTopicARN"}
HANDED_OVER, WAITING = "handed over", "waits for the code"
PROOF = 0.2  # seconds
LOADER = botocore.loaders.create_loader()


class CutOffError(Exception):
    """AWS answers nothing any more: the run is over, wherever it is."""


class People(Aws):
    """Sessions of one principal in one account, whose keys change with every freshly seeded organization."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(emulator.url, emulator.environment)
        self._session = boto3.Session("none", "none", "none")

    def session(self, account: str) -> boto3.Session:
        """Return the one session; its clients take its keys at each call."""
        return self._session

    def become(self, key: str, secret: str, token: str | None = None) -> None:
        """Take other keys."""
        credentials: Any = self._session.get_credentials()
        credentials.access_key, credentials.secret_key, credentials.token = key, secret, token


class Stage:
    """One embedded AWS on which the same account is offboarded again and again."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.emulator = emulator
        self.folder = folder
        self.owner = People(emulator)
        self.provider = People(emulator)
        self.member = People(emulator)
        self.base = Aws(emulator.url, emulator.environment)
        #: how many writes an offboarding takes that nobody cuts off
        self.writes = 0
        #: by the plan of a check run: the ARNs of what goes, and what is only detached: default and region
        self.removes: set[str] = set()
        self.detached: set[tuple[str, str]] = set()

    def uncut(self) -> Offboarding:
        """Plan an offboarding in check mode, do it without a cut, and count the writes."""
        whole = Offboarding(self, approved=True)
        whole.finish()
        self.writes = len(whole.written())
        return whole

    def cut(self, writes: int, lost: bool = False, later: bool = False, approved: bool = False) -> None:
        """Cut an offboarding off after so many writes, run it again, and see that all is as if it had not been cut.

        Args:
            lost: the answer of the last write is lost too.
            later: it is run again when no cached credentials are left, as after an hour.
            approved: every run is given the plan that was made before the first one.
        """
        assert self.writes, "an offboarding without a cut comes first"
        offboarding = Offboarding(self, approved)
        self.emulator.settings(die_after_writes=writes, lose_the_last_answer=lost)
        try:
            with pytest.raises(CutOffError):
                offboarding.finish()
        finally:
            self.emulator.settings(die_after_writes=None, lose_the_last_answer=False)
        assert len(offboarding.written()) == writes, "it was not cut off there: it proves nothing"
        self.owner(DEPARTING, "iam").list_account_aliases()  # the customer is never locked out
        if later:
            shutil.rmtree(offboarding.cache)
        offboarding.finish()
        if later:
            offboarding.tidy_up()
        offboarding.check()
        gc.collect()  # clients hold each other, and their connections


@contextlib.contextmanager
def stage(emulator: Emulator, folder: Path) -> Iterator[Stage]:
    """Lead this process to the embedded AWS; it is put back as it was."""
    with pytest.MonkeyPatch.context() as patch:
        lead_to(emulator, patch)
        patch.setattr(membership, "PAUSES", (0, 0))  # a dead AWS is not waited for
        patch.setattr(proof, "ROUNDS", 2)
        # each module makes sessions of its own, and botocore looks at each of its hundred handlers for each
        patch.setattr(botocore.hooks, "accepts_kwargs", _by_function(botocore.hooks.accepts_kwargs))
        # pytest keeps what is logged until a test ends, with an error's frames and all clients in them
        patch.setattr(logging.getLogger("botocore.credentials"), "disabled", True)
        emulator.settings(latency=0, visibility_delay=0)
        yield Stage(emulator, folder)
        emulator.reset()


def _by_function(asks: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Remember answers by the function, not by the method or closure, which would keep its client for ever."""
    remembered = functools.cache(asks)

    def answer(handler: Any) -> bool:
        function = getattr(handler, "__func__", handler)
        whole = inspect.isfunction(function) and function.__closure__ is None
        return remembered(function) if whole else asks(handler)

    return answer


class Offboarding:
    """The account, onboarded, and all runs of one offboarding of it."""

    def __init__(self, stage: Stage, approved: bool) -> None:
        self.stage = stage
        self.emulator = stage.emulator
        self.cache = stage.folder / "credentials"
        shutil.rmtree(self.cache, ignore_errors=True)
        self.emulator.reset("offboard")
        self.emulator.change_account(DEPARTING, regions=ENABLED)
        #: what the role's journal would hold: events
        self.journal: list[str] = []
        #: what the last run said of the last roles
        self.last: dict[str, Any] = {}
        #: the one-time code, once the customer has told it
        self.code = ""
        self._onboard()
        self._let_people_in()
        self._plant()
        self.before = self._belongings()
        self.plan = self._approve() if approved else None
        self.emulator.reset_ledger()

    # -- the runs

    def finish(self) -> None:
        """Run it as an engineer does: where the code is waited for, the rest again with the code that AWS sent."""
        if self.run() == WAITING:
            self.code = self.emulator.mail()[-1]["code"]
            assert self.run(cleanup=False) == HANDED_OVER

    def run(self, cleanup: bool = True) -> str:
        """Play offboard.yml's phases once; returns how it ended. What makes the role fail fails here."""
        resumed = "last_role_begun" in self.journal
        if cleanup and self._is_behind():
            if self.journal[-1] == "handed_over":
                return HANDED_OVER
        else:
            sent = "email_code_sent" in self.journal
            contacts = self._do(account_contacts, request=REQUEST, email_code=self.code or None, code_sent=sent)
            if contacts["waiting_for_code"]:
                self._write_down("email_code_sent")
                return WAITING
            self._do(root_access)
            self._do(organization_membership)
            self._write_down("last_role_begun")
        last = self.last = self._do(last_role, resumed=resumed)
        self._go_on()
        assert last["proven"], last["proof"]
        self._write_down("handed_over")
        return HANDED_OVER

    def tidy_up(self) -> None:
        """Run the lines that the owner is given for roles that nobody of ours can reach any more."""
        there = {role["RoleName"] for role in self.stage.owner(DEPARTING, "iam").list_roles()["Roles"]}
        for role in self.last.get("roles", ()):
            if role["action"] == "out_of_reach" and role["role"] in there:
                run(self.stage.owner.session(DEPARTING), self.emulator.url, role["customer_line"])

    def _is_behind(self) -> bool:
        """Clean up; returns whether no role admits the provider, and a run of ours is known to have done that."""
        result = self.call(reverse_assumption, plan=self.plan)
        if result.get("no_way_in"):
            self._go_on()
            assert "last_role_begun" in self.journal, result["msg"]
            return True
        self._succeed(result)
        return False

    def _do(self, module: Any, **options: Any) -> dict[str, Any]:
        """Return the result of a module; raises CutOffError where AWS died, after what it could still tell."""
        return self._succeed(self.call(module, **options))

    def _succeed(self, result: dict[str, Any]) -> dict[str, Any]:
        if result.get("failed"):
            self._go_on()
        assert not result.get("failed"), result["msg"]
        return result

    def _write_down(self, event: str) -> None:
        self.journal.append(event)
        self._go_on()

    def _go_on(self) -> None:
        if self.emulator.settings()["dead"]:
            raise CutOffError

    def call(self, module: Any, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        """Return the result of a module, with those of the role's options that it takes."""
        entry = module.ENTRY
        known = {
            "account_id": DEPARTING,
            "account_name": "departing",
            "account_uuid": "5e0b7d0c-3a51-4f0e-9c55-0c7a8a0f1d11",
            "organization": {"id": "o-rackspace01", "management_account_id": MANAGEMENT},
            "provider_account_id": SHARED,
            "provider_account_ids": [MANAGEMENT, SHARED],
            "external_id": EXTERNAL_ID,
            "regions": list(REGIONS),
            "cloudhealth": CLOUDHEALTH,
            "confirm": DEPARTING,
            "managed_account_ids": [DEPARTING],
            "wait_timeout": 2,
            "credential_cache": str(self.cache),
            "aws_config": {"retries": {"mode": "standard", "total_max_attempts": 1}},
        }
        given = {name: value for name, value in known.items() if name in entry.argument_spec} | options
        checked = ArgumentSpecValidator(**entry.rules).validate(given)
        assert not checked.error_messages, checked.error_messages
        # an option in whole seconds is none of a test with a hundred proofs
        seconds = {"proof_seconds": PROOF} if "proof_seconds" in entry.argument_spec else {}
        how = Run(check_mode=check_mode, diff=True, botocore_loader=LOADER)
        return dict(entry.outcome(checked.validated_parameters | seconds, how))

    # -- what is there before

    def _onboard(self) -> None:
        for module in (shared_queues, account_defaults):
            made = self.call(module)
            assert not made.get("failed"), made["msg"]

    def _let_people_in(self) -> None:
        """Give the customer's administrator a key of her own, and the provider's account a session."""
        for people, account in ((self.stage.member, DEPARTING), (self.stage.provider, SHARED)):
            role = f"arn:aws:iam::{account}:role/{ORGANIZATION_ROLE}"
            keys = self.stage.base(MANAGEMENT, "sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
            people.become(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        made = self.stage.member(DEPARTING, "iam").create_access_key(UserName="customer-admin")["AccessKey"]
        self.stage.owner.become(made["AccessKeyId"], made["SecretAccessKey"])

    def _plant(self) -> None:
        """Make what is the customer's own, of the kinds that an offboarding removes."""
        for region in REGIONS:
            sns, events = (self.stage.owner(DEPARTING, service, region) for service in ("sns", "events"))
            topic = sns.create_topic(Name="orders")["TopicArn"]
            sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="orders@departing.example")
            events.put_rule(Name="orders", EventPattern='{"source": ["orders"]}')
            events.put_targets(Rule="orders", Targets=[{"Id": "1", "Arn": topic}])

    def _belongings(self) -> Belongings:
        found = belongings(self.stage.owner, DEPARTING, REGIONS)
        iam = self.stage.owner(DEPARTING, "iam")
        for user in iam.list_users()["Users"]:
            name = user["UserName"]
            attached = iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]
            found["user", name] = [user["Arn"], *sorted(policy["PolicyArn"] for policy in attached)]
        return found

    def _approve(self) -> str:
        """Plan the offboarding in check mode; returns the plan's file, which runs are given."""
        plan = self.call(reverse_assumption, check_mode=True)
        assert not plan.get("failed"), plan["msg"]
        self.stage.removes = {_steady(arn) for arn in plan["removes"]}
        self.stage.detached = {(row["default"], row["region"]) for row in plan["targets"] if row["action"] == "detach"}
        file = self.stage.folder / "plan.json"
        file.write_text(json.dumps(plan["approval"]))
        return str(file)

    # -- what is there afterwards

    def written(self) -> list[Call]:
        """Return the writes of all runs that AWS did not refuse."""
        return [call for call in self.emulator.ledger() if call["kind"] == "write" and not call["error"]]

    def check(self) -> None:
        """See that the account is handed back: whole, working, its owner's, and closed to the provider."""
        self._check_writes()
        after = self._belongings()
        self._check_roles(after)
        kept = {at: _without_topic(at, what) for at, what in self.before.items() if not self._goes(at)}
        assert lost_or_changed(kept, after) == {}
        assert [at for at in after if at not in self.before] == []
        assert [at for at in after if self._goes(at) and at[:2] not in {("role", name) for name in LAST_ROLES}] == []
        self._check_topics()
        self._check_signals()
        self._check_ways_in()
        account = self.emulator.accounts()[DEPARTING]
        assert (account["root_mfa"], account["organization"], account["email"]) == ([], "", NEW_ADDRESS)

    def _goes(self, at: tuple[str, ...]) -> bool:
        """Tell whether something that was there is the plan's, or a last role's."""
        if at[0] == "role":
            return at[1] in PROVIDERS_ROLES
        if at[0] == "policy":
            return at[1] in self.stage.removes
        if at[1] == "topic":
            return at[2] in self.stage.removes
        return at[1] == "rule" and _rule(at[0], at[2]) in self.stage.removes

    def _check_writes(self) -> None:
        """See that nothing was removed beyond the plan and the last roles, and nothing else was written."""
        written = self.written()
        assert [call for call in written if not self._is_allowed(call)] == []
        assert sum(call["operation"] in LEAVING for call in written) == 1

    def _is_allowed(self, call: Call) -> bool:
        operation, resource, region = call["operation"], call["resource"], call["region"]
        if operation in {"DeleteTopic", "Unsubscribe", "DeletePolicy"}:
            return _steady(resource) in self.stage.removes
        if operation in {"DeleteRule", "RemoveTargets"}:
            return _rule(region, resource) in self.stage.removes
        if operation in {"DeleteRole", "DeleteRolePolicy"}:
            return resource in LAST_ROLES or f"arn:aws:iam::{DEPARTING}:role/{resource}" in self.stage.removes
        if operation == "DetachRolePolicy":  # the ledger has the policy; that no other role lost it is seen later
            return any(("role", role, "attached", resource) in self.before for role in PROVIDERS_ROLES)
        if operation == "UpdateAssumeRolePolicy":
            return resource in LAST_ROLES
        if operation in RENEWING:
            return ("recorder", region) in self.stage.detached
        if operation == "UpdateTrail":
            return ("trail", region) in self.stage.detached
        return operation in ACCOUNT_WRITES | LEAVING

    def _check_roles(self, after: Belongings) -> None:
        """See that the last roles are gone, or admit nobody and may nothing."""
        for name in LAST_ROLES:
            left = {at: what for at, what in after.items() if at[:2] == ("role", name)}
            assert set(left) <= {("role", name)}, left
            assert all(is_released(role["AssumeRolePolicyDocument"]) for role in left.values()), left

    def _check_topics(self) -> None:
        """See that of all topics only the customer's are left, in every region."""
        for region in ENABLED:
            topics = self.stage.owner(DEPARTING, "sns", region).list_topics()["Topics"]
            names = [topic["TopicArn"].rpartition(":")[2] for topic in topics]
            assert names == (["orders"] if region in REGIONS else []), region

    def _check_signals(self) -> None:
        """See that trails log and recorders record without errors, and no sign of a renewal is left."""
        for region in REGIONS:
            cloudtrail, config = (self.stage.owner(DEPARTING, service, region) for service in ("cloudtrail", "config"))
            (trail,) = cloudtrail.describe_trails(includeShadowTrails=False)["trailList"]
            status = cloudtrail.get_trail_status(Name=trail["TrailARN"])
            assert status["IsLogging"], region
            assert not TOPIC_FIELDS & set(trail), region
            assert not {"LatestNotificationError", "LatestDeliveryError"} & set(status), region
            (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
            (recording,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
            assert recording["recording"], region
            (channel,) = config.describe_delivery_channels()["DeliveryChannels"]
            assert not TOPIC_FIELDS & set(channel), region
            tags = config.list_tags_for_resource(ResourceArn=recorder["arn"])["Tags"]
            assert TAG not in {tag["Key"] for tag in tags}, region

    def _check_ways_in(self) -> None:
        """See that no role admits the provider's sessions, each of which can still assume another one."""
        base, provider = self.stage.base(MANAGEMENT, "sts"), self.stage.provider(SHARED, "sts")
        for sts in (base, provider):
            for name in PROVIDERS_ROLES:
                for asked in ({}, {"ExternalId": EXTERNAL_ID}):
                    arn = f"arn:aws:iam::{DEPARTING}:role/{name}"
                    with pytest.raises(ClientError) as refused:
                        sts.assume_role(RoleArn=arn, RoleSessionName="test", **asked)
                    assert refused.value.response["Error"]["Code"] == "AccessDenied"
            assert sts.get_caller_identity()["Account"] in {MANAGEMENT, SHARED}


def _steady(arn: str) -> str:
    """Return an ARN without what AWS makes up: a subscription's is its topic's and `subscription`."""
    parts = arn.split(":")
    return ":".join([*parts[:6], "subscription"]) if parts[2] == "sns" and len(parts) > 6 else arn


def _rule(region: str, name: str) -> str:
    return f"arn:aws:events:{region}:{DEPARTING}:rule/{name}"


def _without_topic(at: tuple[str, ...], what: Any) -> Any:
    """Return what remains of a trail or a delivery channel."""
    if at[1] in {"trail", "delivery channel"} and isinstance(what, dict):
        return {name: value for name, value in what.items() if name not in TOPIC_FIELDS}
    return what
