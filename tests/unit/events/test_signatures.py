"""Signatures: official test vectors, and everything that is nearly right is refused."""

from __future__ import annotations

import pytest

from ingest.events.settings import Kind
from ingest.events.signatures import REPLAY_WINDOW_SECONDS, event_key, is_genuine
from tests.support import webhooks
from tests.support.webhooks import SECRET, STANDARD_SECRET

NOW = 1_718_447_276
BODY = b'{"issue": {"id": "1"}}'


def test_the_vector_of_github() -> None:
    """docs.github.com, "Validating webhook deliveries"."""
    header = {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}
    assert is_genuine("github", "It's a Secret to Everybody", header, b"Hello, World!", NOW)
    assert not is_genuine("github", "It's a Secret to Everybody", header, b"Hello, World", NOW)


def test_the_vector_of_atlassian() -> None:
    """developer.atlassian.com, "Webhooks", on admin webhooks with a secret."""
    header = {"x-hub-signature": "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"}
    assert is_genuine("jira", "It's a Secret to Everybody", header, b"Hello World!", NOW)
    assert not is_genuine("jira", "it's a secret to everybody", header, b"Hello World!", NOW)


STANDARD_VECTOR = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
STANDARD_VECTOR_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - published


@pytest.mark.parametrize("kind", ["standard", "gitlab"])
def test_the_vector_of_standard_webhooks(kind: Kind) -> None:
    """The vector of the reference libraries. GitLab's signing tokens are of the same scheme."""
    body = b'{"test": 2432232314}'
    assert is_genuine(kind, STANDARD_VECTOR_SECRET, STANDARD_VECTOR, body, 1_614_265_330)
    assert not is_genuine(kind, STANDARD_VECTOR_SECRET, STANDARD_VECTOR, body + b" ", 1_614_265_330)
    assert is_genuine(kind, STANDARD_VECTOR_SECRET.removeprefix("whsec_"), STANDARD_VECTOR, body, 1_614_265_330) == (kind == "standard")


def headers(kind: Kind, body: bytes) -> tuple[str, dict[str, str]]:
    match kind:
        case "jira":
            return SECRET, webhooks.jira(body)
        case "github":
            return SECRET, webhooks.github(body, "d")
        case "gitlab":
            return SECRET, {"x-gitlab-token": SECRET}
        case "redmine":
            return SECRET, {"x-redmine-signature-256": webhooks.hub(body)}
        case "standard":
            return STANDARD_SECRET, webhooks.standard(body, "msg_1", NOW)


@pytest.mark.parametrize("kind", webhooks.KINDS)
def test_the_right_secret_is_taken_and_no_other(kind: Kind) -> None:
    secret, right = headers(kind, BODY)
    assert is_genuine(kind, secret, right, BODY, NOW)
    other = STANDARD_SECRET.replace("MDEy", "MDEz") if kind == "standard" else "canary-webhook-5d1e0b7b"
    assert not is_genuine(kind, other, right, BODY, NOW)
    assert not is_genuine(kind, secret, {}, BODY, NOW)
    assert not is_genuine(kind, "", right, BODY, NOW)


@pytest.mark.parametrize("kind", ["jira", "github", "redmine", "standard"])
def test_white_space_that_was_changed_on_the_way_is_refused(kind: Kind) -> None:
    secret, right = headers(kind, BODY)
    assert not is_genuine(kind, secret, right, BODY.replace(b": ", b":"), NOW)
    assert not is_genuine(kind, secret, right, BODY + b"\n", NOW)


@pytest.mark.parametrize("method", ["sha1", "md5", "sha512"])
def test_a_method_that_the_sender_chooses_is_refused(method: str) -> None:
    assert not is_genuine("jira", SECRET, {"x-hub-signature": webhooks.hub(BODY, method=method)}, BODY, NOW)
    lying = "sha256=" + webhooks.hub(BODY, method=method).partition("=")[2]
    assert not is_genuine("jira", SECRET, {"x-hub-signature": lying}, BODY, NOW)


def test_a_signature_without_its_method_is_refused() -> None:
    assert not is_genuine("jira", SECRET, {"x-hub-signature": webhooks.hub(BODY).removeprefix("sha256=")}, BODY, NOW)


LONG_AGO = REPLAY_WINDOW_SECONDS + 1


