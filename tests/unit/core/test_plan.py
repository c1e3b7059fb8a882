# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The Plan over small defaults that need no AWS: states, order, retries, and what stops what."""

from __future__ import annotations

import copy
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import plan as plan_module
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    Account,
    AccountDefault,
    Observed,
    Skip,
    State,
    StopFlag,
    Target,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.plan import STATES, Change, Plan
from tests.unit.alone import Clock
from tests.unit.core.places import refusal

WANTED = {"size": 2}
SCP = "User is not authorized to perform x with an explicit deny in a service control policy"


class World:
    """What is there, by default and region, and what happened, in order."""

    def __init__(self) -> None:
        self.states: dict[tuple[str, str], State | None] = {}
        self.log: list[str] = []

    @property
    def writes(self) -> list[str]:
        """What was put, in order."""
        return [line.removeprefix("put ") for line in self.log if line.startswith("put ")]


class Setting(AccountDefault):
    """A setting in a dictionary; what it answers and refuses is given by the test."""

    service = "test"
    section = "section"
    requirement = "B1"
    title = "Setting"
    not_yet = ("NotVisibleYet",)

    def __init__(
        self,
        world: World,
        name: str = "setting",
        *,
        regional: bool = False,
        needs: tuple[str, ...] = (),
        region: str = "global",
        foreign: str = "",
        findings: tuple[str, ...] = (),
        read: Mapping[str, Exception] | None = None,
        refusals: Iterable[Exception] = (),
        want: Callable[[], State | Skip] = lambda: dict(WANTED),
        proves: bool = False,
    ) -> None:
        self.world, self.name, self.regional, self.needs = world, name, regional, needs
        self.where, self.foreign, self.findings = region, foreign, findings
        self.read, self.refusals, self.want, self.proves = dict(read or {}), list(refusals), want, proves
        self.shown_after = 0  # observations until what was put is seen

    def region(self, options: Mapping[str, Any]) -> str:
        """Return the place of a setting that is not regional."""
        return self.where

    def observe(self, target: Target) -> Observed:
        """Return what is there, or raise what the test says."""
        self.world.log.append(f"observe {self.name} {target.region}")
        if target.region in self.read:
            raise self.read[target.region]
        state = self.world.states.get((self.name, target.region))
        if state == WANTED and self.shown_after:
            self.shown_after -= 1
            state = None
        return Observed(state, self.foreign if state else "", self.findings, raw="raw")

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return what the test wants."""
        return self.want()

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        """Refuse as often as the test says, then write."""
        self.world.log.append(f"put {self.name} {target.region}")
        if self.refusals:
            raise self.refusals.pop(0)
        self.world.states[self.name, target.region] = dict(after)
        return dict(after) if self.proves else None


@pytest.fixture
def world() -> World:
    """Nothing there yet."""
    return World()


def make(
    *defaults: AccountDefault,
    regions: Iterable[str] = ("r1", "r2"),
    disabled: Mapping[str, str] | None = None,
    adopt: Mapping[str, str] | None = None,
    stop: StopFlag | None = None,
) -> Plan:
    """Return the plan of the defaults."""
    account = Account("111111111111", name="app1-prod", adopt=adopt or {})

    def target_in(region: str) -> Target:
        return Target(account, region, None, {})  # type: ignore[arg-type]

    return Plan.make(defaults, target_in, regions, disabled or {}, {}, stop or StopFlag())


def states(plan: Plan) -> dict[str, str]:
    """Return the state of every target."""
    return {f"{change.default.name} {change.target.region}": change.state for change in plan.changes}


def change_of(plan: Plan, name: str, region: str) -> Change:
    """Return the change of one default in one region."""
    return next(c for c in plan.changes if (c.default.name, c.target.region) == (name, region))


# --- states


def test_what_is_as_wanted_is_compliant(world: World) -> None:
    """G2, G7."""
    world.states["setting", "global"] = dict(WANTED)

    plan = make(Setting(world))

    assert plan.result()["targets"] == [
        {
            "default": "setting",
            "section": "section",
            "region": "global",
            "state": "compliant",
            "changed": False,
            "after": WANTED,
        }
    ]


def test_what_differs_is_drifted_and_shows_before_and_after(world: World) -> None:
    """G1, G7."""
    world.states["setting", "global"] = {"size": 1}

    row = make(Setting(world)).result()["targets"][0]

    assert (row["state"], row["changed"], row["before"], row["after"]) == ("drifted", True, {"size": 1}, WANTED)


def test_what_is_absent_is_drifted_from_nothing(world: World) -> None:
    """G1."""
    row = make(Setting(world)).result()["targets"][0]

    assert (row["state"], row["before"], row["after"]) == ("drifted", None, WANTED)


def test_a_skip_keeps_its_reason_and_what_is_there(world: World) -> None:
    """G7: skipped has a reason; findings of both the reading and the skip are told."""
    world.states["setting", "global"] = {"size": 1}
    default = Setting(world, findings=("seen",), want=lambda: Skip("covered", ("gap",)))

    row = make(default).result()["targets"][0]

    assert (row["state"], row["changed"], row["reason"], row["after"]) == ("skipped", False, "covered", {"size": 1})
    assert row["findings"] == ["seen", "gap"]


def test_what_is_switched_off_is_not_even_read(world: World) -> None:
    """B16."""
    plan = make(Setting(world), disabled={"setting": "the customer's own"})
    plan.apply(1)

    assert world.log == []
    assert change_of(plan, "setting", "global").reason == "switched off: the customer's own"


def test_what_cannot_be_read_is_unknown_with_code_message_and_operation(world: World) -> None:
    """G5, G7: unknown is never compliant."""
    default = Setting(world, read={"global": refusal("AccessDenied", "GetThing", "no")})

    row = make(default).result()["targets"][0]

    assert (row["state"], row["changed"]) == ("unknown", False)
    assert row["error"] == {
        "operation": "GetThing",
        "code": "AccessDenied",
        "message": "no",
        "fix": row["error"]["fix"],
    }
    assert "permissions" in row["error"]["fix"]


def test_what_is_unknown_is_not_written(world: World) -> None:
    """Design: what cannot be read stops writes to itself."""
    plan = make(Setting(world, read={"global": refusal("AccessDenied")}))
    plan.apply(1)

    assert world.writes == []


def test_foreign_is_neither_written_nor_changed_and_says_how_to_adopt(world: World) -> None:
    """G9."""
    world.states["setting", "global"] = {"size": 1}
    plan = make(Setting(world, foreign="setting exists"))
    plan.apply(1)

    row = plan.result()["targets"][0]

    assert (world.writes, row["state"], row["changed"], row["after"]) == ([], "foreign", False, {"size": 1})
    assert row["reason"].startswith("setting exists; it is left as it is.")
    assert "account_adopt" in row["reason"]
    assert "{setting: <reason>}" in row["reason"]


def test_foreign_is_taken_over_where_it_is_adopted_by_name(world: World) -> None:
    """G9."""
    world.states["setting", "global"] = {"size": 1}
    plan = make(Setting(world, foreign="setting exists"), adopt={"setting": "agreed"})
    plan.apply(1)

    assert (world.writes, states(plan)) == (["setting global"], {"setting global": "compliant"})


def test_adopting_one_default_adopts_no_other(world: World) -> None:
    """G9: adopted only by name."""
    world.states["one", "global"] = world.states["other", "global"] = {"size": 1}
    defaults = [Setting(world, name, foreign="exists") for name in ("one", "other")]

    plan = make(*defaults, adopt={"one": "agreed"})

    assert states(plan) == {"one global": "drifted", "other global": "foreign"}


def test_the_summary_counts_every_state_and_the_changes(world: World) -> None:
    """A5, G5."""
    world.states["good", "global"] = dict(WANTED)
    plan = make(
        Setting(world, "good"),
        Setting(world, "bad", regional=True),
        Setting(world, "unread", read={"global": refusal("X")}),
    )

    result = plan.result()

    assert result["summary"] == {**dict.fromkeys(STATES, 0), "compliant": 1, "drifted": 2, "unknown": 1, "changed": 2}
    assert result["changed"] is True


def test_a_plan_without_changes_is_unchanged(world: World) -> None:
    """G2."""
    world.states["setting", "global"] = dict(WANTED)

    plan = make(Setting(world))
    plan.apply(1)

    assert (plan.result()["changed"], plan.diff(), world.writes) == (False, [], [])


# --- one failure hides no other


def test_one_failing_region_does_not_hide_the_others(world: World) -> None:
    """G5."""
    plan = make(Setting(world, regional=True, read={"r1": RuntimeError("broken")}), regions=["r1", "r2", "r3"])
    plan.apply(1)

    assert states(plan) == {"setting r1": "unknown", "setting r2": "compliant", "setting r3": "compliant"}


def test_one_failing_default_does_not_hide_the_others_of_its_region(world: World) -> None:
    """G5."""
    plan = make(
        Setting(world, "one", regional=True, refusals=[refusal("Denied")]),
        Setting(world, "other", regional=True),
        regions=["r1"],
    )
    plan.apply(1)

    assert states(plan) == {"one r1": "failed", "other r1": "compliant"}


def test_a_failed_write_keeps_its_error_and_shows_what_was_there(world: World) -> None:
    """G5: failed can never look like success."""
    world.states["setting", "global"] = {"size": 1}
    plan = make(Setting(world, refusals=[refusal("LimitExceeded", "PutThing", "too many")]))
    plan.apply(1)

    row = plan.result()["targets"][0]

    assert (row["state"], row["after"], row["error"]["code"]) == ("failed", {"size": 1}, "LimitExceeded")


def test_a_desire_that_cannot_be_told_is_unknown_and_hides_no_other(world: World) -> None:
    """G5."""

    def refuse() -> State:
        raise AccountsError("no way")

    plan = make(Setting(world, "one", want=refuse), Setting(world, "other"))

    assert states(plan) == {"one global": "unknown", "other global": "drifted"}


def test_a_defect_in_one_desire_does_not_stop_the_account(world: World) -> None:
    """G5: a policy that is no JSON, for instance, is met in ``desired`` first where the role does not exist."""

    def refuse() -> State:
        raise ValueError("Expecting value: line 1 column 1")

    plan = make(Setting(world, "one", want=refuse), Setting(world, "other"))

    assert states(plan) == {"one global": "unknown", "other global": "drifted"}


# --- needs


@pytest.mark.parametrize(
    ("need", "state"),
    [
        ({"read": {"global": refusal("AccessDenied")}}, "unknown"),
        ({"foreign": "exists"}, "foreign"),
        ({"want": lambda: Skip("not here")}, "skipped"),
    ],
)
def test_what_needs_a_default_that_will_not_be_there_is_not_written(
    world: World, need: dict[str, Any], state: str
) -> None:
    """Design: what cannot be read stops writes to what depends on it, and says so."""
    world.states["need", "global"] = {"size": 1}
    plan = make(Setting(world, "need", **need), Setting(world, "user", regional=True, needs=("need",)), regions=["r1"])
    plan.apply(1)

    blocked = change_of(plan, "user", "r1")
    assert (world.writes, blocked.state, blocked.reason) == ([], "skipped", f"needs need, which is {state}")


def test_a_need_that_fails_while_it_is_written_stops_what_needs_it(world: World) -> None:
    """G5: a change that fails stops only those that need it."""
    plan = make(
        Setting(world, "need", refusals=[refusal("Denied")]),
        Setting(world, "user", regional=True, needs=("need",)),
        Setting(world, "other", regional=True),
        regions=["r1"],
    )
    plan.apply(1)

    assert states(plan) == {"need global": "failed", "user r1": "skipped", "other r1": "compliant"}
    assert change_of(plan, "user", "r1").changed is False


def test_a_regional_need_counts_in_its_own_region_only(world: World) -> None:
    """G5: one region does not stop the others."""
    plan = make(
        Setting(world, "need", regional=True, read={"r1": refusal("X")}),
        Setting(world, "user", regional=True, needs=("need",)),
    )
    plan.apply(1)

    assert (states(plan)["user r1"], states(plan)["user r2"]) == ("skipped", "compliant")


def test_a_block_goes_on_along_a_chain_of_needs(world: World) -> None:
    """Design: what depends on what cannot be read, directly or not."""
    plan = make(
        Setting(world, "a", read={"global": refusal("X")}),
        Setting(world, "b", regional=True, needs=("a",)),
        Setting(world, "c", regional=True, needs=("b",)),
        regions=["r1"],
    )

    assert states(plan) == {"a global": "unknown", "b r1": "skipped", "c r1": "skipped"}


def test_a_blocked_default_that_is_as_wanted_stays_compliant(world: World) -> None:
    """G7: what is there is there."""
    world.states["user", "r1"] = dict(WANTED)
    need = Setting(world, "need", read={"global": refusal("X")})

    plan = make(need, Setting(world, "user", regional=True, needs=("need",)), regions=["r1"])

    assert states(plan)["user r1"] == "compliant"


def test_a_need_that_is_not_part_of_the_plan_stops_nothing(world: World) -> None:
    """Design, "Layout": the single-default modules are the same Plan over one default."""
    plan = make(Setting(world, needs=("elsewhere",)))

    assert states(plan) == {"setting global": "drifted"}


def test_prerequisites_are_written_before_anything_that_needs_them(world: World) -> None:
    """Design: bucket policy before trail, role before recorder, topic policy before trail."""
    plan = make(
        Setting(world, "user", regional=True, needs=("bucket", "topic")),
        Setting(world, "bucket", region="r2"),
        regions=["r1", "r2"],
    )
    plan.apply(1)

    assert world.writes[0] == "bucket r2"
    assert sorted(world.writes[1:]) == ["user r1", "user r2"]


def test_a_region_is_written_in_the_catalogues_order(world: World) -> None:
    """Design: the order of one explicit catalogue."""
    plan = make(*(Setting(world, name, regional=True) for name in ("c", "a", "b")), regions=["r1"])
    plan.apply(1)

    assert world.writes == ["c r1", "a r1", "b r1"]


# --- a region denied by a service control policy


def test_a_region_in_which_everything_is_denied_by_scp_is_skipped_with_aws_words(world: World) -> None:
    """AWS facts: an SCP that denies a region is a skip with a reason, not a failure."""
    denied = {"r1": refusal("AccessDeniedException", message=SCP)}
    plan = make(*(Setting(world, name, regional=True, read=denied) for name in ("one", "other")))
    plan.apply(1)

    assert states(plan) == {
        "one r1": "skipped",
        "one r2": "compliant",
        "other r1": "skipped",
        "other r2": "compliant",
    }
    row = change_of(plan, "one", "r1").result()
    assert SCP in row["reason"]
    assert "error" not in row


def test_a_region_in_which_one_read_was_allowed_is_not_denied(world: World) -> None:
    """G5: then the denial is of a service, and the setting is unknown."""
    denied = {"r1": refusal("AccessDeniedException", message=SCP)}

    plan = make(Setting(world, "one", regional=True, read=denied), Setting(world, "other", regional=True))

    assert states(plan)["one r1"] == "unknown"


def test_a_region_in_which_one_read_failed_otherwise_is_not_denied(world: World) -> None:
    """G5: any other error is unknown, and so is the rest of its region."""
    plan = make(
        Setting(world, "one", regional=True, read={"r1": refusal("AccessDenied", message=SCP)}),
        Setting(world, "other", regional=True, read={"r1": refusal("Throttling")}),
    )

    assert (states(plan)["one r1"], states(plan)["other r1"]) == ("unknown", "unknown")


def test_a_denied_region_does_not_excuse_the_errors_of_another(world: World) -> None:
    """G5: an error is skipped in its own region only."""
    read = {"r1": refusal("AccessDenied", message=SCP), "r2": refusal("Throttling")}

    assert states(make(Setting(world, regional=True, read=read))) == {"setting r1": "skipped", "setting r2": "unknown"}


def test_a_denial_that_names_no_scp_is_unknown(world: World) -> None:
    """G5: denied can never look like success."""
    plan = make(Setting(world, regional=True, read={"r1": refusal("AccessDenied"), "r2": refusal("AccessDenied")}))

    assert set(states(plan).values()) == {"unknown"}


class Unsupported(Setting):
    """A setting that lacks something outside of the account."""

    def check(self, target: Target) -> None:
        """Raise where it is asked for."""
        raise AccountsError("the queue is not there")


def test_a_region_that_an_scp_denies_is_skipped_also_where_something_outside_of_the_account_is_missing(
    world: World,
) -> None:
    """Design, states: nobody needs a queue for a region in which nothing can be made."""
    denied = {"r1": refusal("AuthorizationError", message=SCP)}
    plan = make(Unsupported(world, regional=True, read=denied), Setting(world, "two", regional=True, read=denied))

    assert [change.state for change in plan.changes if change.target.region == "r1"] == ["skipped", "skipped"]
    unsupported = next(change for change in plan.changes if change.target.region == "r2")
    assert (unsupported.state, str(unsupported.error)) == ("unknown", "the queue is not there")
    assert unsupported.result()["after"] is None


def test_a_global_service_denied_by_scp_is_no_denied_region(world: World) -> None:
    """G5: IAM has no region to be skipped."""
    plan = make(Setting(world, read={"global": refusal("AccessDenied", message=SCP)}))

    assert states(plan) == {"setting global": "unknown"}


def test_aws_config_alone_does_not_keep_a_denied_region_open(world: World) -> None:
    """Control Tower's region deny control exempts AWS Config: the rest of the region is denied all the same."""
    recorder = Setting(world, "recorder", regional=True)
    recorder.service = "config"
    other = Setting(world, "other", regional=True, read={"r1": refusal("AccessDenied", message=SCP)})

    assert states(make(recorder, other, regions=["r1"]))["other r1"] == "skipped"


