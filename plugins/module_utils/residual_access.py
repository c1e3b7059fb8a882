# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The entry of ``residual_access``: what still lets the provider into an account, or could not be read (E9).

An account with 17 regions and nothing in it takes 429 calls: one for each scan in each region, one for each global
scan. What is listed is read one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import record, record_checks
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import Guard
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import (
    REGION_DISABLED,
    AccessError,
    RecordError,
    describe_error,
    error_code,
    is_denied_by_scp,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import GLOBAL, Account, Memory, StopFlag
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC, about, reach
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.names import Names
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.scan import Found, Scan, Search, Wanted
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.scans import NOT_SCANNED, SCANS
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.session import Access
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import in_words

CLOUDHEALTH = "454464851268"
SPEC: dict[str, dict[str, Any]] = {
    **aws_argument_spec(),
    **ACCOUNT_SPEC,
    "regions": {"type": "list", "elements": "str", "default": []},
    "provider_account_ids": {"type": "list", "elements": "str", "default": []},
    "third_party_account_ids": {"type": "list", "elements": "str", "default": [CLOUDHEALTH]},
    "provider_identity_providers": {"type": "list", "elements": "str", "default": []},
    "ownership_tags": {"type": "dict", "default": {"ManagedBy": "rackspace.aws_accounts"}},
    "keep_organization": {"type": "bool", "default": False},
    "leaving": {"type": "list", "elements": "str", "default": []},
    "own_roles": {"type": "list", "elements": "str", "default": []},
    "accept": {"type": "dict", "default": {}},
}
TO_DECIDE, UNKNOWN, ACCEPTED, LEAVING = STATES = ("to_decide", "unknown", "accepted", "leaving")
#: what an unknown row is about, where it is no resource: "unknown:" before a scan, a region, or one of these
UNREAD = "unknown:"
ORGANIZATION, REGIONS = "organization", "regions"
MAX_THREADS = 32

Row = dict[str, Any]


def operation(params: dict[str, Any], run: Run) -> dict[str, Any]:
    """Return everything that names the provider, or that could not be read; see the module's documentation."""
    check_options(params)
    stop = StopFlag(run.stopped)
    guard = Guard(True, stop)  # nothing here writes, whatever the mode
    account, access = reach(params, guard, run.botocore_loader)
    verdict = _Verdict(account, params)
    home = params.get("region") or "us-east-1"
    wanted = _wanted(params, account, access, home, verdict)
    rows = [*verdict.unread, *_regions_left_out(account, verdict)]
    rows += _scan(SCANS, account, access, wanted, home, stop, verdict)
    rows.sort(key=lambda row: (STATES.index(row["state"]), row["resource"], row["kind"], row["region"]))
    counts = Counter(row["state"] for row in rows)
    return {
        "changed": False,
        "residual": rows,
        "summary": {state: counts[state] for state in STATES},
        "safe": not counts[TO_DECIDE] and not counts[UNKNOWN],
        "unused_accept": sorted(params["accept"].keys() - verdict.used),
        "scanned": [scan.name for scan in SCANS],
        "not_scanned": list(NOT_SCANNED),
        **about(account, access, guard),
    }


def check_options(params: Mapping[str, Any]) -> None:
    """Check what the argument spec cannot; raises RecordError with every fault, before anything is called."""
    faults = record.option_faults(params, {})
    for name in ("provider_account_ids", "third_party_account_ids"):
        faults += [f"{name}: {fault}" for fault in record_checks.list_of(record_checks.account_id)(params[name])]
    faults += [f"own_roles: {fault}" for fault in record_checks.list_of(record_checks.role_name)(params["own_roles"])]
    if "" in params["provider_identity_providers"]:
        faults.append("provider_identity_providers: holds an empty text, which everything contains; take it out")
    for key, reason in params["accept"].items():
        if not isinstance(reason, str) or not reason.strip():
            faults.append(f"accept: {key} has no reason; say why it may stay: {{{key}: <reason>}}")
        if "*" in key:
            faults.append(f"accept: {key} is a pattern; name each resource by its ARN")
        elif not key.startswith(("arn:", UNREAD)):
            faults.append(f"accept: {key} is neither an ARN nor {UNREAD}<scan or region>; copy it from the report")
    if faults:
        raise RecordError(f"account {params['account_name'] or params['account_id']}: " + "; ".join(faults))


class _Verdict:
    """Makes rows of what was found, in the state that follows from what leaves and what was accepted by name."""

    def __init__(self, account: Account, params: Mapping[str, Any]) -> None:
        self._account = account
        self._accept: Mapping[str, str] = params["accept"]
        self._leaving = set(params["leaving"])
        self._own_roles = set(params["own_roles"])
        self.used: set[str] = set()  # keys of accept that something was found for
        self.unread: list[Row] = []

    def row(self, found: Found, scan: Scan) -> Row:
        """Return the row of a resource that names somebody, or that could not be read."""
        row: Row = {
            "resource": found.resource,
            "kind": found.kind,
            "region": found.region,
            "names": sorted({name for match in found.matches for name in match.names}),
        }
        if found.error:
            told = describe_error(found.error)
            row |= {"state": UNKNOWN, "reason": f"its {found.kind} could not be read: {in_words(told)}", "error": told}
            return self._judged(row, [found.resource, UNREAD + scan.name])
        row |= {"state": TO_DECIDE, "reason": "; ".join(match.detail for match in found.matches)}
        return self._judged(row, [found.resource], found.through)

    def unknown(self, name: str, kind: str, region: str, reason: str, error: Exception | None = None) -> Row:
        """Return the row of a scan, a region or a question that was not answered."""
        row: Row = {"resource": UNREAD + name, "kind": kind, "region": region, "names": [], "state": UNKNOWN}
        row["reason"] = reason
        if error:
            told = describe_error(error)
            row |= {"reason": f"{reason}: {in_words(told)}", "error": told}
        return self._judged(row, [UNREAD + name])

    def _judged(self, row: Row, keys: list[str], through: tuple[str, ...] = ()) -> Row:
        """Return the row in the state that it has because it, or all that it goes through, leaves or was accepted.

        Args:
            keys: each of which accepts it.
            through: without which it lets nobody in.
        """
        self.used.update(self._accept.keys() & {*keys, *through})
        for how, goes in (("the run removes it", self._leaving.__contains__), ("proven last", self._is_own_role)):
            if goes(row["resource"]) or (through and all(map(goes, through))):
                return {**row, "state": LEAVING, "reason": f"{how}: {row['reason']}"}
        accepted = [key for key in keys if key in self._accept]
        if through and all(key in self._accept for key in through):
            accepted += through
        if accepted:
            return {**row, "state": ACCEPTED, "reason": f"accepted ({self._accept[accepted[0]]}): {row['reason']}"}
        return row

    def _is_own_role(self, resource: str) -> bool:
        role = resource.partition(f":iam::{self._account.id}:role/")[2]
        return bool(role) and role.rsplit("/", 1)[-1] in self._own_roles


def _wanted(params: Mapping[str, Any], account: Account, access: Access, region: str, verdict: _Verdict) -> Wanted:
    """Return whom to search for; that the organization's id cannot be read becomes a row of the verdict."""
    organization = {} if params["keep_organization"] else params.get("organization") or {}
    management = organization.get("management_account_id") or ""
    provider = {params["provider_account_id"], *params["provider_account_ids"], management} - {account.id, ""}
    name = organization.get("id") or ""
    if organization and not name:
        try:
            name = _organization_id(access, management, region)
        except Exception as error:
            reason = "the id of the provider's organization is not known: name it in account_organization (id)"
            verdict.unread.append(verdict.unknown(ORGANIZATION, ORGANIZATION, GLOBAL, reason, error))
    names = Names(
        account.id, {*provider, *params["third_party_account_ids"]}, name, params["provider_identity_providers"]
    )
    return Wanted(
        names,
        frozenset(provider),
        params["ownership_tags"],
        params["provider_role_name"],
        params["provider_account_id"],
        management,
    )


def _organization_id(access: Access, management: str, region: str) -> str:
    """Return the id of the organization that an account manages, asked there, or else of its member.

    Source: Organizations API Reference, DescribeOrganization, which any account of an organization may call.
    """
    try:
        return str(access.management.client("organizations", region).describe_organization()["Organization"]["Id"])
    except Exception as error:
        found = access.client("organizations", region).describe_organization()["Organization"]
        if found["MasterAccountId"] != management:
            raise AccessError(f"the account is in another organization, {found['Id']}") from error
        return str(found["Id"])


def _regions_left_out(account: Account, verdict: _Verdict) -> Iterator[Row]:
    """Yield a row for each enabled region that is not searched: nobody can say what is there."""
    if not account.enabled:
        reason = "which regions the account has enabled could not be read; only those of option regions were searched"
        yield verdict.unknown(REGIONS, REGIONS, GLOBAL, reason)
    searched = {region.name for region in account.regions}
    for region in account.enabled:
        if region.name not in searched:
            yield verdict.unknown(region.name, "region", region.name, "it is enabled, and option regions leaves it out")


def _scan(
    scans: Iterable[Scan],
    account: Account,
    access: Access,
    wanted: Wanted,
    home: str,
    stop: StopFlag,
    verdict: _Verdict,
) -> list[Row]:
    """Run every scan in every region, in threads, and return the rows of what was found or could not be read."""
    memory = Memory()
    searches = [
        (scan, Search(account, region, scan.service, access, wanted, memory, home))
        for region in (GLOBAL, *(region.name for region in account.regions))
        for scan in scans
        if scan.regional == (region != GLOBAL)
    ]

    def search(job: tuple[Scan, Search]) -> tuple[list[Found], Exception | None]:
        scan, where = job
        found: list[Found] = []
        try:
            for entry in scan.find(where):
                if entry.matches or entry.error:
                    found.append(entry)
                if stop.is_set():
                    break
        except Exception as error:  # one scan that cannot list hides no other (G5)
            return found, error
        return found, None

    answers = _in_threads(search, searches, stop)
    answered = [(scan, where, *answer) for (scan, where), answer in zip(searches, answers, strict=True)]
    rows = [verdict.row(entry, scan) for scan, dummy, found, error in answered for entry in found]
    failed = [(scan, where.region, error) for scan, where, dummy, error in answered if error is not None]
    return [*rows, *_unread(failed, sum(scan.regional for scan in scans), verdict)]


def _unread(failed: list[tuple[Scan, str, Exception]], regional: int, verdict: _Verdict) -> Iterator[Row]:
    """Yield a row for each scan that failed; one for all, where it is the region that refuses most of them."""
    refusing: dict[str, list[tuple[str, Exception]]] = {}
    for scan, region, error in failed:
        if region != GLOBAL and (is_denied_by_scp(error) or error_code(error) in REGION_DISABLED):
            refusing.setdefault(region, []).append((scan.name, error))
    refusing = {region: refused for region, refused in refusing.items() if 2 * len(refused) > regional}
    for region, refused in refusing.items():
        names = [name for name, dummy in refused]
        which = "every scan" if len(names) == regional else f"{len(names)} of {regional} scans ({', '.join(names)})"
        yield verdict.unknown(region, "region", region, f"the region refuses {which}", refused[0][1])
    for scan, region, error in failed:
        if scan.name not in (name for name, dummy in refusing.get(region, ())):
            yield verdict.unknown(scan.name, "scan", region, f"{scan.about} could not be listed", error)


def _in_threads(act: Callable[[Any], Any], jobs: list[Any], stop: StopFlag) -> list[Any]:
    pool = ThreadPoolExecutor(max_workers=MAX_THREADS)
    try:
        return list(pool.map(act, jobs))
    except BaseException:  # a task's timeout, for instance
        stop.set()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


ENTRY = Entry(operation=operation, argument_spec=SPEC)
