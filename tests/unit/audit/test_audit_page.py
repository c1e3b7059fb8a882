"""The audit's page as a file: nothing is loaded, no name is markup, and what it shows is what the audit says (G7)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.rackspace.aws_accounts.plugins.filter.audit_page import audit_page
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.audit_page import ROLE, embedded
from tests.unit.audit.audits import HOSTILE, ID, REGIONS, TUESDAY, audit, audit_of, result, row

VENDOR = ROLE / "files" / "page" / "vendor"


class Elements(HTMLParser):
    """The elements of a page, each with its attributes and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(("", {}, []))

    def handle_data(self, data: str) -> None:
        if self.found:
            self.found[-1][2].append(data)

    def of(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attributes, "".join(text)) for name, attributes, text in self.found if name == tag]


def data(text: str) -> dict[str, Any]:
    """What the page's script reads."""
    texts = [text for attributes, text in Elements(text).of("script") if attributes.get("id") == "audit"]
    found: dict[str, Any] = json.loads(texts[0])
    return found


def details(found: dict[str, Any]) -> list[dict[str, Any]]:
    page: list[dict[str, Any]] = data(audit_page(found))["details"]
    return page


def test_its_policy_lets_nothing_run_but_its_own_script_and_style() -> None:
    page = Elements(audit_page(audit(row())))
    policy = next(a["content"] or "" for a, _ in page.of("meta") if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    script = next(text for attributes, text in page.of("script") if not attributes)
    for text, rule in ((script, "script-src"), (page.of("style")[0][1], "style-src")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert set(rules) == {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"}


def test_nothing_in_it_is_loaded_from_elsewhere() -> None:
    page = Elements(audit_page(audit(row())))
    addresses = [a[name] for _, a, _ in page.found for name in ("src", "href", "data", "action") if a.get(name)]
    assert addresses == ["data:,"]  # the icon, which browsers ask for otherwise
    style = page.of("style")[0][1]
    assert "url(" not in style
    assert "@import" not in style


def test_its_own_parts_hold_nothing_that_ends_them() -> None:
    page = Elements(audit_page(audit(row())))
    assert len(page.of("script")) == 2
    assert len(page.of("style")) == 1


def hostile_audit() -> dict[str, Any]:
    about = {"id": ID, "name": HOSTILE, "regions": REGIONS, "access_role": HOSTILE}
    rows = [
        row(state="drifted", before={HOSTILE: HOSTILE}, after={HOSTILE: [HOSTILE]}, reason=HOSTILE),
        row("recorder", state="unknown", error=dict.fromkeys(("operation", "code", "message", "fix"), HOSTILE)),
        row("alias", findings=[HOSTILE]),
    ]
    results = {HOSTILE: {**result(*rows), "account": about}, "gone": {"failed": True, "msg": HOSTILE}}
    return audit_of(results)


def test_a_hostile_name_is_data_and_never_markup() -> None:
    text = audit_page(hostile_audit())
    plain = audit_page(audit_of({"a": result(row(state="drifted")), "gone": {"failed": True, "msg": "x"}}))
    tags = [tag for tag, _, _ in Elements(text).found]
    assert tags == [tag for tag, _, _ in Elements(plain).found]
    inside = re.search(r'<script type="application/json" id="audit">(.*?)</script>', text, re.DOTALL)
    assert inside
    assert not re.search("[<>&\u2028\u2029]", inside[1])
    assert "{{ 7*7 }}" in data(text)["accounts"][1]["name"]  # and no template


def test_a_name_cannot_turn_its_line_around_or_break_it() -> None:
    name = data(audit_page(hostile_audit()))["accounts"][1]["name"]
    assert name.startswith("</script><script>alert(1)</script>")
    assert name.isprintable()


def test_half_a_character_does_not_break_the_file() -> None:
    about = {"id": ID, "name": "a\ud800b", "regions": REGIONS}
    text = audit_page(audit_of({"a": {**result(row()), "account": about}}))
    assert data(text)["accounts"][0]["name"] == "a\N{REPLACEMENT CHARACTER}b"
    text.encode("utf-8")


def test_what_is_embedded_comes_out_as_it_went_in() -> None:
    value = {"a": "</script><!-- & \u2028 é", "b": [1, None, True]}
    assert json.loads(embedded(value)) == value


def test_before_and_after_are_told_as_differences() -> None:
    assert details(audit(row(state="drifted"))) == [
        {
            "since": "2026-11-16T18:00:00Z",
            "differences": [{"path": "is_logging", "before": False, "after": True}],
            "same": {"s3_bucket_name": "logs"},
        }
    ]


def test_what_is_not_there_is_told_so() -> None:
    found = details(audit(row(state="drifted", before=None, after={"a": 1})))[0]
    assert (found["absent"], found["differences"]) == (True, [{"path": "", "after": {"a": 1}}])


def test_regions_that_differ_only_in_their_names_are_one_result() -> None:
    rows = []
    for region in REGIONS:
        before, after = ({"arn": f"arn:aws:sns:{region}:1:t", "confirmed": yes} for yes in (False, True))
        rows.append(row("alarm", region=region, state="drifted", before=before, after=after))
    found = data(audit_page(audit(*rows)))
    assert [detail["same"] for detail in found["details"]] == [{"arn": "arn:aws:sns:{region}:1:t"}]
    _, state, regions, _ = found["accounts"][0]["results"][0]
    assert (state, [found["regions"][place] for place in found["sets"][regions]]) == ("drifted", REGIONS)


def test_one_region_alone_keeps_its_name() -> None:
    before, after = ({"arn": "arn:aws:sns:eu-west-1:1:t", "confirmed": yes} for yes in (False, True))
    found = details(audit(row(region="eu-west-1", state="drifted", before=before, after=after)))
    assert found[0]["same"] == {"arn": "arn:aws:sns:eu-west-1:1:t"}


def test_what_many_accounts_share_is_there_once() -> None:
    one, many = (
        audit_of({f"a{n}": result(*(row(region=r, state="skipped") for r in REGIONS)) for n in range(number)})
        for number in (1, 50)
    )
    assert len(data(audit_page(many))["details"]) == len(data(audit_page(one))["details"]) == 1
    assert len(data(audit_page(many))["sets"]) == 1


def test_a_finding_has_its_own_time_where_that_is_another() -> None:
    before = audit(row(state="drifted"), row("recorder", findings=["x"]))
    rows = (row(state="drifted", findings=["y", HOSTILE]), row("recorder", findings=["x"]))
    details = data(audit_page(audit(*rows, previous=before, now=TUESDAY)))["details"]
    assert [detail.get("finding_times") for detail in details] == [[[TUESDAY, "new"]] * 2, None]


def test_what_was_fixed_and_what_was_not_read_is_in_it() -> None:
    monday = audit(row(state="drifted"), row("recorder", state="drifted"))
    found = data(audit_page(audit(row(), row("recorder", state="unknown"), previous=monday, now=TUESDAY)))
    account = found["accounts"][0]
    assert [entry[1] for entry in account["fixed"]] == ["drifted"]
    assert [entry[1] for entry in account["unread"]] == ["drifted"]
    assert found["previous_at"] == monday["audited_at"]


def test_without_javascript_there_is_a_list_of_what_is_wrong() -> None:
    page = Elements(audit_page(audit_of({"fine": result(row()), "bad": {"failed": True, "msg": "no way in"}})))
    assert [text.strip() for _, text in page.of("td")] == [ID, "unknown: no way in"]


def test_something_that_is_no_audit_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="is not an audit"):
        audit_page({"accounts": []})


def test_the_vendored_library_is_what_its_version_contains() -> None:
    told = json.loads((VENDOR / "vendored.json").read_text())
    assert hashlib.sha256((VENDOR / told["file"]).read_bytes()).hexdigest() == told["sha256"]


def test_the_vendored_library_s_version_is_written_in_one_place() -> None:
    told = json.loads((VENDOR / "vendored.json").read_text())
    readme = (VENDOR / "README.md").read_text()
    assert re.fullmatch(r"\d+\.\d+\.\d+", told["version"])
    assert told["version"] not in readme
    assert {path.name for path in VENDOR.iterdir()} == {
        *("README.md", "vendored.json", told["file"], "LICENSE.htm", "LICENSE.preact")
    }


def test_every_file_of_the_page_is_in_the_page() -> None:
    text = audit_page(audit(row()))
    for path in Path(ROLE / "files" / "page").rglob("*.*s"):
        if path.suffix in {".js", ".css"}:
            assert path.read_text(encoding="utf-8").strip()[:200] in text
