"""The audit's page in Debian's Chromium. Every page is watched: no error on its console, and nothing is loaded."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect, sync_playwright

from ansible_collections.rackspace.aws_accounts.plugins.filter.audit_page import audit_page

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
Open = Callable[..., Page]
PATIENCE = 15_000  # milliseconds
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without one these tests are skipped, but never where CI is set."""
    asked = [str(Path(__file__).parent / "chromium")]
    found = subprocess.run(asked, capture_output=True, text=True, timeout=900, check=False)
    if found.returncode:
        said = f"NO BROWSER, SO THE AUDIT'S PAGE IS NOT TESTED. {found.stderr.strip()}"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found.stdout.strip(), args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens the page of an audit, at a place, in a context of given settings."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []
    loaded: list[str] = []
    file = tmp_path / "audit.html"

    def refused(dialog: Dialog) -> None:
        problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def opened(audit: dict[str, Any], place: str = "", **settings: Any) -> Page:
        file.write_text(audit_page(audit), encoding="utf-8")
        context = browser.new_context(**{"viewport": {"width": 1400, "height": 900}, **settings})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: problems.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", refused)
        page.on("request", lambda request: loaded.append(request.url))
        page.goto(file.as_uri() + place)
        page.wait_for_selector(".fleet", state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []
    assert {url.split("#")[0] for url in loaded} - {file.as_uri(), "data:,"} == set()