# --- what AWS accepts or shows late


def test_what_is_refused_as_not_visible_yet_is_tried_again(world: World, clock: Clock) -> None:
    """Design: tried again on exactly those error codes, with a bound."""
    began = clock.now
    plan = make(Setting(world, refusals=[refusal("NotVisibleYet")] * 3))
    plan.apply(30)

    assert (states(plan), len(world.writes)) == ({"setting global": "compliant"}, 4)
    assert 0 < clock.now - began < 30


def test_no_other_refusal_is_tried_again(world: World, clock: Clock) -> None:
    """Design: on exactly those error codes."""
    began = clock.now
    plan = make(Setting(world, refusals=[refusal("AccessDenied")]))
    plan.apply(30)

    assert (states(plan), len(world.writes), clock.now) == ({"setting global": "failed"}, 1, began)


def test_an_error_without_a_code_is_not_tried_again(world: World) -> None:
    """A lost connection is botocore's to retry."""
    plan = make(Setting(world, refusals=[ConnectionError("lost")]))
    plan.apply(30)

    assert (states(plan), len(world.writes)) == ({"setting global": "failed"}, 1)


def test_trying_again_ends_at_the_bound_with_awss_error(world: World, clock: Clock) -> None:
    """Design: with a bound."""
    began = clock.now
    plan = make(Setting(world, refusals=[refusal("NotVisibleYet")] * 1000))
    plan.apply(30)

    change = change_of(plan, "setting", "global")
    assert (change.state, change.result()["error"]["code"]) == ("failed", "NotVisibleYet")
    assert 30 <= clock.now - began < 40


