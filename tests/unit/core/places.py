# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An account in moto, with clients that record what is called and can be told what AWS answers."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Mapping
from typing import Any

import botocore.loaders
import botocore.session
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from botocore.exceptions import ClientError

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import is_read
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.shared_queues import PROVIDER_SIDE
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    Account,
    AccountDefault,
    Observed,
    Region,
    State,
    StopFlag,
    Target,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import PLAN_SPEC, options_of
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.plan import Change, Plan
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC

ACCOUNT = "123456789012"  # moto's own, where unknown keys lead
PROVIDER = "999999999999"
STRANGER = "555555555555"
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
EXTERNAL_ID = "an-external-id-nobody-may-see"
REGIONS = ("us-east-1", "eu-west-1")
OUR_TAG = {"Key": "ManagedBy", "Value": "rackspace.aws_accounts"}
IN_ACCOUNT = "x-moto-account-id"  # the header by which moto is told the account
LOADER = botocore.loaders.create_loader()

Answer = Callable[[dict[str, Any]], Any]


class _Watched:
    """Clients of one account, kept from test to test, for they are slow to make; each test has a fake of its own."""

    def __init__(self, account: str) -> None:
        self.fake = Fake()
        self.clients: dict[tuple[str, str], Any] = {}
        self.session = botocore.session.Session()
        self.session.register_component("data_loader", LOADER)
        self.session.set_credentials("test", "test", "test")
        # the guard that a test may set stands first, and then what the test says
        self.session.register("before-call", lambda params, **_: params["headers"].update({IN_ACCOUNT: account}))
        self.session.register("before-call", lambda **event: self.fake.guard(**event))
        self.session.register("provide-client-params", lambda **event: self.fake.record(**event))
        self.session.register("before-call", lambda **event: self.fake.before(**event))
        self.session.register("after-call", lambda **event: self.fake.after(**event))


_WATCHED: dict[tuple[str, str], _Watched] = {}


def _client(account: str, service: str, region: str, fake: Fake, whose: str) -> Any:
    """Return a client that this fake stands before."""
    if (account, whose) not in _WATCHED:
        _WATCHED[account, whose] = _Watched(account)
    watched = _WATCHED[account, whose]
    watched.fake = fake
    if (service, region) not in watched.clients:
        watched.clients[service, region] = watched.session.create_client(service, region_name=region)
    return watched.clients[service, region]


