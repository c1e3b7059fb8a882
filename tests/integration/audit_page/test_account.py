"""An account on the audit's page: what differs where, why, since when, and how one comes and goes (A5, G7)."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.integration.audit_page.conftest import Open
from tests.integration.audit_page.pages import REGIONS, at, cell, chip, small_fleet
from tests.unit.audit.audits import MONDAY, TUESDAY, audit, row


def test_an_account_is_opened_and_closed_by_keyboard(open_page: Open) -> None:
    page = open_page(small_fleet())
    cell(page, "web", "trail").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".account h1")).to_contain_text("web")
    expect(page.locator(".fleet")).to_be_hidden()
    expect(page.locator("#default-trail")).to_be_focused()  # where it was opened
    expect(page).to_have_title("web: audit")
    page.keyboard.press("Escape")
    expect(page.locator(".account")).to_have_count(0)
    expect(cell(page, "web", "trail")).to_be_focused()


def test_an_account_s_name_opens_it_at_its_heading(open_page: Open) -> None:
    page = open_page(small_fleet())
    page.get_by_role("link", name=re.compile("^calm, ")).click()
    expect(page.locator(".account h1")).to_be_focused()
    expect(page.locator(".account")).to_contain_text("Everything that was looked at is as it should be")
    page.get_by_role("link", name=re.compile("All accounts")).click()
    expect(page.get_by_role("link", name=re.compile("^calm, "))).to_be_focused()


def test_back_and_forward_and_the_address_work(open_page: Open) -> None:
    page = open_page(small_fleet())
    chip(page, "Drifted").click()
    cell(page, "web", "trail").click()
    assert page.evaluate("location.hash") == at(show="drifted", account="web", at="trail")
    page.go_back()
    expect(page.locator(".fleet")).to_be_visible()
    expect(chip(page, "Drifted")).to_have_attribute("aria-pressed", "true")
    page.go_forward()
    expect(page.locator(".account h1")).to_contain_text("web")
    page.reload()
    expect(page.locator(".account h1")).to_contain_text("web")


def test_the_neighbours_are_those_that_the_filter_leaves(open_page: Open) -> None:
    page = open_page(small_fleet(), at(level="aviator", account="twin"))
    expect(page.get_by_role("link", name="Previous: edge")).to_be_visible()
    page.get_by_role("link", name="Next: shop").click()
    expect(page.locator(".account h1")).to_contain_text("shop")
    expect(page.get_by_role("link", name=re.compile("^Next"))).to_have_count(0)


def test_the_difference_is_told_setting_by_setting(open_page: Open) -> None:
    page = open_page(small_fleet(), at(account="web"))
    trail = page.locator("#default-trail")
    told = re.compile(r"Drifted\s+eu-west-1\s+Open since 2026-11-16 18:00 UTC \(1 day\)")
    expect(trail.locator(".where")).to_have_text(told)
    expect(trail.locator("thead th")).to_have_text(["Setting", "Is now", "Onboarding makes it"])
    expect(trail.locator("tbody th")).to_have_text(["is_logging"])
    expect(trail.locator("td.before")).to_have_text("false")
    expect(trail.locator("td.after")).to_have_text("true")
    same = trail.locator("details")
    expect(same.locator("summary")).to_have_text("1 setting as it should be")
    same.locator("summary").click()
    expect(same).to_contain_text("s3_bucket_name")


def test_what_is_not_there_is_told_so_with_what_will_be(open_page: Open) -> None:
    policy = open_page(small_fleet(), at(account="web")).locator("#default-password_policy")
    expect(policy).to_contain_text("It is not there.")
    expect(policy.locator("tbody tr")).to_have_count(1)
    expect(policy.locator("tbody tr")).to_contain_text("minimum_length")
    expect(policy.locator("td.before")).to_have_text("not there")
    expect(policy.locator("td.after")).to_have_text("12")
    expect(policy).to_contain_text("New since the previous audit")


def test_regions_that_differ_in_different_ways_are_told_apart(open_page: Open) -> None:
    rows = []
    for region in REGIONS[:2]:
        before, after = ({"is_logging": logs, "topic": f"arn:aws:sns:{region}:1:t"} for logs in (False, True))
        rows.append(row(region=region, state="drifted", before=before, after=after))
    rows.append(row(region=REGIONS[2], state="drifted", before={"validation": False}, after={"validation": True}))
    trail = open_page(audit(*rows), at(account="app1")).locator("#default-trail")
    expect(trail.locator(".where .regions")).to_have_text(["eu-west-1, us-east-1", "us-west-2"])
    expect(trail.locator("tbody th")).to_have_text(["is_logging", "validation"])


def test_only_what_changed_within_a_text_is_marked(open_page: Open) -> None:
    arn = "arn:aws:sns:us-east-1:{}:rackspace-support"
    before, after = ({"topic": arn.format(account * 12)} for account in "91")
    found = audit(row(state="drifted", before=before, after=after))
    trail = open_page(found, at(account="app1")).locator("#default-trail")
    expect(trail.locator("mark")).to_have_text(["999999999999", "111111111111"])


def test_an_error_is_told_with_its_fix(open_page: Open) -> None:
    trail = open_page(small_fleet(), at(account="edge")).locator("#default-trail")
    expect(trail.locator(".error")).to_have_text("DescribeTrails AccessDenied no")
    expect(trail.locator(".fix")).to_have_text("What to do: grant this action")


def test_what_is_foreign_says_why_and_what_ours_would_be(open_page: Open) -> None:
    role = open_page(small_fleet(), at(account="twin")).locator("#default-config_role")
    expect(role.locator(".reason")).to_have_text("not ours")
    expect(role.locator("thead th")).to_have_text(["Setting", "There is", "Ours would be"])


def test_what_is_skipped_says_by_whom_and_where(open_page: Open) -> None:
    skipped = open_page(small_fleet(), at(account="shop")).get_by_role("region", name="Skipped")
    expect(skipped.locator("tbody th")).to_have_text("trail customer-trail covers the region")
    expect(skipped.locator("tbody td")).to_have_text(["trail", "all 3 regions: eu-west-1, us-east-1, us-west-2"])


def test_a_finding_is_told_once_for_all_regions(open_page: Open) -> None:
    findings = open_page(small_fleet(), at(account="shop")).locator(".findings li")
    expect(findings).to_have_count(1)
    expect(findings).to_contain_text("the trail does not log")
    expect(findings).to_contain_text("all 3 regions")


def test_what_changed_in_an_account_is_told(open_page: Open) -> None:
    page = open_page(small_fleet(), at(account="shop"))
    history = page.get_by_role("region", name="Since the previous audit")
    expect(history.locator("li")).to_have_count(2)
    expect(history).to_contain_text("Fixed recorder drifted · us-west-2 · since 2026-11-16 18:00 UTC")
    page.goto(page.url.split("#")[0] + at(account="gone"))
    expect(history).to_contain_text("Unread trail drifted · us-east-1 · since 2026-11-16 18:00 UTC")


def test_an_account_that_could_not_be_read_says_why_and_nothing_else(open_page: Open) -> None:
    page = open_page(small_fleet(), at(account="gone"))
    expect(page.locator(".message")).to_have_text("Nothing could be read: none of the roles can be assumed")
    expect(page.locator(".by-region")).to_have_count(0)


def test_every_region_of_every_default_is_shown_with_its_state_in_words(open_page: Open) -> None:
    table = open_page(small_fleet(), at(account="web")).locator(".by-region")
    expect(table.locator("thead th")).to_have_text(["Default", "global", *REGIONS])
    trail = table.locator("tbody tr").filter(has_text="trail")
    expect(trail.locator("td").nth(1).locator(".hidden-words")).to_have_text("drifted")
    expect(trail.locator("td").nth(2).locator(".hidden-words")).to_have_text("compliant")
    assert table.locator("th:not([scope])").count() == 0


def test_without_a_previous_audit_it_says_since_when_it_is_known(open_page: Open) -> None:
    page = open_page(audit(row(state="drifted"), now=TUESDAY), at(account="app1"))
    expect(page.locator("#default-trail .since")).to_have_text("Seen since 2026-11-17 18:00 UTC")
    expect(page.locator("#history")).to_have_count(0)
    assert MONDAY not in page.locator("#default-trail").inner_html()


def test_on_paper_an_account_shows_everything(open_page: Open) -> None:
    page = open_page(small_fleet(), at(account="web"))
    page.emulate_media(media="print")
    expect(page.locator(".account nav")).to_be_hidden()
    expect(page.locator("#default-trail dl")).to_be_visible()  # folded on a screen
    expect(page.locator(".fleet")).to_be_hidden()
