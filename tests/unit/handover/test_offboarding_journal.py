"""The journal is read as it was written, and what is wrong with it is told by the line."""

from __future__ import annotations

import json

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.rackspace.aws_accounts.plugins.filter.offboarding_journal import offboarding_journal

ENTRIES = [{"event": "cleanup_begun", "ticket": "1"}, {"event": "handed_over", "ticket": "2"}]
TEXT = "\n".join(json.dumps(entry) for entry in ENTRIES) + "\n\n"


def test_entries_come_in_their_order() -> None:
    assert offboarding_journal(TEXT) == ENTRIES


def test_only_the_tickets_entries_count() -> None:
    assert offboarding_journal(TEXT, "2") == [ENTRIES[1]]


def test_an_account_without_a_journal_has_no_entries() -> None:
    assert offboarding_journal("") == []


def test_half_a_line_of_a_run_that_died_while_it_wrote_stops_nobody() -> None:
    assert offboarding_journal('{"event": "cut\n' + TEXT) == ENTRIES


@pytest.mark.parametrize("line", ["event: handed_over", '{"event": }', "[]", "{}", '{"event": 1}'])
def test_a_line_that_is_no_entry_is_named_by_its_number(line: str) -> None:
    with pytest.raises(AnsibleFilterError, match="line 3 of the journal"):
        offboarding_journal(TEXT.rstrip("\n") + "\n" + line)
