"""A policy is a document, JSON text or a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.rackspace.aws_accounts.plugins.filter.policy_document import policy_document

POLICY = {"Version": "2012-10-17", "Statement": []}


def test_a_document_is_itself() -> None:
    assert policy_document(POLICY) == POLICY


def test_json_text_is_parsed() -> None:
    assert policy_document(json.dumps(POLICY)) == POLICY


def test_a_relative_path_starts_at_the_folder(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(json.dumps(POLICY), encoding="utf-8")
    assert policy_document("policy.json", str(tmp_path)) == POLICY


def test_an_absolute_path_does_not(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(json.dumps(POLICY), encoding="utf-8")
    assert policy_document(str(tmp_path / "policy.json"), "/nowhere") == POLICY


@pytest.mark.parametrize("nothing", ["", None, {}])
def test_nothing_is_no_document(nothing: object) -> None:
    assert policy_document(nothing) is None


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnsibleFilterError, match=r"nope\.json cannot be read: No such file .*inventory's folder"):
        policy_document("nope.json", str(tmp_path))


def test_a_file_that_is_not_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text("Version: 2012", encoding="utf-8")
    with pytest.raises(AnsibleFilterError, match=r"policy\.json is not JSON"):
        policy_document("policy.json", str(tmp_path))


def test_a_file_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text("[]", encoding="utf-8")
    with pytest.raises(AnsibleFilterError, match="is not a policy document"):
        policy_document("policy.json", str(tmp_path))