def test_a_permanent_refusal_is_not_waited_for_in_full_by_every_default(world: World, clock: Clock) -> None:
    """Design, "Speed": a change that begins after the bound has an eighth of it still."""
    began = clock.now
    defaults = [Setting(world, f"s{n}", regional=True, refusals=[refusal("NotVisibleYet")] * 1000) for n in range(6)]
    make(*defaults, regions=["r1"]).apply(32)

    assert clock.now - began < 32 + 5 * (32 / 8 + 5) + 5


def test_each_attempt_sees_what_the_one_before_left(world: World) -> None:
    """G6: a put that was refused halfway is finished, not begun again."""
    seen: list[State | None] = []

    class Halfway(Setting):
        def put(self, target: Target, before: Observed, after: State) -> State | None:
            seen.append(before.state)
            self.world.states[self.name, target.region] = {"size": 1}
            return super().put(target, before, after)

    make(Halfway(world, refusals=[refusal("NotVisibleYet")])).apply(30)

    assert seen == [None, {"size": 1}]


def test_what_a_refused_attempt_made_is_not_foreign_to_the_next(world: World) -> None:
    """G9: ownership is what the first observation knew."""
    seen: list[str] = []

    class Halfway(Setting):
        def put(self, target: Target, before: Observed, after: State) -> State | None:
            seen.append(before.foreign)
            self.world.states[self.name, target.region] = {"size": 1}
            return super().put(target, before, after)

    make(Halfway(world, foreign="exists", refusals=[refusal("NotVisibleYet")])).apply(30)

    assert seen == ["", ""]


