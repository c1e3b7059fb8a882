# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What workers inherit."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore.httpsession
import botocore.session
import pytest

from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils.preload import (
    SERVICES,
    keep_from_collection,
    shared_loader,
)

CONFIG = str(Path(__file__).resolve().parents[2] / "ansible.cfg")


@pytest.fixture
def loader() -> Any:
    return shared_loader()


@pytest.mark.parametrize("service", SERVICES)
def test_a_client_reads_no_model_from_disk(loader: Any, service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    load = loader.file_loader.load_file

    def load_and_tell(path: str) -> Any:
        content = load(path)
        if content is not None:
            read.append(path)
        return content

    monkeypatch.setattr(loader.file_loader, "load_file", load_and_tell)
    session = botocore.session.Session()
    session.register_component("data_loader", loader)
    session.create_client(service, region_name="us-west-2", aws_access_key_id="x", aws_secret_access_key="x")
    assert read == []


def test_sessions_share_a_context_only_for_the_same_trust(loader: Any) -> None:
    http = botocore.httpsession.URLLib3Session
    shared = http()._get_ssl_context()
    assert http(verify=True)._get_ssl_context() is shared
    assert http(verify=False)._get_ssl_context() is not shared
    assert http(client_cert="certificate.pem")._get_ssl_context() is not shared
    assert http(proxies_config={"proxy_ca_bundle": "x"})._get_ssl_context() is not shared


def test_a_bundle_that_cannot_be_read_is_left_to_botocore_to_report(loader: Any) -> None:
    assert botocore.httpsession.URLLib3Session(verify="/no/such/bundle.pem")._get_ssl_context() is not None


def test_what_was_loaded_is_not_collected_by_workers(loader: Any) -> None:
    keep_from_collection()
    try:
        assert gc.get_freeze_count() > 10_000
        assert len(gc.get_objects()) < gc.get_freeze_count()
    finally:
        gc.unfreeze()


ALONE = """
import threading
from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils.preload import shared_loader
assert shared_loader()
assert threading.active_count() == 1
"""


def test_the_parent_has_no_thread() -> None:
    """In a process of its own: the threads of other tests end when they like."""
    subprocess.run([sys.executable, "-c", ALONE], check=True)


LOADED = """
from ansible.plugins.loader import PluginLoader, filter_loader, init_plugin_loader, test_loader
init_plugin_loader()
from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils.preload import load_filters
load_filters()
del PluginLoader._load_module_source
for name in ("rackspace.aws_accounts.offboarding_phases", "ansible.builtin.combine", "ansible.builtin.urlsplit"):
    assert filter_loader.get(name), name
assert test_loader.get("ansible.builtin.match")
"""


def test_filters_are_not_read_from_their_files_again() -> None:
    """By each worker, for one task."""
    subprocess.run([sys.executable, "-c", LOADED], env={**os.environ, "ANSIBLE_CONFIG": CONFIG}, check=True)
