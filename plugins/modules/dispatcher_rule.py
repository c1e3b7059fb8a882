#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: dispatcher_rule
"""

EXAMPLES = r"""
"""

RETURN = r"""
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import named
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import plan_entry

ENTRY = plan_entry(named("dispatcher_rule"))



def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
