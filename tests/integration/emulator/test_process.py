"""The process: its environment, its control endpoints, its ledger, faults and what it does not have."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

from emulator.client import Emulator
from tests.integration.processes import until

PLAIN = "111111111111"


def test_the_environment_leads_clients_to_it_and_keeps_the_users_configuration_out(emulator):
    environment = emulator.environment
    assert environment["AWS_ENDPOINT_URL"] == emulator.url
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["AWS_EC2_METADATA_DISABLED"] == "true"
    assert environment["AWS_CONFIG_FILE"] == environment["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} <= set(environment)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_when_told_to(number):
    with Emulator() as running:
        os.kill(running.pid, number)
        assert running._process.wait(timeout=10) == 0


def test_a_host_beyond_loopback_is_refused():
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-m", "emulator", "--port", "0", "--host", "0.0.0.0"]
    assert subprocess.run(command, cwd=root, capture_output=True, check=False).returncode == 2


def test_the_ledger_names_account_region_operation_principal_and_kind(emulator, accounts):
    accounts(PLAIN, "sns")
    emulator.reset_ledger()
    accounts(PLAIN, "sns", "eu-west-1").create_topic(Name="ledger")
    accounts(PLAIN, "sns", "eu-west-1").list_topics()
    accounts(PLAIN, "iam").get_role(RoleName="OrganizationAccountAccessRole")
    write, read, role = emulator.ledger()
    assert [entry["seq"] for entry in (write, read, role)] == [1, 2, 3]
    assert (write["service"], write["operation"], write["kind"]) == ("sns", "CreateTopic", "write")
    assert (read["account"], read["region"], read["kind"]) == (PLAIN, "eu-west-1", "read")
    assert read["principal"] == accounts(PLAIN, "sts").get_caller_identity()["Arn"]
    assert (role["resource"], role["region"]) == ("OrganizationAccountAccessRole", "us-east-1")
    assert (write["status"], write["error"], write["added"]) == (200, None, False)


def test_the_ledger_holds_the_code_of_a_refusal_and_that_it_is_an_addition(emulator, accounts, refused):
    emulator.reset_ledger()
    refused(accounts(PLAIN, "cloudtrail").delete_trail, Name="missing")
    entry = emulator.ledger()[-1]
    assert (entry["status"], entry["error"], entry["added"]) == (400, "TrailNotFoundException", True)


def test_control_calls_are_not_in_the_ledger(emulator):
    emulator.reset_ledger()
    emulator.settings()
    emulator.organization()
    assert emulator.ledger() == []


def test_an_unknown_control_endpoint_or_setting_is_an_error(emulator):
    with pytest.raises(RuntimeError, match="no control endpoint"):
        emulator._request("GET", "nothing")
    with pytest.raises(RuntimeError, match="unknown settings"):
        emulator.settings(latencies=1)


def test_latency_of_one_call_does_not_block_others(emulator, accounts):
    slow, quick = accounts(PLAIN, "sns"), accounts(PLAIN, "sns", "us-west-2")
    quick.list_topics()
    emulator.settings(latency=3)
    waiting = threading.Thread(target=slow.list_topics)
    waiting.start()
    try:
        until(lambda: emulator.settings()["under_way"] == 1, "the call does not come")  # and waits as it was set then
        emulator.settings(latency=0)
        quick.list_topics()
        assert waiting.is_alive()
    finally:
        emulator.settings(latency=0)
        waiting.join()


@pytest.mark.parametrize(
    ("service", "function", "arguments"),
    [
        ("controltower", "list_landing_zones", {}),
        ("health", "describe_events", {}),
        ("account", "enable_region", {"RegionName": "af-south-1"}),
        ("sts", "get_session_token", {}),
        ("iam", "simulate_principal_policy", {"PolicySourceArn": "arn:aws:iam::1:role/x", "ActionNames": ["s3:*"]}),
    ],
)
def test_what_nobody_implements_answers_501_and_never_a_made_up_result(
    accounts, emulator, refused, service, function, arguments
):
    assert refused(getattr(accounts(PLAIN, service), function), **arguments) == "NotImplemented"
    assert emulator.ledger()[-1]["status"] == 501


@pytest.mark.parametrize(
    ("service", "function", "code", "status"),
    [
        ("sns", "list_topics", "Throttling", 400),
        ("ec2", "describe_regions", "RequestLimitExceeded", 503),
        ("cloudtrail", "describe_trails", "ThrottlingException", 400),
        ("account", "list_regions", "TooManyRequestsException", 429),
        ("s3", "list_buckets", "SlowDown", 503),
    ],
)
def test_a_throttling_fault_has_the_shape_of_the_services_protocol(
    accounts, emulator, refused, service, function, code, status
):
    call = getattr(accounts(PLAIN, service), function)
    emulator.faults([{"account": PLAIN, "service": service, "code": "throttling", "times": 1}])
    assert refused(call) == code
    assert emulator.ledger()[-1]["status"] == status
    call()


def test_a_throttled_client_that_retries_succeeds(accounts, emulator):
    session = accounts.session(PLAIN)
    config = Config(retries={"mode": "standard", "total_max_attempts": 3}, proxies={})
    client = session.client("config", region_name="us-east-1", endpoint_url=emulator.url, config=config)
    emulator.faults([{"service": "config", "code": "throttling", "times": 1}])
    assert client.describe_configuration_recorders()["ResponseMetadata"]["RetryAttempts"] == 1


def test_a_fault_hits_only_the_calls_that_it_names(accounts, emulator, refused):
    emulator.faults([{"region": "eu-west-1", "operation": "ListTopics", "code": "AuthorizationError"}])
    assert refused(accounts(PLAIN, "sns", "eu-west-1").list_topics) == "AuthorizationError"
    accounts(PLAIN, "sns", "us-east-1").list_topics()
    emulator.faults([])
    accounts(PLAIN, "sns", "eu-west-1").list_topics()


def test_a_fault_can_wait_for_a_number_of_writes(accounts, emulator, refused):
    sns = accounts(PLAIN, "sns", "us-west-1")
    emulator.faults([{"account": PLAIN, "code": "ExpiredToken", "status": 403, "after_writes": 2}])
    sns.create_topic(Name="first")
    sns.list_topics()
    sns.create_topic(Name="second")
    assert refused(sns.list_topics) == "ExpiredToken"
    emulator.faults([])


def test_it_dies_after_a_number_of_writes_and_the_ledger_holds_what_was_done(accounts, emulator):
    sns = accounts(PLAIN, "sns", "us-west-1")
    emulator.reset_ledger()
    assert emulator.settings(die_after_writes=2)["dead"] is False
    for name in ("one", "two"):
        sns.create_topic(Name=name)
        sns.list_topics() if name == "one" else None
    assert emulator.settings()["dead"] is True
    with pytest.raises(ConnectionClosedError):
        sns.create_topic(Name="three")
    with pytest.raises(ConnectionClosedError):
        sns.list_topics()
    assert emulator.settings(die_after_writes=None)["dead"] is False
    topics = [topic["TopicArn"].rsplit(":", 1)[-1] for topic in sns.list_topics()["Topics"]]
    assert {"one", "two"} <= set(topics)
    assert "three" not in topics
    written = [call["operation"] for call in emulator.ledger()]
    assert written == ["CreateTopic", "ListTopics", "CreateTopic", "ListTopics"]


def test_the_last_answer_can_be_lost_too(accounts, emulator):
    sns = accounts(PLAIN, "sns", "us-west-1")
    emulator.settings(die_after_writes=1, lose_the_last_answer=True)
    with pytest.raises(ConnectionClosedError):
        sns.create_topic(Name="lost-answer")
    emulator.settings(die_after_writes=None, lose_the_last_answer=False)
    assert any(topic["TopicArn"].endswith(":lost-answer") for topic in sns.list_topics()["Topics"])


def test_reset_brings_back_the_seeded_organization_and_the_same_base_credentials(accounts, emulator):
    accounts(PLAIN, "sns").create_topic(Name="gone")
    emulator.reset()
    assert emulator.ledger() == []
    fresh = type(accounts)(emulator)
    assert fresh(PLAIN, "sns").list_topics()["Topics"] == []
    assert fresh("777777777777", "sns").list_topics()["Topics"]


def test_the_empty_organization_has_no_members():
    with Emulator(organization="empty") as running:
        names = [account["kind"] for account in running.organization()["accounts"]]
        assert names == ["management", "shared"]


def test_tls_serves_with_a_certificate_that_the_environment_names():
    pytest.importorskip("cheroot")
    with Emulator(tls=True) as running:
        running.settings(die_after_writes=0)
        assert running.settings()["dead"] is True
        assert running.url.startswith("https://")
        assert Path(running.environment["AWS_CA_BUNDLE"]).is_file()
        assert running.ledger() == []


def test_an_unsigned_call_is_refused(emulator):
    request = urllib.request.Request(emulator.url, data=b"Action=ListTopics&Version=2010-03-31", method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError) as caught:
        opener.open(request, timeout=10)
    assert caught.value.code == 403
    caught.value.close()


def test_the_ledger_is_json_over_plain_http(emulator):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{emulator.url}/_emulator/ledger", timeout=10) as response:
        assert isinstance(json.loads(response.read()), list)
