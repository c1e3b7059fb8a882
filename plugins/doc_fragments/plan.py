# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How account defaults are planned and applied (PLAN_SPEC in module_utils/onboarding.py)."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of a plan; use together with the parts ``regions``, ``control_tower`` and ``writes``."""

    DOCUMENTATION = r"""
options:
  defaults_disabled:
    description:
      - Account defaults that are switched off, each with the reason.
      - They are neither read nor written. They are reported as V(skipped), with the reason.
      - What exists of them stays as it is.
      - A required account default needs a reason that is not empty. An optional one does without.
    type: dict
    default: {}
  adopt:
    description:
      - Account defaults whose existing resources may be taken over although they are not provably the provider's,
        each with the reason.
      - An adopted resource is brought to the state that the module describes, and gets the O(ownership_tags) where
        its kind has tags.
      - The reason must not be empty.
    type: dict
    default: {}
  fail_on_foreign:
    description:
      - Whether the module fails if a resource is V(foreign), after it has done everything else.
      - If V(false), it is only reported. It is never written in either case.
    type: bool
    default: true
notes:
  - A resource that exists under the expected name is V(foreign) if it neither carries the O(ownership_tags) nor
    agrees in every field by which it is identified. It is reported and left as it is, and what depends on it is
    skipped. It is taken over only where O(adopt) names its account default.
  - The module removes no resource. What was switched off or skipped stays as it is.
  - A setting of the customer's that is stricter stays, and so do other people's policy statements, lifecycle rules,
    permissions and subscriptions.
  - What could not be read is V(unknown), is not written, and makes the module fail after it has done everything else.
"""

    # also of modules that only read
    REGIONS = r"""
options:
  regions:
    description:
      - The regions to work in.
      - If it is empty, these are all regions that the account has enabled, as C(account:ListRegions) answers, or
        C(ec2:DescribeRegions) where that is refused.
      - A region that does not exist, or that the account has not enabled, is an error.
      - It concerns what lives in every region. What lives in one region only, and what is global, is not left out by
        it.
    type: list
    elements: str
    default: []
  events_region:
    description:
      - The region of the rule for AWS Health events, which AWS Health sends to V(us-east-1).
      - Global services are called there too.
    type: str
    default: us-east-1
"""

    CONTROL_TOWER = r"""
options:
  control_tower:
    description:
      - Whether AWS Control Tower manages the account. Where it does, the account gets no trail and no recorder of the
        provider's.
      - V(auto) looks for what only AWS Control Tower makes, for example the role C(AWSControlTowerExecution).
    type: str
    choices:
      - auto
      - "true"
      - "false"
    default: auto
"""

    WRITES = r"""
options:
  ownership_tags:
    description:
      - Tags that the module puts on what it creates or adopts, and by which it knows it again.
      - A resource carries them only if it has all of them with these values.
    type: dict
    default:
      ManagedBy: rackspace.aws_accounts
  wait_timeout:
    description:
      - How many seconds to wait, for each change, until AWS shows what was written, or accepts it where something
        that it depends on is not visible to it yet.
    type: int
    default: 120
"""

    # of modules that remove; WRITES says the same of those that make
    OWNERSHIP = r"""
options:
  ownership_tags:
    description:
      - The tags that the collection put on what it created or adopted, and by which it knows it again.
      - A resource carries them only if it has all of them with these values. They alone do not prove that it may go.
    type: dict
    default:
      ManagedBy: rackspace.aws_accounts
"""
