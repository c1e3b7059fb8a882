"""The fleet on the audit's page: the matrix, its filters, keyboard, names for screen readers, themes and paper (G7)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.integration.audit_page.conftest import Open
from tests.integration.audit_page.pages import accounts, at, cell, chip, hostile_fleet, small_fleet
from tests.unit.audit.audits import DEFAULTS, ID, TUESDAY, audit, audit_of, result, row

ABOUT = {"id": "9" * 12, "partition": "aws", "regions": ["us-east-1"], "access_role": "Rackspace"}
WORST_FIRST = ["gone", "edge", "web", "twin", "calm", "shop"]


def test_the_worst_accounts_come_first_and_their_number_is_said(open_page: Open) -> None:
    page = open_page(small_fleet())
    expect(page.locator("h1")).to_have_text("4 of 6 accounts need a look")
    assert accounts(page) == WORST_FIRST


def test_a_fleet_without_trouble_says_so(open_page: Open) -> None:
    page = open_page(audit(row(), row("recorder"), defaults=DEFAULTS))
    expect(page.locator("h1")).to_have_text("All 1 account as they should be")
    expect(page.locator("tbody a[data-cell]")).to_have_attribute("aria-label", f"app1, as it should be, {ID}")
    expect(page.locator(".lead")).not_to_contain_text("not looked at")


def test_a_limited_audit_calls_nothing_well_that_it_did_not_look_at(open_page: Open) -> None:
    """G5."""
    page = open_page(audit(row(), defaults=DEFAULTS))
    expect(page.locator("h1")).to_have_text("Nothing wrong in what was looked at")
    expect(page.locator(".lead")).to_contain_text("1 of 2 defaults was not looked at everywhere")
    expect(page.locator("tbody a[data-cell]")).to_have_attribute(
        "aria-label", f"app1, nothing wrong in what was looked at, {ID}"
    )
    headings = page.locator("thead button[data-cell]")
    expect(headings.filter(has_text="recorder")).to_contain_text("nothing wrong in what was looked at")
    expect(headings.filter(has_text="trail")).not_to_contain_text("looked at")


def test_troubles_that_were_not_read_this_time_are_said(open_page: Open) -> None:
    before = audit(row(region="us-east-1", state="drifted"), row("recorder", state="drifted"))
    page = open_page(audit(row("logs_bucket", region="global"), previous=before, now=TUESDAY))
    told = "2 known troubles were not read this time"
    expect(page.locator("h1")).to_have_text(f"Nothing wrong in what was looked at; {told}")
    link = page.locator("tbody a[data-cell]")
    expect(link).to_have_attribute("aria-label", re.compile(f"^app1, nothing wrong in what was looked at, {told}, "))
    expect(link.locator(".not-read")).to_have_text("2 not read")
    link.click()
    expect(page.locator(".account h1 .badge + .not-read")).to_have_text(told)


def test_troubles_of_an_account_that_was_not_looked_at_are_said(open_page: Open) -> None:
    before = audit_of({"other": {**result(row(state="drifted")), "account": {**ABOUT, "name": "other"}}})
    page = open_page(audit(row(), previous=before, now=TUESDAY))
    told = "Nothing wrong in what was looked at; 1 known trouble was not read this time"
    expect(page.locator("h1")).to_have_text(told)
    expect(page.locator(".not-read")).to_have_count(0)


def test_a_cell_shows_a_symbol_and_says_its_state_in_words(open_page: Open) -> None:
    page = open_page(small_fleet())
    drifted = cell(page, "web", "trail")
    expect(drifted).to_have_text("≠1")
    expect(drifted).to_have_attribute("aria-label", "trail: drifted in 1 of 3 regions, 1 still open")
    expect(drifted).to_have_class(re.compile(r"\bdrifted\b"))
    expect(cell(page, "web", "password_policy")).to_have_attribute("aria-label", "password_policy: drifted, 1 new")
    expect(cell(page, "edge", "trail")).to_have_text("?1")
    expect(cell(page, "twin", "config_role")).to_have_text("◆")
    expect(cell(page, "shop", "trail")).to_have_attribute(
        "aria-label", "trail: skipped in 3 of 3 regions, 3 findings beside it, 3 new"
    )
    expect(cell(page, "shop", "recorder")).to_have_attribute("aria-label", re.compile("compliant.*, 1 fixed$"))
    expect(cell(page, "calm", "recorder")).to_have_attribute("aria-label", "recorder: not looked at")


def test_an_account_that_could_not_be_read_says_why_in_its_row(open_page: Open) -> None:
    row_of_gone = open_page(small_fleet()).locator('tr[data-host="gone"] td')
    expect(row_of_gone).to_have_count(1)
    expect(row_of_gone).to_contain_text("none of the roles can be assumed")


def test_counts_are_those_of_the_audit(open_page: Open) -> None:
    found = small_fleet()
    page = open_page(found)
    for name, key in (("Unknown", "unknown"), ("Drifted", "drifted"), ("Foreign", "foreign"), ("Findings", "findings")):
        expect(chip(page, name).locator("b")).to_have_text(str(found["totals"][key]))
    for name in ("Skipped", "Compliant", "New", "Fixed"):
        expect(chip(page, name).locator("b")).to_have_text(str(found["totals"][name.lower()]))
    expect(chip(page, "Still open").locator("b")).to_have_text(str(found["totals"]["open"]))
    expect(chip(page, "Unknown").locator("small")).to_have_text("in 2 accounts")  # one of them not read at all


@pytest.mark.parametrize(
    ("label", "value", "left"),
    [
        ("Customer account", "1000001", ["gone", "web"]),
        ("Service level", "aviator", ["edge", "twin", "shop"]),
        ("Default", "recorder", ["gone", "edge", "shop"]),
        ("Region", "us-west-2", ["gone", "web", "calm", "shop"]),
        ("Region", "global", ["gone", "web", "twin"]),
    ],
)
def test_filters_leave_what_matches(open_page: Open, label: str, value: str, left: list[str]) -> None:
    page = open_page(small_fleet())
    page.get_by_label(label, exact=True).select_option(value)
    assert accounts(page) == left
    expect(page.get_by_role("status")).to_contain_text(f"{len(left)} of 6 accounts shown")


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("Unknown", ["gone", "edge"]),
        ("Drifted", ["web"]),
        ("Foreign", ["twin"]),
        ("Findings", ["shop"]),
        ("Skipped", ["shop"]),
        ("Compliant", ["edge", "web", "calm", "shop"]),
        ("New", ["edge", "web", "twin", "shop"]),
        ("Still open", ["web"]),
        ("Fixed", ["shop"]),
    ],
)
def test_a_state_leaves_the_accounts_that_have_it(open_page: Open, name: str, left: list[str]) -> None:
    page = open_page(small_fleet())
    chip(page, name).click()
    expect(chip(page, name)).to_have_attribute("aria-pressed", "true")
    assert accounts(page) == left
    chip(page, name).click()
    assert accounts(page) == WORST_FIRST


def test_states_add_up(open_page: Open) -> None:
    page = open_page(small_fleet())
    chip(page, "Drifted").click()
    chip(page, "Foreign").click()
    assert accounts(page) == ["web", "twin"]
    expect(page.get_by_role("status")).to_contain_text("with 3 targets drifted or foreign")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("WEB", ["web"]),
        ("555555", ["twin"]),
        ("1000003", ["edge", "twin"]),
        ("AccessDenied", ["edge"]),
        ("grant this", ["edge"]),
        ("does not log", ["shop"]),
        ("is_logging", ["web", "twin"]),
        ("roles assumed", ["gone"]),
        ("nothing of the kind", []),
    ],
)
def test_text_is_searched_in_names_reasons_errors_and_settings(open_page: Open, text: str, left: list[str]) -> None:
    page = open_page(small_fleet())
    page.get_by_role("searchbox").fill(text)
    assert accounts(page) == left


def test_filters_combine_and_are_cleared_together(open_page: Open) -> None:
    page = open_page(small_fleet())
    page.get_by_label("Customer account", exact=True).select_option("1000001")
    chip(page, "Drifted").click()
    page.get_by_role("searchbox").fill("shop")
    assert accounts(page) == []
    expect(page.locator(".empty")).to_contain_text("No account matches.")
    page.locator(".empty button").click()
    assert accounts(page) == WORST_FIRST
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_in_one_region_cells_are_that_region_s(open_page: Open) -> None:
    page = open_page(small_fleet(), at(region="us-east-1"))
    expect(cell(page, "web", "trail")).to_have_attribute("aria-label", "trail: compliant in us-east-1")
    expect(page.locator("thead button")).to_have_count(1)  # nothing but trails lives there


def test_a_column_s_heading_filters_by_its_default(open_page: Open) -> None:
    page = open_page(small_fleet())
    page.get_by_role("button", name=re.compile("^config_role")).click()
    assert accounts(page) == ["gone", "twin"]
    expect(page.get_by_label("Default", exact=True)).to_have_value("config_role")
    page.get_by_role("button", name=re.compile("^config_role")).click()
    assert accounts(page) == WORST_FIRST


def test_the_defaults_of_a_section_stand_side_by_side(open_page: Open) -> None:
    page = open_page(small_fleet())
    sections = page.locator(".sections th[colspan]").all_text_contents()
    assert sections == ["iam", "s3", "config", "risk_events", "cloudtrail", "support"]
    assert page.locator(".defaults button .name").all_text_contents()[5:8] == [
        "config_role",
        "awsconfig_topic",
        "recorder",
    ]


def test_accounts_can_be_sorted_by_name(open_page: Open) -> None:
    page = open_page(small_fleet())
    page.get_by_label("Sort", exact=True).select_option("name")
    assert accounts(page) == sorted(WORST_FIRST)


def test_the_address_keeps_the_filter(open_page: Open) -> None:
    page = open_page(small_fleet())
    page.get_by_label("Service level", exact=True).select_option("aviator")
    page.get_by_role("searchbox").fill("e")
    chip(page, "Unknown").click()
    page.reload()
    assert accounts(page) == ["edge"]
    expect(page.get_by_role("searchbox")).to_have_value("e")
    expect(chip(page, "Unknown")).to_have_attribute("aria-pressed", "true")


def test_an_address_that_makes_no_sense_shows_the_fleet(open_page: Open) -> None:
    assert accounts(open_page(small_fleet(), at(show="nonsense,__proto__", sort="x", account="nobody"))) == WORST_FIRST


def test_the_grid_is_one_tab_stop_and_arrows_move_in_it(open_page: Open) -> None:
    page = open_page(small_fleet())
    assert page.locator('[data-cell][tabindex="0"]').count() == 1
    page.locator('[data-cell][tabindex="0"]').focus()
    label = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
    assert "gone" in page.evaluate(label)
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.closest('tr').dataset.host") == "web"
    assert page.evaluate(label).startswith("rackspace_role: not looked at")
    page.keyboard.press("End")
    assert page.evaluate(label).startswith("support_emergency_topic")
    page.keyboard.press("Control+Home")
    assert "gone" in page.evaluate(label)
    page.keyboard.press("Control+End")
    assert page.evaluate("document.activeElement.closest('tr').dataset.host") == "shop"
    page.keyboard.press("Home")
    assert page.locator('[data-cell][tabindex="0"]').count() == 1
    page.keyboard.press("Tab")
    assert not page.evaluate("Boolean(document.activeElement.closest('table'))")


def test_what_has_the_focus_is_seen(open_page: Open) -> None:
    page = open_page(small_fleet())
    page.keyboard.press("Tab")
    style = "getComputedStyle(document.activeElement)"
    assert page.evaluate(f"[{style}.outlineStyle, {style}.outlineWidth]") == ["solid", "2px"]


def test_slash_goes_to_the_search(open_page: Open) -> None:
    page = open_page(small_fleet())
    page.keyboard.press("/")
    page.keyboard.type("we/b")
    expect(page.get_by_role("searchbox")).to_have_value("we/b")


def test_a_screen_reader_is_told_the_grid_its_headings_and_its_cells(open_page: Open) -> None:
    page = open_page(small_fleet())
    grid = page.get_by_role("grid", name="Accounts by defaults")
    expect(grid).to_have_attribute("aria-rowcount", "8")
    expect(grid.get_by_role("columnheader", name=re.compile("^trail 2 accounts not as it should be"))).to_be_visible()
    expect(grid.get_by_role("rowheader", name=re.compile("^web, drifted"))).to_be_visible()
    expect(grid.get_by_role("gridcell", name="trail: drifted in 1 of 3 regions, 1 still open")).to_be_visible()
    assert page.locator("th:not([scope])").count() == 0
    nameless = page.locator("button, a, select, input").evaluate_all(
        "found => found.filter(e => !(e.textContent.trim() || (e.labels && e.labels.length))).length"
    )
    assert nameless == 0
    expect(page.get_by_role("status")).to_have_count(1)
    assert page.evaluate("document.documentElement.lang") == "en"


def test_what_changed_since_the_previous_audit_is_listed_with_links(open_page: Open) -> None:
    page = open_page(small_fleet())
    changes = page.locator(".changes")
    expect(changes.locator("summary")).to_have_text("Since 2026-11-16 18:00 UTC: 6 new, 1 fixed")
    changes.locator("summary").click()
    expect(changes).to_contain_text("New password_policy drifted · 1 target in web")
    expect(changes).to_contain_text("Fixed recorder drifted · 1 target in shop")
    changes.get_by_role("link", name="shop").last.click()
    expect(page.locator(".account h1")).to_contain_text("shop")


def test_a_new_finding_beside_an_old_drift_is_new_and_the_drift_is_not(open_page: Open) -> None:
    """G7: the page counts what the terminal counts."""
    before = audit(row(state="drifted", findings=["an old one"]))
    now = audit(row(state="drifted", findings=["an old one", "a new one"]), previous=before, now=TUESDAY)
    assert (now["totals"]["new"], now["totals"]["open"]) == (1, 2)
    page = open_page(now)
    label = "trail: drifted in 1 of 1 region, 1 finding beside it, 1 new, 1 still open"
    expect(cell(page, "app1", "trail")).to_have_attribute("aria-label", label)
    changes = page.locator(".changes")
    expect(changes.locator("summary")).to_have_text("Since 2026-11-16 18:00 UTC: 1 new, 0 fixed")
    changes.locator("summary").click()
    expect(changes.locator("li")).to_have_text("New trail finding · 1 target in app1")
    page.goto(page.url.split("#")[0] + at(account="app1"))
    new, old = (page.locator(".findings li", has_text=text) for text in ("a new one", "an old one"))
    expect(new).to_contain_text("New since the previous audit")
    expect(old).to_contain_text("Open since 2026-11-16 18:00 UTC (1 day)")
    history = page.get_by_role("region", name="Since the previous audit").locator("li")
    expect(history).to_have_text("New trail finding · us-east-1a new one")


def test_without_a_previous_audit_nothing_is_compared(open_page: Open) -> None:
    page = open_page(audit(row(state="drifted")))
    expect(page.locator(".top")).to_contain_text("with nothing to compare with")
    expect(page.locator(".changes")).to_have_count(0)
    expect(chip(page, "New")).to_have_count(0)


def test_hostile_names_are_only_names(open_page: Open) -> None:
    page = open_page(hostile_fleet())
    assert "</script><script>alert(1)</script><!--" in accounts(page)[0]
    assert page.locator("script").count() == 2
    page.locator("tbody a[data-cell]").click()
    expect(page.locator(".account h1")).to_contain_text("<script>alert(1)</script>")
    assert page.locator(".account script, .account b b").count() == 0
    assert "\u202e" not in page.content()
    page.keyboard.press("Escape")
    page.get_by_label("Customer account", exact=True).select_option(index=1)
    assert len(accounts(page)) == 1


def luminance(colour: str) -> float:
    red, green, blue = (int(number) for number in re.findall(r"\d+", colour)[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_system_and_can_be_switched(open_page: Open, scheme: str) -> None:
    page = open_page(small_fleet(), color_scheme=scheme)
    ground = "getComputedStyle(document.body).backgroundColor"
    assert (luminance(page.evaluate(ground)) > 128) == (scheme == "light")
    other = {"light": "dark", "dark": "light"}[scheme]
    page.get_by_label("Theme").select_option(other)
    assert (luminance(page.evaluate(ground)) > 128) == (other == "light")


CONTRAST = (Path(__file__).parent / "contrast.js").read_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(open_page: Open, scheme: str) -> None:
    page = open_page(small_fleet(), color_scheme=scheme)
    assert page.evaluate(CONTRAST) == []
    for host in ("web", "edge", "shop", "twin", "gone"):
        page.evaluate("place => { location.hash = place; }", at(account=host))
        page.wait_for_selector(f".account h1:has-text('{host}')")
        assert page.evaluate(CONTRAST) == [], host


def test_on_paper_there_is_the_whole_matrix_and_no_controls(open_page: Open) -> None:
    page = open_page(small_fleet())
    page.emulate_media(media="print")
    expect(page.locator(".fields")).to_be_hidden()
    expect(page.locator(".theme")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('.matrix')).overflow") == "visible"
    assert page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    expect(cell(page, "web", "trail")).to_be_visible()
    assert len(page.pdf()) > 10_000


@pytest.mark.parametrize("place", ["", "#account=web"])
def test_a_narrow_window_does_not_scroll_sideways(open_page: Open, place: str) -> None:
    page = open_page(small_fleet(), place, viewport={"width": 380, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 380


def test_without_javascript_it_says_what_is_wrong(open_page: Open) -> None:
    page = open_page(small_fleet())
    address = page.url
    plain = page.context.browser.new_context(java_script_enabled=False).new_page()  # type: ignore[union-attr]
    plain.goto(address)
    expect(plain.locator("tbody th")).to_have_text(["gone", "edge", "web", "twin"])
    expect(plain.locator("main")).to_contain_text("none of the roles can be assumed")
    plain.context.close()
