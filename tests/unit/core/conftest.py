# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Nothing here reaches AWS, reads this machine's AWS configuration, or waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import plan as plan_module
from tests.unit.alone import Clock, own_settings
from tests.unit.core.places import Place


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The plan's clock."""
    found = Clock()
    monkeypatch.setattr(plan_module, "time", found)
    return found


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own_settings(monkeypatch, tmp_path)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Moto in this process, with the two managed policies of AWS that the defaults attach."""
    import json

    from moto.iam import models

    policy = {"Arn": "", "AttachmentCount": 0, "CreateDate": "2020-01-01T00:00:00+00:00", "DefaultVersionId": "v1"}
    policy |= {"Document": {"Version": "2012-10-17", "Statement": []}, "IsAttachable": True}
    policy |= {"PolicyVersionList": [], "UpdateDate": "2020-01-01T00:00:00+00:00"}
    known = {
        "AdministratorAccess": {**policy, "Arn": "arn:aws:iam::aws:policy/AdministratorAccess", "Path": "/"},
        "AWS_ConfigRole": {
            **policy,
            "Arn": "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole",
            "Path": "/service-role/",
        },
    }
    monkeypatch.setattr(models, "aws_managed_policies_data", json.dumps(known))
    with mock_aws(config={"iam": {"load_aws_managed_policies": True}}):
        yield


@pytest.fixture
def place(aws: None) -> Place:
    """An empty account."""
    return Place()