def test_an_observation_between_attempts_may_be_refused_as_not_visible_yet(world: World) -> None:
    """Design: what AWS refuses because it is not visible yet is tried again; as after a put that was accepted."""

    class Blinking(Setting):
        blinks = 1

        def observe(self, target: Target) -> Observed:
            if self.world.writes and self.blinks:
                self.blinks -= 1
                raise refusal("NotVisibleYet")
            return super().observe(target)

    plan = make(Blinking(world, refusals=[refusal("NotVisibleYet")]))
    plan.apply(30)

    assert states(plan) == {"setting global": "compliant"}


def test_what_is_shown_late_is_waited_for(world: World) -> None:
    """Design: what AWS shows late is waited for by observing again until it equals what was put."""
    default = Setting(world)
    default.shown_after = 3
    plan = make(default)
    plan.apply(30)

    assert (states(plan), world.writes) == ({"setting global": "compliant"}, ["setting global"])
    assert world.log.count("observe setting global") == 1 + 4


def test_an_observation_refused_as_not_visible_yet_is_waited_for_too(world: World) -> None:
    """Reads after a write can be refused by a node that has not seen it."""

    class Blinking(Setting):
        blinks = 2

        def observe(self, target: Target) -> Observed:
            if self.world.writes and self.blinks:
                self.blinks -= 1
                raise refusal("NotVisibleYet")
            return super().observe(target)

    plan = make(Blinking(world))
    plan.apply(30)

    assert states(plan) == {"setting global": "compliant"}


