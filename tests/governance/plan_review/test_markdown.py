"""R-DEL-3: the review as a reader of a pull request sees it: the verdict first, nothing hidden, nobody's address."""

import re
from typing import Any

import pytest
from markdown_it import MarkdownIt

from cloudtrail_monitoring.governance.plan_review.markdown import MAX_CHARACTERS, write_markdown
from tests.governance.plan_review.plans import entry, reviewed

STOP = entry("aws_cloudtrail", {"enable_logging": True}, {"enable_logging": False}, name="trail_trail_1A")
PHONE, MAIL = "+12065550100", "audit@xyz-corp.example"


def alarm(description: str) -> dict[str, Any]:
    return entry("aws_cloudwatch_metric_alarm", {"alarm_description": "a"}, {"alarm_description": description})


def markdown(*changes: dict[str, Any], **more: Any) -> str:
    return write_markdown(reviewed(*changes, **more))


def test_the_verdict_stands_in_the_first_line() -> None:
    assert markdown(STOP).splitlines()[0] == "### 🔴 `prod`: 1 weakening needs approval"
    assert markdown(alarm("b")).splitlines()[0] == "### 🟢 `prod`: nothing weakens the audit trail"
    approved = tuple(one.id for one in reviewed(STOP).weakenings)
    assert markdown(STOP, approved=approved).splitlines()[0] == "### 🟠 `prod`: weakens the audit trail, as approved"


def test_a_weakening_tells_what_where_why_and_how_to_approve_it() -> None:
    weakening = reviewed(STOP).weakenings[0]
    row = next(line for line in markdown(STOP).splitlines() if weakening.id in line)
    for part in ("`enable_logging: true → false`", "`aws_cloudtrail.trail_trail_1A`", weakening.reason, "(R-TRL-1)"):
        assert part in row
    assert "sets the label `approve:` with its id" in markdown(STOP)


def test_an_approval_is_recorded() -> None:
    id_ = reviewed(STOP).weakenings[0].id
    text = markdown(STOP, approved=(id_, "alarm-removed-00000000"))
    assert f"| approved<br>`{id_}` |" in text
    assert "Approved, but nothing in this plan: `alarm-removed-00000000`." in text


def test_changes_are_counted_by_part_and_action() -> None:
    text = markdown(STOP, entry("aws_sns_topic", None, {"name": "t"}, name="topics_email_2B"))
    assert "**1 created, 1 changed**, 1 unchanged." in text
    assert "| topics | 1 |  |" in text
    assert "| trail |  | 1 |" in text


def test_each_change_shows_its_attributes_before_and_after() -> None:
    assert "  - `alarm_description`: `a` → `b`" in markdown(alarm("b"))


def test_documents_are_taken_apart() -> None:
    one, two = '{"Statement": [{"Sid": "A", "Action": "s3:%s"}]}', "aws_s3_bucket_policy"
    text = markdown(entry(two, {"policy": one % "Get*"}, {"policy": one % "*"}))
    assert "  - `policy.Statement.Action`: `s3:Get*` → `s3:*`" in text


# a reader needs no address, and the comment is read by more people than the account is
@pytest.mark.parametrize("contact", [PHONE, MAIL])
def test_contacts_are_hidden_wherever_they_stand(contact: str) -> None:
    recipient = entry("aws_sns_topic_subscription", {"endpoint": contact, "protocol": "sms"}, None)
    text = markdown(recipient, alarm(f"call {contact}"), drift=(alarm(f"or {contact}"),))
    assert contact not in text
    assert "call (hidden)" in text


def test_an_address_no_one_subscribed_is_hidden_too() -> None:
    assert MAIL not in markdown(alarm(f"write to {MAIL}"))


def test_sensitive_values_are_hidden() -> None:
    secret = entry("aws_ssm_parameter", {"value": "hunter22"}, {"value": "hunter23"}, sensitive={"value": True})
    text = markdown(secret)
    assert "hunter2" not in text
    assert "`value`: `(sensitive)` → `(sensitive)`" in text


