# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What tests know of a customer."""

from __future__ import annotations

#: as the request of an offboarding has it
CONTACT = {
    "full_name": "Olivia Owner",
    "company_name": "Customer Example Inc.",
    "address_line_1": "1 Main Street",
    "city": "San Antonio",
    "state_or_region": "TX",
    "postal_code": "78218",
    "country_code": "US",
    "phone_number": "+12105550123",
}
