# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The gate topic_users: what still points at the topics that go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.gates.answer import (
    FAIL,
    PASS,
    UNKNOWN,
    Answer,
    passes,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.gates.facts import Facts
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.topic_users import NOT_SEARCHED, TopicUser, Unread


def topic_users(facts: Facts) -> Answer:
    """Answer whether anything that is found still points at a topic that goes."""
    if not facts.topics:
        return passes("no topic goes")
    reasons = facts.reasons("accept_topic_users")
    open_ = [user for user in facts.topic_users if not accepted(user, reasons)]
    unread = [entry for entry in facts.unread if not reasons.get(f"unknown:{entry.scan}")]
    taken = sorted(
        {f"{user.user} ({accepted(user, reasons)})" for user in facts.topic_users if accepted(user, reasons)}
    )
    taken += sorted({f"unknown:{e.scan} ({reasons[f'unknown:{e.scan}']})" for e in facts.unread if e not in unread})
    evidence, fixes = [], []
    if open_:
        told = sorted({f"{user.kind} {user.user} in {user.region} at {_name(user.topic)}" for user in open_})
        evidence.append(f"{len(told)} still point at a topic that goes: " + ", ".join(told))
        fixes.append(
            "point them elsewhere, or accept each by its name: offboarding.accept_topic_users: {<name>: <reason>}"
        )
    if unread:
        evidence.append(f"not read: {'; '.join(_by_region(unread))}")
        names = ", ".join(sorted({f"unknown:{entry.scan}" for entry in unread}))
        let_read = sorted({entry.fix for entry in unread if entry.fix}) or ["make it readable"]
        fixes += [*let_read, f"or accept that by its name: offboarding.accept_topic_users: {{{names}: <reason>}}"]
    if not evidence:
        number = "1 topic that goes" if len(facts.topics) == 1 else f"{len(facts.topics)} topics that go"
        evidence.append(f"nothing {'else ' if taken else ''}points at the {number}")
    if taken:
        evidence.append("accepted: " + ", ".join(taken))
    evidence.append("not searched: " + ", ".join(NOT_SEARCHED))
    result = FAIL if open_ else UNKNOWN if unread else PASS
    return Answer(result, "; ".join(evidence), "; ".join(fixes))


def accepted(user: TopicUser, reasons: Mapping[str, str]) -> str:
    """Return why something may go on pointing at a topic that goes; "" where nobody accepted that by its name."""
    return next((reasons[name] for name in user.names if reasons.get(name)), "")


def _by_region(unread: Iterable[Unread]) -> list[str]:
    """Return what could not be read, regions with one error together."""
    regions: dict[tuple[str, str], list[str]] = {}
    for entry in unread:
        regions.setdefault((entry.scan, entry.error), []).append(entry.region)
    return [f"{scan} in {', '.join(where)} ({error})" for (scan, error), where in regions.items()]


def _name(topic: str) -> str:
    return topic.rsplit(":", 1)[-1]