@pytest.mark.parametrize(
    "value",
    [
        "x` | **approved** | `",
        "``` </details> <img src=x> ```",
        "\n### 🟢 safe\n",
        "@everyone [l](http://e.x)",
        "a\\|b|c",
    ],
)
def test_a_value_can_not_pass_for_a_part_of_the_review(value: str) -> None:
    weakened = entry("aws_cloudwatch_log_metric_filter", {"log_group_name": "g"}, {"log_group_name": value})
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown(weakened, alarm(value)))
    assert rendered.count("<h3>") == 1
    assert "(R-EVT-12)</td>\n</tr>" in rendered  # the last cell, none was split
    prose = re.sub(r"<code>.*?</code>", "", rendered, flags=re.DOTALL)
    assert [part for part in ("@", "<img", "<a ", "approved<", "safe") if part in prose] == []


def test_a_contact_hides_itself_and_nothing_else() -> None:
    words = entry("aws_sns_topic_subscription", None, {"endpoint": "enable_logging: true", "protocol": "email"})
    assert "`enable_logging: true → false`" in markdown(STOP, words)
    number = entry("aws_sns_topic_subscription", None, {"endpoint": PHONE, "protocol": "sms"}, name=f's["{PHONE}"]')
    assert PHONE not in markdown(number)


def test_what_is_made_shows_what_it_is() -> None:
    text = markdown(entry("aws_lambda_permission", None, {"principal": "*", "action": "lambda:InvokeFunction"}))
    assert "  - `principal`: `*`" in text


def test_a_move_and_an_import_are_told() -> None:
    moved = {**entry("aws_sns_topic", {"name": "t"}, {"name": "t"}), "previous_address": "aws_sns_topic.old"}
    imported = entry("aws_sns_topic", {"name": "u"}, {"name": "u", "tags": {"a": "b"}}, name="two")
    imported["change"]["importing"] = {"id": "u"}
    text = markdown(moved, imported)
    assert "`aws_sns_topic.it`, moved from `aws_sns_topic.old`" in text
    assert "`aws_sns_topic.two`, which stood before" in text


def test_one_long_name_does_not_push_out_the_others() -> None:
    long = entry("aws_cloudwatch_metric_alarm", {"alarm_name": "a"}, None, name=f'a["{"x" * 20_000}"]')
    text = markdown(long, STOP)
    assert text.count("| **open**<br>") == 2
    assert len(text) <= MAX_CHARACTERS


def test_many_things_put_back_fit_as_well() -> None:
    drift = tuple(
        entry("aws_cloudwatch_metric_alarm", {"actions_enabled": True}, {"actions_enabled": False}, name=f"a{i}")
        for i in range(1500)
    )
    back = [
        entry("aws_cloudwatch_metric_alarm", {"actions_enabled": False}, {"actions_enabled": True}, name=f"a{i}")
        for i in range(1500)
    ]
    text = markdown(*back, drift=drift)
    assert len(text) <= MAX_CHARACTERS + 500
    assert re.search(r"\*\d+ further ones do not fit here", text)


def test_a_large_plan_fits_a_comment_and_says_what_is_left_out() -> None:
    many = [
        entry("aws_cloudwatch_metric_alarm", {"period": 60}, {"period": 120}, name=f"alarm_{i}") for i in range(3000)
    ]
    text = markdown(STOP, *many[:50], *(alarm("x" * 80) | {"address": f"aws_x.y{i}"} for i in range(3000)))
    assert len(text) <= MAX_CHARACTERS + 500
    assert re.search(r"- and \d+ further ones: see the plan itself", text)
    assert text.count("<details>") == text.count("</details>")


def test_more_weakenings_than_fit_are_counted_and_none_is_passed_over_in_silence() -> None:
    many = [entry("aws_cloudwatch_metric_alarm", {"alarm_name": f"a{i}"}, None, name=f"alarm_{i}") for i in range(2000)]
    text = markdown(*many)
    assert len(text) <= MAX_CHARACTERS + 500
    assert text.startswith("### 🔴 `prod`: 2000 weakenings need approval")
    assert re.search(r"\*\d+ further weakenings do not fit here", text)