@pytest.mark.parametrize(("seconds", "is_taken"), [(0, True), (REPLAY_WINDOW_SECONDS, True), (LONG_AGO, False), (-LONG_AGO, False)])
def test_a_delivery_outside_the_replay_window_is_refused(seconds: int, is_taken: bool) -> None:
    assert is_genuine("standard", STANDARD_SECRET, webhooks.standard(BODY, "msg_1", NOW), BODY, NOW + seconds) is is_taken


@pytest.mark.parametrize("stamp", ["", "soon", "-5", "1718447276.0", "９", "1" * 5000])
def test_a_time_stamp_that_is_none_is_refused(stamp: str) -> None:
    right = webhooks.standard(BODY, "msg_1", NOW)
    assert not is_genuine("standard", STANDARD_SECRET, {**right, "webhook-timestamp": stamp}, BODY, NOW)


def test_one_of_several_signatures_is_enough_while_a_secret_changes() -> None:
    right = webhooks.standard(BODY, "msg_1", NOW)
    signature = right["webhook-signature"]
    both = {**right, "webhook-signature": f"v1,bm9uZQ== v1a,{signature[3:]} {signature}"}
    assert is_genuine("standard", STANDARD_SECRET, both, BODY, NOW)
    only_another_version = {**right, "webhook-signature": f"v1,bm9uZQ== v1a,{signature[3:]}"}
    assert not is_genuine("standard", STANDARD_SECRET, only_another_version, BODY, NOW)


def test_the_id_is_part_of_what_is_signed() -> None:
    right = webhooks.standard(BODY, "msg_1", NOW)
    assert not is_genuine("standard", STANDARD_SECRET, {**right, "webhook-id": "msg_2"}, BODY, NOW)


def test_a_gitlab_endpoint_with_a_signing_token_takes_no_plain_token() -> None:
    assert not is_genuine("gitlab", STANDARD_SECRET, {"x-gitlab-token": STANDARD_SECRET}, BODY, NOW)


def test_a_redmine_plug_in_that_signs_nothing_brings_the_secret_as_a_bearer_token() -> None:
    assert is_genuine("redmine", SECRET, {"authorization": f"Bearer {SECRET}"}, BODY, NOW)
    assert not is_genuine("redmine", SECRET, {"authorization": SECRET}, BODY, NOW)
    wrong = {"x-redmine-signature-256": webhooks.hub(BODY, "other"), "authorization": f"Bearer {SECRET}"}
    assert not is_genuine("redmine", SECRET, wrong, BODY, NOW)


def test_a_header_that_is_no_ascii_is_refused_and_breaks_nothing() -> None:
    assert not is_genuine("jira", SECRET, {"x-hub-signature": "sha256=\xe4\xf6"}, BODY, NOW)
    assert not is_genuine("gitlab", SECRET, {"x-gitlab-token": "\udcff"}, BODY, NOW)


@pytest.mark.parametrize(
    ("kind", "header"),
    [
        ("jira", "x-atlassian-webhook-identifier"),
        ("github", "x-github-delivery"),
        ("gitlab", "idempotency-key"),
        ("gitlab", "x-gitlab-event-uuid"),
        ("standard", "webhook-id"),
    ],
)
def test_the_key_is_the_senders_own(kind: Kind, header: str) -> None:
    assert event_key(kind, {header: "abc-1"}, BODY, {}) == "abc-1"


def test_without_a_key_the_body_is_the_key() -> None:
    first, again, other = (event_key("redmine", {}, body, {}) for body in (BODY, BODY, BODY + b" "))
    assert first == again != other
    assert first.startswith("sha256:")


def test_jira_data_center_is_known_by_event_record_and_time_stamp() -> None:
    def key(**said: object) -> str:
        payload = {"timestamp": 1, "webhookEvent": "jira:issue_updated", "issue": {"id": "1", "fields": {}}, **said}
        return event_key("jira", {}, str(payload).encode(), payload)

    assert key() == key(issue={"id": "1", "fields": {"written": "otherwise"}})
    assert len({key(), key(timestamp=2), key(webhookEvent="jira:issue_deleted"), key(issue={"id": "2"}), key(worklog={"id": "1"})}) == 5


def test_a_key_that_cannot_be_kept_is_hashed() -> None:
    assert event_key("github", {"x-github-delivery": "x" * 201}, BODY, {}).startswith("sha256:")
    assert event_key("github", {"x-github-delivery": "a\tb"}, BODY, {}).startswith("sha256:")