class Fake:
    """What a test stands in for AWS with: refusals and answers by operation, and the record of all calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.regions: list[tuple[str, str]] = []  # of every call: operation, region
        self._refusals: dict[str, list[tuple[str, str]]] = {}
        self._refused_if: list[tuple[str, Callable[[Any], bool], str]] = []
        self._answers: dict[str, Answer] = {}
        self._edits: dict[str, Answer] = {}
        self.guard: Callable[..., None] = lambda **_: None  # what stands before a call and may raise

    def refuse(self, operation: str, code: str, times: int = 1, message: str = "refused by the test") -> None:
        """Refuse the next calls of an operation."""
        self._refusals.setdefault(operation, []).extend([(code, message)] * times)

    def refuse_if(self, operation: str, applies: Callable[[Any], bool], code: str = "AccessDenied") -> None:
        """Refuse every call of an operation whose request body meets a condition."""
        self._refused_if.append((operation, applies, code))

    def answer(self, operation: str, answer: Mapping[str, Any]) -> None:
        """Answer an operation without asking moto."""
        self._answers[operation] = lambda _: dict(answer)

    def edit(self, operation: str, edit: Answer) -> None:
        """Change what moto answered to an operation, in place."""
        self._edits[operation] = edit

    @property
    def names(self) -> list[str]:
        """The operations called, in order."""
        return [name for name, _ in self.calls]

    @property
    def writes(self) -> list[str]:
        """The operations called that write, in order."""
        return [name for name in self.names if not is_read(name)]

    def arguments(self, operation: str) -> list[dict[str, Any]]:
        """Return the arguments of every call of an operation."""
        return [arguments for name, arguments in self.calls if name == operation]

    def watch(self, session: Any) -> None:
        """Stand before and after every call of a session."""
        session.register("provide-client-params", self.record)
        session.register("before-call", self.before)
        session.register("after-call", self.after)

    def record(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        """Keep an operation and its arguments."""
        self.calls.append((model.name, dict(params)))

    def before(self, model: Any, params: Any, context: Any, **_: Any) -> Any:
        """Answer or refuse, where the test says so."""
        self.regions.append((model.name, context["client_region"]))
        if self._refusals.get(model.name):
            code, message = self._refusals[model.name].pop(0)
            return _http(400), {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}}
        for operation, applies, code in self._refused_if:
            if operation == model.name and applies(params["body"]):
                return _http(400), {"Error": {"Code": code, "Message": "refused by the test"}, "ResponseMetadata": {}}
        if model.name in self._answers:
            return _http(200), {**self._answers[model.name]({}), "ResponseMetadata": {}}
        return None

    def after(self, model: Any, parsed: dict[str, Any], **_: Any) -> None:
        """Change an answer, where the test says so."""
        if model.name in self._edits:
            self._edits[model.name](parsed)


class Place:
    """An account in moto, and the clients that the defaults get there; also what ``Clients`` promises."""

    def __init__(self, account_id: str = ACCOUNT, **account: Any) -> None:
        regions = tuple(Region(name) for name in account.pop("regions", REGIONS))
        self.account = Account(account_id, UUID, "app1-prod", regions=regions, enabled=regions, **account)
        self.aws, self.provider_aws = Fake(), Fake()
        self.role = ""
        self.checked_trust: Callable[[Mapping[str, Any]], None] = lambda trust: None
        self.way_in: Callable[[], None] = lambda: None

    def _client(self, whose: str, service: str, region: str) -> Any:
        fake = {"account": self.aws, "provider": self.provider_aws}.get(whose, Fake())
        account = PROVIDER if whose.startswith("provider") else self.account.id
        return _client(account, service, region, fake, whose)

    def client(self, service: str, region: str) -> Any:
        """Return the account's client of a service."""
        return self._client("account", service, region)

    def provider_client(self, service: str, region: str) -> Any:
        """Return a client of the shared management services account."""
        return self._client("provider", service, region)

    def account_role(self) -> str:
        """Return the role that the session came in by."""
        return self.role

    def check_way_in(self, trust: Mapping[str, Any]) -> None:
        """Do what the test says."""
        self.checked_trust(trust)

    def prove_way_in(self, seconds: float) -> None:
        """Do what the test says."""
        self.way_in()

    def own(self, service: str, region: str = "us-east-1") -> Any:
        """Return a client of the account's owner: not recorded, not refused."""
        return self._client("unwatched", service, region)

    def providers(self, service: str, region: str = "us-east-1") -> Any:
        """Return a client of the provider's owner: not recorded, not refused."""
        return self._client("provider unwatched", service, region)

    def target(self, default: AccountDefault, region: str = "us-east-1", **chosen: Any) -> Target:
        """Return the target of a default: where it lives unless it is regional."""
        values = options(**chosen)
        where = region if default.regional else default.region(values)
        return Target(self.account, where, self, values, values["events_region"])

    def observe(self, default: AccountDefault, region: str = "us-east-1", **chosen: Any) -> Observed:
        """Return what a default sees."""
        return default.observe(self.target(default, region, **chosen))

    def plan(
        self, *defaults: AccountDefault, disabled: Mapping[str, str] | None = None, regions: Any = None, **chosen: Any
    ) -> Plan:
        """Return the plan of the defaults."""
        values = options(**chosen)
        names = regions or [region.name for region in self.account.regions]

        def target_in(region: str) -> Target:
            return Target(self.account, region, self, values, values["events_region"])

        return Plan.make(defaults, target_in, names, disabled or {}, values, StopFlag())

    def apply(self, *defaults: AccountDefault, **chosen: Any) -> Plan:
        """Return the plan of the defaults after it was applied."""
        plan = self.plan(*defaults, **chosen)
        plan.apply(30)
        return plan

    def applied(self, *defaults: AccountDefault, **chosen: Any) -> Plan:
        """Apply a plan, check that nothing is left to do, and return it."""
        plan = self.apply(*defaults, **chosen)
        assert failures(plan) == []
        again = self.plan(*defaults, **chosen)
        assert [change.default.name for change in again.changes if change.changed] == []
        return plan

    def put(self, default: AccountDefault, region: str = "us-east-1", **chosen: Any) -> State:
        """Observe, desire, put, and check that what is observed then equals what was desired; return it."""
        target = self.target(default, region, **chosen)
        seen = default.observe(target)
        after = default.desired(target, seen)
        assert isinstance(after, dict), after
        proven = default.put(target, seen, after)
        assert proven in (None, after)
        again = default.observe(target.forgetful())
        assert again.state == after
        assert not again.foreign
        return after


def options(**chosen: Any) -> dict[str, Any]:
    """Return the options of all defaults as a module has them after validation."""
    given = {
        "account_id": ACCOUNT,
        "account_uuid": UUID,
        "provider_account_id": PROVIDER,
        "external_id": EXTERNAL_ID,
        "managed_account_ids": [ACCOUNT],
        **chosen,
    }
    checked = _validator().validate(given)
    assert not checked.error_messages, checked.error_messages
    return dict(checked.validated_parameters)


@functools.cache
def _validator() -> ArgumentSpecValidator:
    return ArgumentSpecValidator({**ACCOUNT_SPEC, **PLAN_SPEC, **options_of((*ACCOUNT_DEFAULTS, *PROVIDER_SIDE))})


def refusal(code: str, operation: str = "Operation", message: str = "refused by the test") -> ClientError:
    """Return the exception that botocore raises for an answer of AWS."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def only(plan: Plan) -> Change:
    """Return the one change of a plan."""
    assert len(plan.changes) == 1
    return plan.changes[0]


def failures(plan: Plan) -> list[str]:
    """Return what went wrong in a plan, in words."""
    return [f"{c.default.name} {c.target.region}: {c.state}: {c.error}" for c in plan.changes if c.error]


def sids(policy: Mapping[str, Any]) -> list[str]:
    """Return the statement ids of a policy, in order."""
    return [statement.get("Sid", "") for statement in policy["Statement"]]


def _http(status: int) -> Any:
    return types.SimpleNamespace(status_code=status, headers={}, content=b"", text="", raw=None)
