#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: last_role
version_added: 0.1.0
short_description: Remove the last roles of the provider from an AWS account, and prove that no way in remains
description:
  - Remove the last roles of the provider from an AWS account, and prove that no way in remains.
author:
  - The rackspace.aws_accounts contributors (@rackspace)
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.last_role import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
