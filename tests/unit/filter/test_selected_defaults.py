"""From a run's tags to account defaults: sections are tags, and an unknown tag is refused."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.rackspace.aws_accounts.plugins.filter.selected_defaults import (
    SECTIONS,
    selected_defaults,
    selection_fault,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS


def test_the_sections_are_the_guides() -> None:
    assert set(SECTIONS) == {"iam", "s3", "cloudtrail", "config", "support", "risk_events"}


def test_without_tags_nothing_narrows_the_run() -> None:
    assert selected_defaults([], ["all"], []) == []


@pytest.mark.parametrize("section", SECTIONS)
def test_a_tag_selects_its_sections_defaults(section: str) -> None:
    assert selected_defaults([], [section]) == [d.name for d in ACCOUNT_DEFAULTS if d.section == section]


def test_a_skipped_tag_leaves_the_other_sections() -> None:
    names = selected_defaults([], ["all"], ["config"])
    assert names == [default.name for default in ACCOUNT_DEFAULTS if default.section != "config"]


def test_tags_select_from_the_names_that_a_variable_gives() -> None:
    assert selected_defaults(["password_policy", "trail"], ["iam"]) == ["password_policy"]


def test_names_on_the_command_line_are_a_text_with_commas() -> None:
    assert selected_defaults("trail, password_policy") == ["password_policy", "trail"]


def test_ansibles_own_tags_are_known() -> None:
    assert selected_defaults([], ["always", "tagged"], ["never"]) == []


@pytest.mark.parametrize(("run", "skip"), [(["aim"], []), (["all"], ["sns"]), (["iam", "sns"], [])])
def test_an_unknown_tag_is_refused_with_the_known_ones(run: list[str], skip: list[str]) -> None:
    fault = selection_fault([], run, skip)
    assert fault.startswith("unknown tag ")
    assert fault.endswith(f"the tags are the guide's sections: {', '.join(SECTIONS)}")


def test_a_selection_that_leaves_nothing_is_refused() -> None:
    assert "leave no account default" in selection_fault([], ["iam"], ["iam"])


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    fault = selection_fault(["pasword_policy"])
    assert fault.startswith("account_defaults_only: pasword_policy is no account default; known are rackspace_role")


def test_a_bad_selection_never_becomes_everything() -> None:
    with pytest.raises(AnsibleFilterError, match="unknown tag aim"):
        selected_defaults([], ["aim"])


def test_a_good_selection_has_no_fault() -> None:
    assert selection_fault(["trail"], ["cloudtrail"], ["iam"]) == ""