def test_what_is_never_shown_is_failed_and_says_what_to_do(world: World, clock: Clock) -> None:
    """G5: accepted is not done."""
    default = Setting(world)
    default.shown_after, default.late = 10_000, "ask the queue's side"
    began = clock.now
    plan = make(default)
    plan.apply(30)

    change = change_of(plan, "setting", "global")
    assert (change.state, str(change.error)[-len("ask the queue's side") :]) == ("failed", "ask the queue's side")
    assert 30 <= clock.now - began < 40


def test_a_put_that_proves_its_state_is_not_observed_again(world: World) -> None:
    """Design, "Speed": the number of calls is the cost."""
    plan = make(Setting(world, proves=True))
    plan.apply(30)

    assert states(plan) == {"setting global": "compliant"}
    assert world.log == ["observe setting global", "put setting global"]


def test_observing_again_forgets_what_was_read_before(world: World) -> None:
    """What is remembered in a region was read before the write."""
    memories = []

    class Remembering(Setting):
        def observe(self, target: Target) -> Observed:
            memories.append(target.memory)
            return super().observe(target)

    make(Remembering(world, regional=True), regions=["r1"]).apply(1)

    assert memories[0] is not memories[1]


def test_the_defaults_of_one_region_share_what_was_read_there(world: World) -> None:
    """Design, "Speed": one ListTopics serves six topics."""
    plan = make(*(Setting(world, name, regional=True) for name in ("one", "other")))

    assert change_of(plan, "one", "r1").target is change_of(plan, "other", "r1").target
    assert change_of(plan, "one", "r1").target is not change_of(plan, "one", "r2").target


