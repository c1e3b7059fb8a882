# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Credentials of assumed roles: kept as the AWS CLI keeps them, refreshed by botocore."""

from __future__ import annotations

import contextlib
import os
from typing import Any

try:
    from botocore.credentials import DeferredRefreshableCredentials
    from botocore.utils import JSONFileCache
except ImportError:
    pass  # the entry says so, in the task that needs it


class CredentialCache:
    """Credentials of assumed roles in files that only their owner can read, as the AWS CLI keeps them.

    Args:
        folder: where they lie; "" keeps them in memory.
        refetch: true finds nothing, so that what is there is replaced.
    """

    def __init__(self, folder: str, refetch: bool = False) -> None:
        self.hit = False
        self._refetch = refetch
        self._key = ""
        self._entries: Any = {}
        if folder:
            # a home that cannot be written costs an AssumeRole a task, nothing else
            with contextlib.suppress(OSError):
                for path in (os.path.dirname(folder), folder):
                    os.makedirs(path, mode=0o700, exist_ok=True)
                self._entries = JSONFileCache(folder)

    def __contains__(self, key: str) -> bool:
        self._key = key
        try:
            return not self._refetch and bool(self._entries[key]["Credentials"]["Expiration"])
        except (KeyError, TypeError):  # absent, or cut off while it was written
            return False

    def __getitem__(self, key: str) -> Any:
        self.hit = True
        return self._entries[key]

    def __setitem__(self, key: str, value: Any) -> None:
        with contextlib.suppress(OSError):
            self._entries[key] = value

    def forget(self) -> None:
        """Lose the credentials that were last asked for."""
        if self._key:
            self[self._key] = {}


class AssumedRole:
    """botocore's credential provider for one assumed role; its credentials refresh themselves."""

    METHOD = CANONICAL_NAME = "assume-role"

    def __init__(self, fetcher: Any) -> None:
        self._fetcher = fetcher

    def load(self) -> Any:
        return DeferredRefreshableCredentials(refresh_using=self._fetcher.fetch_credentials, method=self.METHOD)
