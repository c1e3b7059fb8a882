# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes test results of an audit, for CI systems."""

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_junit
short_description: An audit of many accounts as JUnit XML
description:
  - An account is a test suite, a default in a region is a test case, named C(trail[eu-west-1]).
  - What drifted or is foreign is a failure, what could not be read an error, what is skipped is skipped. What was found
    beside it is the case's output.
  - An account that could not be read at all is a suite with one case, which is an error.
options:
  _input:
    description: What P(rackspace.aws_accounts.audit_report#filter) returns.
    type: dict
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Write what CI systems show
  ansible.builtin.copy:
    content: "{{ audit | rackspace.aws_accounts.audit_junit }}"
    dest: reports/audit.xml
    mode: "0644"
  run_once: true
"""

RETURN = r"""
_value:
  description: The text of the file. Characters that XML cannot hold are replaced.
  type: str
"""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.audit_report import checked
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.differences import difference_line, differences
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import why

#: state -> the element that says so, and the count of it
OUTCOMES = {
    "drifted": ("failure", "failures"),
    "foreign": ("failure", "failures"),
    "unknown": ("error", "errors"),
    "skipped": ("skipped", "skipped"),
}
#: what is no character of XML 1.0 (production 2), and what a reader would fold away
NO_CHARACTER = re.compile("[^\t\n\\x20-\\x7e\\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def audit_junit(audit: Mapping[str, Any]) -> str:
    """Return the audit as the text of a JUnit XML file."""
    audit = checked(audit)
    sections = {default["name"]: default["section"] for default in audit["defaults"]}
    suites = Element("testsuites", {"name": "audit of AWS accounts"})
    for account in audit["accounts"]:
        _suite(suites, account, sections, audit["audited_at"])
    _count(suites)
    indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(suites, encoding="unicode")}\n'


def _suite(suites: Element, account: Mapping[str, Any], sections: Mapping[str, str], audited_at: str) -> None:
    name = f"{account['name']} ({account['id'] or 'no id'})"
    # a time of JUnit's schema has no zone
    suite = SubElement(suites, "testsuite", _attributes(name=name, timestamp=audited_at.rstrip("Z"), time="0"))
    if not account["results"]:
        case = SubElement(suite, "testcase", _attributes(classname=account["name"], name="account", time="0"))
        SubElement(case, "error", _attributes(type="unknown", message=account["message"]))
    for entry in account["results"]:
        classname = ".".join(filter(None, [account["name"].replace(".", "_"), sections[entry["default"]]]))
        for region in entry["regions"]:
            title = f"{entry['default']}[{region}]"
            _case(SubElement(suite, "testcase", _attributes(classname=classname, name=title, time="0")), entry)
    _count(suite)


def _case(case: Element, entry: Mapping[str, Any]) -> None:
    state = entry["state"]
    if state in OUTCOMES:
        element = OUTCOMES[state][0]
        told = why(entry)
        since = f"{entry['trend']} since {entry['since']}" if entry.get("trend") else ""
        if element == "skipped":
            SubElement(case, element, _attributes(message=told))
        else:
            detail = "\n".join([told, since, *_changes(entry)]).strip()
            SubElement(case, element, _attributes(type=state, message=told or _summary(entry))).text = _clean(detail)
    if entry.get("findings"):
        SubElement(case, "system-out").text = _clean("\n".join(f"finding: {text}" for text in entry["findings"]))


def _changes(entry: Mapping[str, Any]) -> list[str]:
    if "after" not in entry:
        return []
    return [difference_line(difference) for difference in differences(entry.get("before"), entry["after"])]


def _summary(entry: Mapping[str, Any]) -> str:
    """Say in one line what drifted."""
    if entry.get("before") is None:
        return f"{entry['default']} is not there"
    places = dict.fromkeys(difference["path"] for difference in differences(entry["before"], entry.get("after")))
    return f"{entry['default']} differs in {', '.join(places)}"


def _count(element: Element) -> None:
    """Set how many cases below an element there are, and how many of each outcome."""
    cases = list(element.iter("testcase"))
    element.set("tests", str(len(cases)))
    for name, attribute in dict(OUTCOMES.values()).items():
        element.set(attribute, str(sum(case.find(name) is not None for case in cases)))


def _attributes(**values: str) -> dict[str, str]:
    return {name: _clean(value) for name, value in values.items()}


def _clean(text: str) -> str:
    return NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"audit_junit": audit_junit}