# --- check mode and diff


def test_the_plan_that_is_never_applied_predicts_what_applying_it_changes(world: World) -> None:
    """G1: check mode predicts exactly what a real run then changes."""
    world.states |= {("a", "r1"): {"size": 1}, ("b", "r1"): dict(WANTED), ("c", "global"): {"size": 1}}

    def planned() -> Plan:
        return make(
            Setting(world, "a", regional=True),
            Setting(world, "b", regional=True),
            Setting(world, "c", foreign="exists"),
            Setting(world, "d", regional=True, needs=("c",)),
        )

    predicted = planned()
    real = planned()
    diff = copy.deepcopy(real.diff())
    real.apply(1)

    def told(plan: Plan) -> list[dict[str, Any]]:
        return [{key: value for key, value in row.items() if key != "state"} for row in plan.result()["targets"]]

    assert told(predicted) == told(real)
    assert predicted.diff() == diff == real.diff()
    assert [f"{row['default']} {row['region']}" for row in told(real) if row["changed"]] == ["a r1", "a r2", "b r2"]


def test_making_a_plan_writes_nothing(world: World) -> None:
    """G1: only apply writes."""
    make(Setting(world), Setting(world, "regional", regional=True))

    assert world.writes == []


def test_the_diff_has_one_entry_for_each_target_that_changes(world: World) -> None:
    """G1: names account, region and default."""
    world.states["setting", "r1"] = {"size": 1}
    world.states["setting", "r2"] = dict(WANTED)

    assert make(Setting(world, regional=True)).diff() == [
        {
            "before_header": "app1-prod (111111111111) r1 setting",
            "after_header": "app1-prod (111111111111) r1 setting",
            "before": {"size": 1},
            "after": WANTED,
        }
    ]


