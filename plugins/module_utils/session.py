# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The sessions of a task: in the account, the shared management services account and the management account.

Every session's identity is compared with the record before anything is written (G3).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import (
    AccountSession,
    ConnectionSettings,
    Guard,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.credentials import AssumedRole, CredentialCache
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccessError, is_denied

try:
    from botocore.credentials import AssumeRoleCredentialFetcher, CredentialResolver
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:
    BotoCoreError = ClientError = Exception

SESSION_NAME = "rackspace.aws_accounts"


class Access:
    """The sessions of one task, made when they are first needed.

    Args:
        params: account_id, access_roles, external_id, organization, provider_account_id, provider_access_role,
            provider_role_name and the connection options of amazon.aws; ``fresh_credentials``: true where a role may
            have been deleted or changed since its credentials were cached.
        account: how messages name the account.
    """

    def __init__(self, params: Mapping[str, Any], account: str, guard: Guard, loader: Any = None) -> None:
        self._params = params
        self._account_name = account
        self._guard = guard
        self._settings = ConnectionSettings(params, loader)
        self._sessions: dict[str, AccountSession] = {}
        self._lock = threading.RLock()
        self._came_by: dict[str, Any] = {}  # the access role of the account's session

    def client(self, service: str, region: str) -> Any:
        """Return the account's client of a service."""
        return self.account.client(service, region)

    def provider_client(self, service: str, region: str) -> Any:
        """Return a client of the shared management services account."""
        return self.provider.client(service, region)

    def account_role(self) -> str:
        """Return the name of the role that the account's session came in by; "" where it assumed none."""
        return self.account.role

    def session_of(self, credentials: Mapping[str, str], what: str) -> AccountSession:
        """Return a verified session in the account by temporary credentials, as AWS's answers hold them."""
        session = self._settings.new_session()
        session.set_credentials(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])
        found = AccountSession(session, self._settings, self._guard)
        found.verify(self._params["account_id"], f"account {self._account_name}: {what}")
        return found

    def check_way_in(self, trust: Mapping[str, Any]) -> None:
        """Raise AccessError where a trust policy would not admit the session that our role was assumed from."""
        role, source = self._way_in()
        caller, external_id = source.caller["Arn"], role["external_id"]
        principals = policies.principals(trust)
        if not any(_is_caller(principal, source.caller) for principal in principals):
            raise AccessError(f"it admits {', '.join(sorted(principals))}, and this run comes as {caller}")
        wanted = policies.condition_values(trust, "sts:ExternalId")
        if wanted and external_id not in wanted:
            raise AccessError("it asks for another external id than the one that this run came in with")

    def prove_way_in(self, seconds: float) -> None:
        """Assume the role that we came in by once more, past every cache, until IAM has had time to refuse."""
        role, source = self._way_in()
        arguments = self._assume_arguments(self._role_arn(self._params["account_id"], role["name"]), role)
        for pause in (0.0, *[seconds / 4] * 4):
            time.sleep(pause)
            source.client("sts", self._settings.sts_region).assume_role(**arguments)

    def _way_in(self) -> tuple[dict[str, Any], AccountSession]:
        self.account.identify()
        return self._came_by, self._source(self._came_by["via"])

    @property
    def base(self) -> AccountSession:
        """The session of the credentials that the run was started with."""
        return self._once("base", lambda: AccountSession(self._settings.base_session(), self._settings, self._guard))

    @property
    def provider(self) -> AccountSession:
        """The session in the shared management services account, its identity checked."""
        return self._once("provider", self._reach_provider)

    @property
    def management(self) -> AccountSession:
        """The session in the organization's management account, its identity checked."""
        return self._once("management", self._reach_management)

    @property
    def account(self) -> AccountSession:
        """The session in the account itself, by the first of its access roles that works, its identity checked."""
        return self._once("account", self._reach_account)

    def _once(self, name: str, make: Any) -> AccountSession:
        with self._lock:
            if name not in self._sessions:
                self._sessions[name] = make()
            return self._sessions[name]

    def _reach_provider(self) -> AccountSession:
        account_id, role = self._params["provider_account_id"], self._params["provider_access_role"]
        return self._reach("the provider's account", account_id, role, "provider_account_id, provider_access_role")

    def _reach_management(self) -> AccountSession:
        organization = self._params.get("organization")
        if not organization:
            raise AccessError(
                f"account {self._account_name}: a role is to be assumed via the management account, and "
                "account_organization does not name one; add management_account_id there"
            )
        account_id, role = organization["management_account_id"], organization.get("management_role")
        return self._reach("the management account", account_id, role, "account_organization: management_role")

    def _reach(self, name: str, account_id: str, role: str | None, fields: str) -> AccountSession:
        """Return a verified session in an account of the provider's own: the base, or a role assumed from it."""
        what = f"account {self._account_name}: {name} {account_id}"
        if self._identify_base() == account_id:
            self.base.verify(account_id, what)
            return self.base
        caller = self.base.caller["Arn"]
        if not role:
            raise AccessError(f"{what} is not where the credentials lead ({caller}); name a role into it: {fields}")
        try:
            return self._assume(self.base, account_id, {"name": role, "external_id": None}, what)
        except (ClientError, BotoCoreError) as error:
            raise AccessError(
                f"{what} cannot be reached: {caller} cannot assume {role} there: {error}. Check {fields} and the "
                "credentials that the run was started with"
            ) from error

    def _identify_base(self) -> str:
        try:
            return self.base.identify()
        except (ClientError, BotoCoreError) as error:
            raise AccessError(
                f"account {self._account_name}: the credentials that the run was started with are refused: {error}. "
                "Renew them, or choose others by profile, access_key or AWS's environment variables"
            ) from error

    def _reach_account(self) -> AccountSession:
        account_id, what = self._params["account_id"], f"account {self._account_name}"
        roles = self.ways()
        if not roles or self._identify_base() == account_id:
            self.base.verify(account_id, what)
            return self.base
        fresh, refusals, refused = self._params.get("fresh_credentials"), [], []
        for role in roles:
            try:
                source = self._source(role["via"])
                caches = (self._cache(source, refetch=True),) if fresh else self._caches(source)
                session = self._assume(source, account_id, role, what, caches)
            except (ClientError, BotoCoreError) as error:
                if is_denied(error):
                    refused.append(caches[0])
                refusals.append(f"{role['name']} from {source.caller['Arn']}: {error}")
                continue
            except AccessError as error:
                if not self._source_failed(role["via"]):
                    raise
                refusals.append(f"{role['name']} via {role['via']}: {error}")
                continue
            for cache in refused if fresh else ():
                cache.forget()  # of roles that are gone: a later task would find their credentials, and be denied
            self._came_by = role
            return session
        raise AccessError(
            f"{what}: none of account_access_roles can be assumed; check that the role exists in {account_id}, that it "
            "trusts this caller, and account_external_id. " + "; ".join(refusals),
            no_way_in=True,
        )

    def forget(self, way: Mapping[str, Any]) -> None:
        """Lose the cached credentials of one of ``ways``, which open nothing any more."""
        try:
            source = self._source(way["via"])
        except AccessError:
            return
        cache = self._cache(source)
        with contextlib.suppress(ClientError, BotoCoreError):
            self._assumed(source, self._role_arn(self._params["account_id"], way["name"]), way, cache).identify()
        cache.forget()

    def session_by(self, way: Mapping[str, Any]) -> tuple[AccountSession | None, bool]:
        """Return the verified session of one of ``ways``, and whether it could be assumed just now.

        Where it cannot, a session that was cached before may still be there; None where it is not, or its source not.
        """
        try:
            source = self._source(way["via"])
        except AccessError:
            return None, False
        for cache in (self._cache(source, refetch=True), self._cache(source)):
            try:
                what = f"account {self._account_name}"
                session = self._assume(source, self._params["account_id"], way, what, (cache,))
                return session, not cache.hit
            except (ClientError, BotoCoreError):
                continue
            except AccessError as error:
                if not error.result.get("stale"):
                    raise
        return None, False

    def try_way(self, way: Mapping[str, Any], via: str) -> Exception | None:
        """Assume a role of the account past every cache, from one of base, provider and management.

        Returns what STS answers where it refuses, None where it lets us in.
        """
        try:
            self._source(via).client("sts", self._settings.sts_region).assume_role(
                **self._assume_arguments(self._role_arn(self._params["account_id"], way["name"]), way)
            )
        except (ClientError, BotoCoreError) as error:
            return error
        return None

    def try_role(self, role_arn: str, via: str) -> Exception | None:
        """Assume any role from one of base, provider and management; answers as ``try_way`` does."""
        try:
            self._source(via).client("sts", self._settings.sts_region).assume_role(
                **self._assume_arguments(role_arn, {})
            )
        except (ClientError, BotoCoreError) as error:
            return error
        return None

    def known_roles(self, via: str) -> list[str]:
        """Return the ARNs of the roles of other accounts that this task assumed from a source."""
        assumed = [self._sessions.get(name) for name in ("provider", "management")]
        return [
            f"arn:{self.base.partition}:iam::{session.identify()}:role/{session.role}"
            for session in assumed
            if session and session.role and via == "base"
        ]

    def caller(self, via: str) -> str:
        """Return the ARN of who base, provider or management is; "" where it cannot be reached."""
        try:
            return self._source(via).caller["Arn"]
        except AccessError:
            return ""

    def sources(self) -> dict[str, AccountSession]:
        """Return the sessions that roles of the account can be assumed from, by name; each caller once."""
        found: dict[str, AccountSession] = {}
        for via in ("base", "provider", "management"):
            try:
                session = self._source(via)
            except AccessError:
                continue
            if session.caller["Arn"] not in {other.caller["Arn"] for other in found.values()}:
                found[via] = session
        return found

    def ways(self) -> list[dict[str, Any]]:
        """Return the access roles with where each is assumed from and the external id it is given."""
        organization = self._params.get("organization") or {}
        found = []
        for entry in self._params.get("access_roles") or []:
            role = {"name": entry} if isinstance(entry, str) else dict(entry)
            if not role.get("via"):
                ours = role["name"] == self._params["provider_role_name"]
                role["via"] = "provider" if ours else "management" if organization else "base"
            role["external_id"] = None if role["via"] == "management" else self._params.get("external_id")
            found.append(role)
        return found

    def _source(self, via: str) -> AccountSession:
        session: AccountSession = getattr(self, via)
        session.identify()
        return session

    def _source_failed(self, via: str) -> bool:
        return via not in self._sessions

    def _assume(
        self,
        source: AccountSession,
        account_id: str,
        role: Mapping[str, Any],
        what: str,
        caches: tuple[CredentialCache, ...] = (),
    ) -> AccountSession:
        """Return a verified session by AssumeRole; credentials cached by an earlier task are used, once, if good."""
        source.identify()
        for cache in caches or self._caches(source):
            session = self._assumed(source, self._role_arn(account_id, role["name"]), role, cache)
            try:
                session.verify(account_id, what)
                return session
            except (ClientError, AccessError):
                if not cache.hit:
                    raise
        raise AccessError(f"{what}: the cached credentials of {role['name']} are refused", stale=True)

    def _assumed(
        self, source: AccountSession, role_arn: str, role: Mapping[str, Any], cache: CredentialCache
    ) -> AccountSession:
        arguments = self._assume_arguments(role_arn, role)
        del arguments["RoleArn"]
        fetcher = AssumeRoleCredentialFetcher(
            lambda service, **_: source.client(service, self._settings.sts_region),
            source.credentials,
            role_arn,
            extra_args=arguments,
            cache=cache,
        )
        session = self._settings.new_session()
        session.register_component("credential_provider", CredentialResolver([AssumedRole(fetcher)]))
        return AccountSession(session, self._settings, self._guard, role=role["name"])

    @staticmethod
    def _assume_arguments(role_arn: str, role: Mapping[str, Any]) -> dict[str, Any]:
        external_id = {"ExternalId": role["external_id"]} if role.get("external_id") else {}
        # one hour: role chaining allows no more, whatever the role allows
        return {"RoleArn": role_arn, "RoleSessionName": SESSION_NAME, "DurationSeconds": 3600, **external_id}

    def _role_arn(self, account_id: str, role: str) -> str:
        return f"arn:{self.base.partition}:iam::{account_id}:role/{role}"

    def _caches(self, source: AccountSession) -> tuple[CredentialCache, ...]:
        return self._cache(source), self._cache(source, refetch=True)

    def _cache(self, source: AccountSession, refetch: bool = False) -> CredentialCache:
        """Return the cache for roles assumed by one caller at one endpoint: others' credentials are never found."""
        endpoint = self._settings.endpoint["endpoint_url"] or os.environ.get("AWS_ENDPOINT_URL", "")
        owner = json.dumps([source.caller["Arn"], endpoint])
        folder = self._params.get("credential_cache") or ""
        return CredentialCache(
            folder and os.path.join(folder, hashlib.sha256(owner.encode()).hexdigest()[:16]), refetch
        )


def _is_caller(principal: str, caller: Mapping[str, str]) -> bool:
    """Tell whether a principal is a caller, its role (whose path a session's ARN leaves out) or its account."""
    if principal in {"*", caller["Account"], caller["Arn"]}:
        return True
    role, session = principal.split(":"), caller["Arn"].split(":")
    return (
        len(role) > 5
        and role[4] == caller["Account"]
        and role[5].startswith("role/")
        and session[5].startswith("assumed-role/")
        and role[5].split("/")[-1] == session[5].split("/")[1]
    )
