# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What every worker inherits from Ansible's parent process: botocore, its models, TLS contexts, and filters.

Nothing here opens a connection, starts a thread or reads credentials: a forked copy of those would be shared.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import pkgutil
import threading
from typing import Any

from ansible.plugins.loader import filter_loader, test_loader

try:
    import botocore.exceptions
    import botocore.httpsession
    import botocore.loaders
    import botocore.session

    HAS_BOTOCORE = True
except ImportError:  # the entry says so, in the task that needs it
    HAS_BOTOCORE = False

SERVICES = ("sts", "iam", "s3", "sns", "sqs", "cloudtrail", "config", "events", "account", "ec2", "organizations")
MODELS = ("service-2", "endpoint-rule-set-1", "paginators-1", "waiters-2")
COMMON = ("endpoints", "partitions", "sdk-default-configuration", "_retry")


@functools.cache
def shared_loader() -> Any:
    """Return a botocore data loader that holds the models of our services, or None without botocore."""
    if not HAS_BOTOCORE:
        return None
    loader = botocore.loaders.create_loader(os.environ.get("AWS_DATA_PATH"))
    for service in SERVICES:
        for model in MODELS:
            with contextlib.suppress(botocore.exceptions.BotoCoreError):  # not every service has every kind
                loader.load_service_model(service, model)
    for name in COMMON:
        with contextlib.suppress(botocore.exceptions.BotoCoreError):
            loader.load_data(name)
    with contextlib.suppress(Exception):  # botocore's hooks are private: without them it works as always
        share_tls_contexts()
    return loader


@functools.cache
def load_filters() -> None:
    """Load core's filters and tests, and the collection's.

    Ansible loads them where they are first used, which is a worker: each would do it again, for one task. Half a second
    of CPU each, where a task has a condition with a filter.
    """
    with contextlib.suppress(Exception):  # the loaders are Ansible's own: a worker loads for itself what is not there
        for loader in (filter_loader, test_loader):
            for _dummy in loader.all():
                pass
        folder = os.path.join(os.path.dirname(os.path.dirname(__file__)), "filter")
        for module in pkgutil.iter_modules([folder]):
            filter_loader.get(f"rackspace.aws_accounts.{module.name}")


def keep_from_collection() -> None:
    """Take what was loaded out of the garbage collector's sight.

    Its rounds in a worker would write into each object, and so copy the parent's memory: a tenth of a small task's CPU.
    Source: Python's documentation, gc.freeze.
    """
    gc.collect()
    gc.freeze()


def share_tls_contexts() -> None:
    """Let botocore's HTTP sessions share one TLS context for each CA bundle.

    By itself botocore makes a context for every client, and urllib3 reads the bundle into it for every connection:
    24 ms of CPU each. Sessions with a client certificate, without verification or with settings for a proxy keep
    contexts of their own, so that nothing of theirs reaches the others.
    """
    session = botocore.httpsession.URLLib3Session
    ordinary = session._get_ssl_context

    @functools.cache
    def context_of(bundle: str) -> Any:
        context = ordinary(None)
        read_bundle, set_protocols = functools.cache(context.load_verify_locations), context.set_alpn_protocols
        read_bundle(bundle, None, None)
        set_protocols(["http/1.1"])
        # Repeated by urllib3 for every connection: costly, and a change under the other threads' handshakes.
        context.load_verify_locations = read_bundle
        context.set_alpn_protocols = lambda protocols: None if protocols == ["http/1.1"] else set_protocols(protocols)
        return context

    def get_ssl_context(self: Any) -> Any:
        try:
            if self._verify and not self._cert_file and not self._proxy_config.settings:
                with lock:
                    return context_of(str(botocore.httpsession.get_cert_path(self._verify)))
        except (AttributeError, OSError, ValueError):
            pass  # another botocore, or a bundle that cannot be read: the ordinary way reports it best
        return ordinary(self)

    lock = threading.Lock()
    context_of(str(botocore.httpsession.get_cert_path(os.environ.get("AWS_CA_BUNDLE") or True)))
    session._get_ssl_context = get_ssl_context