def test_a_change_that_aws_accepted_counts_as_changed_though_it_is_never_shown(world: World) -> None:
    """G5: a failed target that was written to must not read as untouched."""
    default = Setting(world)
    default.shown_after = 10_000
    plan = make(default)
    plan.apply(10)

    assert plan.result()["changed"] is True


# --- giving up


def test_waiting_ends_when_the_task_is_given_up(world: World) -> None:
    """Design, "Speed": threads check a stop flag."""
    stop = StopFlag()

    class Stopping(Setting):
        def put(self, target: Target, seen: Observed, after: State) -> State | None:
            stop.set()
            return super().put(target, seen, after)

    plan = make(Stopping(world, refusals=[refusal("NotVisibleYet")] * 9), stop=stop)
    plan.apply(30)

    assert (states(plan), len(world.writes)) == ({"setting global": "failed"}, 1)


def test_a_flag_given_up_above_is_set() -> None:
    """Design, "Speed": and that their parent still lives."""
    given_up = False
    stop = StopFlag(lambda: given_up)
    before = stop.is_set()
    given_up = True

    assert (before, stop.is_set()) == (False, True)


def test_an_interruption_stops_what_has_not_begun_and_returns_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Design, "Speed": after a task's timeout no thread writes; the flag is set before the threads are waited for."""
    monkeypatch.setattr(plan_module, "time", time)
    stop, begun, go_on = StopFlag(), threading.Lock(), threading.Event()

    class Slow(Setting):
        def put(self, target: Target, seen: Observed, after: State) -> State | None:
            if begun.acquire(blocking=False):
                signal.setitimer(signal.ITIMER_REAL, 0.2)  # by then all have been handed to the threads
            go_on.wait(60)
            assert stop.is_set()
            return super().put(target, seen, after)

    class GivenUpError(BaseException):
        pass

    def interrupt(*_: Any) -> None:
        raise GivenUpError

    regions = [f"r{n}" for n in range(plan_module.MAX_THREADS + 8)]
    plan = make(Slow(world, regional=True), regions=regions, stop=stop)
    former = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(GivenUpError):
            plan.apply(30)
        assert begun.locked()
        assert stop.is_set()
    finally:
        signal.signal(signal.SIGALRM, former)
        go_on.set()
    for thread in threading.enumerate():
        if thread.name.startswith("ThreadPoolExecutor"):
            thread.join(60)
    assert len(world.writes) <= plan_module.MAX_THREADS
