"""The bridges over moto's gaps: each call that a deployment makes gets AWS's answer."""

import http.server
import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cloudtrail_monitoring.sandbox.embedded_aws import EmbeddedAws
from cloudtrail_monitoring.sandbox.moto_gaps import GAPS, bridged
from cloudtrail_monitoring.sandbox.moto_gaps.storage import grants_access_logs

ACCOUNT = "333333333333"
ALLOW_LOGS = {
    "Effect": "Allow",
    "Principal": {"Service": "logging.s3.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": "arn:aws:s3:::logs/*",
}
DENY_PLAIN_HTTP = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": ["s3:*"],
    "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(ACCOUNT, "us-east-1") as running:
        yield running


@pytest.fixture(scope="module")
def function_arn(aws: EmbeddedAws) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws.client("iam").create_role(RoleName="intake", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("handler.py", "def handle(event, context): ...")
    arn: str = aws.client("lambda").create_function(
        FunctionName="intake",
        Role=role,
        Runtime="python3.13",
        Handler="handler.handle",
        Code={"ZipFile": code.getvalue()},
        DeadLetterConfig={"TargetArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:failed"},
        LoggingConfig={"LogFormat": "JSON", "LogGroup": "/responders"},
    )["FunctionArn"]
    return arn


@dataclass
class Listener:
    """Something on this machine that is called, or better not."""

    port: int
    calls: list[str] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    class Record(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            heard.calls.append(f"{self.command} {self.path}")
            self.send_response(500)
            self.end_headers()

        do_GET = do_POST = do_HEAD = answer

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Record)
    heard = Listener(server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield heard
    server.shutdown()
    thread.join()
    server.server_close()


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def refusal(call: Callable[[], Any]) -> ClientError:
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value


def test_moto_is_put_back_exactly() -> None:
    def look() -> list[object]:
        return [vars(owner).get(name) for owner, name in touched]

    touched = [(owner, name) for gap in GAPS for owner, name, _ in gap.bridge()]
    before = look()
    with bridged(GAPS):
        inside = look()
    assert all(now is not then for now, then in zip(inside, before, strict=True))
    assert all(now is then for now, then in zip(look(), before, strict=True))


@pytest.mark.parametrize("gap", GAPS, ids=lambda gap: gap.operation)
def test_gap_names_the_operation_and_both_behaviours(gap: Any) -> None:
    service, _, operation = gap.operation.partition(":")
    assert service
    assert operation
    assert gap.aws
    assert gap.moto


class TestUnknownOperations:
    def test_json_protocol_is_refused_by_name_and_not_as_a_fault(self, aws: EmbeddedAws) -> None:
        logs = aws.client("logs")
        error = refusal(lambda: logs.test_metric_filter(filterPattern="x", logEventMessages=["x"]))
        assert error.response["Error"]["Code"] == "UnknownOperationException"
        assert "logs: The test_metric_filter action" in error.response["Error"]["Message"]
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400

    def test_query_protocol_is_refused_by_name_and_not_as_a_fault(self, aws: EmbeddedAws) -> None:
        iam = aws.client("iam")
        error = refusal(
            lambda: iam.simulate_principal_policy(PolicySourceArn="arn:aws:iam::1:role/r", ActionNames=["x:y"])
        )
        assert error.response["Error"]["Code"] == "UnknownOperationException"
        assert "simulate_principal_policy" in error.response["Error"]["Message"]

    def test_call_is_not_repeated(self, aws: EmbeddedAws) -> None:
        logs = aws.client("logs")
        error = refusal(lambda: logs.test_metric_filter(filterPattern="x", logEventMessages=["x"]))
        assert error.response["ResponseMetadata"]["RetryAttempts"] == 0


class TestAccessLogs:
    # R-ARC-6
    @pytest.mark.parametrize(
        "statements",
        [
            pytest.param([DENY_PLAIN_HTTP, ALLOW_LOGS], id="beside a denial to everybody"),
            pytest.param([{**ALLOW_LOGS, "Principal": {"Service": ["logging.s3.amazonaws.com"]}}], id="listed service"),
            pytest.param([{**ALLOW_LOGS, "Action": ["s3:GetObject", "s3:PutObject"]}], id="listed action"),
            pytest.param([{**ALLOW_LOGS, "Action": "s3:*"}], id="any action"),
            pytest.param([{**ALLOW_LOGS, "Resource": ["arn:aws:s3:::logs/audit/*"]}], id="listed prefix"),
            pytest.param([{**ALLOW_LOGS, "Resource": "arn:aws:s3:::logs/*"}], id="whole bucket"),
        ],
    )
    def test_policy_that_lets_the_logging_service_write(self, statements: list[dict[str, Any]]) -> None:
        assert grants_access_logs(policy(*statements), partition="aws", bucket="logs", prefix="audit/")

    @pytest.mark.parametrize(
        "statement",
        [
            pytest.param({**ALLOW_LOGS, "Effect": "Deny"}, id="denial"),
            pytest.param({**ALLOW_LOGS, "Principal": {"Service": "cloudtrail.amazonaws.com"}}, id="other service"),
            pytest.param({**ALLOW_LOGS, "Principal": {"AWS": "*"}}, id="accounts, not services"),
            pytest.param({**ALLOW_LOGS, "Action": "s3:GetObject"}, id="reading"),
            pytest.param({**ALLOW_LOGS, "Resource": "arn:aws:s3:::logs/other/*"}, id="other prefix"),
            pytest.param({**ALLOW_LOGS, "Resource": "arn:aws:s3:::logs"}, id="bucket, not its objects"),
            pytest.param({**ALLOW_LOGS, "Resource": "arn:aws-cn:s3:::logs/*"}, id="other partition"),
            pytest.param({**ALLOW_LOGS, "Resource": "arn:aws:s3:::l.gs/*"}, id="a dot is no wildcard"),
        ],
    )
    def test_policy_that_does_not(self, statement: dict[str, Any]) -> None:
        assert not grants_access_logs(policy(statement), partition="aws", bucket="logs", prefix="audit/")

    def test_single_statement_may_stand_without_a_list(self) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": ALLOW_LOGS})
        assert grants_access_logs(document, partition="aws", bucket="logs", prefix="")

    def test_logging_into_a_bucket_that_denies_plain_http_to_everybody(self, aws: EmbeddedAws) -> None:
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="archive")
        s3.create_bucket(Bucket="logs")
        s3.put_bucket_policy(Bucket="logs", Policy=policy(DENY_PLAIN_HTTP, ALLOW_LOGS))
        wanted = {"TargetBucket": "logs", "TargetPrefix": "audit/"}
        s3.put_bucket_logging(Bucket="archive", BucketLoggingStatus={"LoggingEnabled": wanted})
        assert s3.get_bucket_logging(Bucket="archive")["LoggingEnabled"] == wanted

    def test_logging_into_a_bucket_that_does_not_allow_it_is_refused(self, aws: EmbeddedAws) -> None:
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="source")
        s3.create_bucket(Bucket="closed")
        s3.put_bucket_policy(Bucket="closed", Policy=policy({**DENY_PLAIN_HTTP, "Resource": "arn:aws:s3:::closed/*"}))
        status = {"LoggingEnabled": {"TargetBucket": "closed", "TargetPrefix": ""}}
        error = refusal(lambda: s3.put_bucket_logging(Bucket="source", BucketLoggingStatus=status))
        assert error.response["Error"]["Code"] == "InvalidTargetBucketForLogging"


class TestBucketPolicies:
    def test_denial_whose_condition_does_not_hold_denies_nothing(self, aws: EmbeddedAws) -> None:
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="tls-only")
        s3.put_bucket_policy(
            Bucket="tls-only", Policy=policy({**DENY_PLAIN_HTTP, "Resource": ["arn:aws:s3:::tls-only/*"]})
        )
        s3.put_object(Bucket="tls-only", Key="k", Body=b"x")
        assert s3.get_object(Bucket="tls-only", Key="k")["Body"].read() == b"x"

    def test_denial_without_condition_denies(self, aws: EmbeddedAws) -> None:
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="sealed")
        s3.put_object(Bucket="sealed", Key="k", Body=b"x")
        denial = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::sealed/*"}
        s3.put_bucket_policy(Bucket="sealed", Policy=policy(denial))
        assert refusal(lambda: s3.get_object(Bucket="sealed", Key="k")).response["Error"]["Code"] == "403"


class TestTrails:
    def create(self, aws: EmbeddedAws, name: str, topic: str) -> dict[str, Any]:
        aws.client("s3").create_bucket(Bucket=name)
        cloudtrail = aws.client("cloudtrail")
        answer: dict[str, Any] = cloudtrail.create_trail(Name=name, S3BucketName=name, SnsTopicName=topic)
        return answer

    @pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
    def test_topic_is_taken_by_arn_also_of_another_region(self, aws: EmbeddedAws, region: str) -> None:
        arn = aws.client("sns", region).create_topic(Name=f"deliveries-{region}")["TopicArn"]
        trail = self.create(aws, f"trail-arn-{region}", arn)
        assert (trail["SnsTopicARN"], trail["SnsTopicName"]) == (arn, arn)

    def test_topic_is_taken_by_name(self, aws: EmbeddedAws) -> None:
        arn = aws.client("sns").create_topic(Name="by-name")["TopicArn"]
        assert self.create(aws, "trail-by-name", "by-name")["SnsTopicARN"] == arn

    @pytest.mark.parametrize("topic", ["absent", f"arn:aws:sns:us-east-1:{ACCOUNT}:absent"])
    def test_topic_that_is_not_there_is_refused(self, aws: EmbeddedAws, topic: str) -> None:
        error = refusal(lambda: self.create(aws, "trail-without-topic", topic))
        assert error.response["Error"]["Code"] == "InsufficientSnsTopicPolicyException"

    def test_only_the_trails_asked_for_are_described(self, aws: EmbeddedAws) -> None:
        # R-RSP-3
        aws.client("sns").create_topic(Name="two")
        arns = [self.create(aws, name, "two")["TrailARN"] for name in ("trail-one", "trail-two")]
        cloudtrail = aws.client("cloudtrail")
        for asked in ([arns[0]], ["trail-one"]):
            [found] = cloudtrail.describe_trails(trailNameList=asked)["trailList"]
            assert found["TrailARN"] == arns[0]
        everything = {one["TrailARN"] for one in cloudtrail.describe_trails()["trailList"]}
        assert set(arns) <= everything

    def test_insight_selectors_replace_those_before(self, aws: EmbeddedAws) -> None:
        # R-TRL-5
        aws.client("sns").create_topic(Name="insights")
        self.create(aws, "trail-insights", "insights")
        cloudtrail = aws.client("cloudtrail")
        for kind in ("ApiCallRateInsight", "ApiErrorRateInsight"):
            cloudtrail.put_insight_selectors(TrailName="trail-insights", InsightSelectors=[{"InsightType": kind}])
        kept = cloudtrail.get_insight_selectors(TrailName="trail-insights")["InsightSelectors"]
        assert kept == [{"InsightType": "ApiErrorRateInsight"}]

    def test_description_tells_of_selectors_once_there_are_any(self, aws: EmbeddedAws) -> None:
        # R-TRL-2
        aws.client("sns").create_topic(Name="selectors")
        self.create(aws, "trail-selectors", "selectors")
        cloudtrail = aws.client("cloudtrail")
        before = cloudtrail.get_trail(Name="trail-selectors")["Trail"]
        fields = [{"Field": "eventCategory", "Equals": ["Management"]}]
        cloudtrail.put_event_selectors(
            TrailName="trail-selectors", AdvancedEventSelectors=[{"Name": "all", "FieldSelectors": fields}]
        )
        after = cloudtrail.get_trail(Name="trail-selectors")["Trail"]
        assert (before["HasCustomEventSelectors"], before["HasInsightSelectors"]) == (False, False)
        assert (after["HasCustomEventSelectors"], after["HasInsightSelectors"]) == (True, False)


class TestWatching:
    def test_composite_alarm_is_created_described_and_deleted(self, aws: EmbeddedAws) -> None:
        cloudwatch = aws.client("cloudwatch")
        cloudwatch.put_composite_alarm(
            AlarmName="any", AlarmRule="ALARM(a) OR ALARM(b)", AlarmActions=["arn:aws:sns:x"]
        )
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=["any"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
        assert (alarm["AlarmRule"], alarm["AlarmActions"]) == ("ALARM(a) OR ALARM(b)", ["arn:aws:sns:x"])
        cloudwatch.delete_alarms(AlarmNames=["any"])
        assert cloudwatch.describe_alarms(AlarmNames=["any"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"] == []

    def test_saved_query_is_kept_changed_and_deleted(self, aws: EmbeddedAws) -> None:
        # R-QRY-1
        logs = aws.client("logs")
        key = logs.put_query_definition(name="iam/users", queryString="fields a", logGroupNames=["g"])[
            "queryDefinitionId"
        ]
        logs.put_query_definition(queryDefinitionId=key, name="iam/users", queryString="fields b")
        (found,) = logs.describe_query_definitions(queryDefinitionNamePrefix="iam/")["queryDefinitions"]
        assert (found["queryDefinitionId"], found["queryString"], found["logGroupNames"]) == (key, "fields b", [])
        logs.delete_query_definition(queryDefinitionId=key)
        assert logs.describe_query_definitions()["queryDefinitions"] == []

    def test_saved_queries_belong_to_their_region(self, aws: EmbeddedAws) -> None:
        aws.client("logs", "eu-west-1").put_query_definition(name="there", queryString="fields a")
        assert (
            aws.client("logs").describe_query_definitions(queryDefinitionNamePrefix="there")["queryDefinitions"] == []
        )

    @pytest.mark.parametrize("operation", ["delete_query_definition", "put_query_definition"])
    def test_saved_query_that_is_not_there_is_refused(self, aws: EmbeddedAws, operation: str) -> None:
        rest = {"name": "n", "queryString": "q"} if operation.startswith("put") else {}
        call = getattr(aws.client("logs"), operation)
        error = refusal(lambda: call(queryDefinitionId="absent", **rest))
        assert error.response["Error"]["Code"] == "ResourceNotFoundException"

    @pytest.mark.parametrize(("given", "kept"), [({}, "STANDARD"), ({"logGroupClass": "INFREQUENT_ACCESS"},) * 2])
    def test_class_of_a_log_group_is_kept(self, aws: EmbeddedAws, given: dict[str, str], kept: Any) -> None:
        logs = aws.client("logs")
        wanted = kept if isinstance(kept, str) else kept["logGroupClass"]
        logs.create_log_group(logGroupName=f"class-{wanted}", **given)
        (group,) = logs.describe_log_groups(logGroupNamePrefix=f"class-{wanted}")["logGroups"]
        assert group["logGroupClass"] == wanted


class TestKeys:
    @pytest.mark.parametrize(("given", "days"), [({}, 365), ({"RotationPeriodInDays": 180}, 180)])
    def test_rotation_period_is_kept(self, aws: EmbeddedAws, given: dict[str, int], days: int) -> None:
        kms = aws.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.enable_key_rotation(KeyId=key, **given)
        assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == days

    def test_key_that_is_not_rotated_has_no_period(self, aws: EmbeddedAws) -> None:
        kms = aws.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        assert "RotationPeriodInDays" not in kms.get_key_rotation_status(KeyId=key)


class TestQueries:
    def workgroup(self, name: str) -> str:
        return f"arn:aws:athena:us-east-1:{ACCOUNT}:workgroup/{name}"

    def test_workgroup_without_tags_has_an_empty_list(self, aws: EmbeddedAws) -> None:
        athena = aws.client("athena")
        athena.create_work_group(Name="plain")
        assert athena.list_tags_for_resource(ResourceARN=self.workgroup("plain"))["Tags"] == []

    def test_workgroup_keeps_its_tags(self, aws: EmbeddedAws) -> None:
        athena = aws.client("athena")
        tags = [{"Key": "system", "Value": "audit"}]
        athena.create_work_group(Name="tagged", Tags=tags)
        assert athena.list_tags_for_resource(ResourceARN=self.workgroup("tagged"))["Tags"] == tags

    def test_named_query_is_deleted_once(self, aws: EmbeddedAws) -> None:
        athena = aws.client("athena")
        key = athena.create_named_query(Name="q", Database="d", QueryString="select 1")["NamedQueryId"]
        athena.delete_named_query(NamedQueryId=key)
        assert key not in athena.list_named_queries()["NamedQueryIds"]
        refusal(lambda: athena.delete_named_query(NamedQueryId=key))

    def test_workgroup_is_changed_where_the_call_says_so(self, aws: EmbeddedAws) -> None:
        athena = aws.client("athena")
        encrypted = {"EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}, "OutputLocation": "s3://a/"}
        before = {"BytesScannedCutoffPerQuery": 20_000_000, "ResultConfiguration": encrypted}
        athena.create_work_group(Name="changed", Configuration=before, Description="before")
        athena.update_work_group(
            WorkGroup="changed",
            State="DISABLED",
            ConfigurationUpdates={
                "RemoveBytesScannedCutoffPerQuery": True,
                "ResultConfigurationUpdates": {"OutputLocation": "s3://b/", "RemoveExpectedBucketOwner": False},
            },
        )
        after = athena.get_work_group(WorkGroup="changed")["WorkGroup"]
        assert (after["State"], after["Description"]) == ("DISABLED", "before")
        assert "BytesScannedCutoffPerQuery" not in after["Configuration"]
        assert after["Configuration"]["ResultConfiguration"] == {**encrypted, "OutputLocation": "s3://b/"}

    def test_no_workgroup_is_changed_that_is_not_there(self, aws: EmbeddedAws) -> None:
        athena = aws.client("athena")
        refusal(lambda: athena.update_work_group(WorkGroup="nowhere", Description="d"))


class TestBudgets:
    # R-CST-1
    NOTIFICATION = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
    SUBSCRIBERS = [{"SubscriptionType": "EMAIL", "Address": "audit@example.com"}]

    def budget(self, name: str, amount: str = "200") -> dict[str, Any]:
        limit = {"Amount": amount, "Unit": "USD"}
        return {"BudgetName": name, "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": limit}

    def create(self, aws: EmbeddedAws, name: str) -> Any:
        budgets = aws.client("budgets")
        budgets.create_budget(
            AccountId=ACCOUNT,
            Budget=self.budget(name),
            NotificationsWithSubscribers=[{"Notification": self.NOTIFICATION, "Subscribers": self.SUBSCRIBERS}],
            ResourceTags=[{"Key": "system", "Value": "audit"}],
        )
        return budgets

    def test_tags_are_kept_added_and_removed(self, aws: EmbeddedAws) -> None:
        budgets = self.create(aws, "tagged")
        arn = f"arn:aws:budgets::{ACCOUNT}:budget/tagged"
        budgets.tag_resource(ResourceARN=arn, ResourceTags=[{"Key": "owner", "Value": "security"}])
        budgets.untag_resource(ResourceARN=arn, ResourceTagKeys=["system"])
        kept = budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"]
        assert kept == [{"Key": "owner", "Value": "security"}]

    def test_limit_is_changed_in_place(self, aws: EmbeddedAws) -> None:
        budgets = self.create(aws, "changed")
        budgets.update_budget(AccountId=ACCOUNT, NewBudget=self.budget("changed", "250"))
        found = budgets.describe_budget(AccountId=ACCOUNT, BudgetName="changed")["Budget"]
        assert found["BudgetLimit"]["Amount"] == "250"

    def test_change_of_a_budget_that_is_not_there_is_refused(self, aws: EmbeddedAws) -> None:
        budgets = aws.client("budgets")
        error = refusal(lambda: budgets.update_budget(AccountId=ACCOUNT, NewBudget=self.budget("absent")))
        assert error.response["Error"]["Code"] == "NotFoundException"

    def test_subscribers_of_a_notification_are_named(self, aws: EmbeddedAws) -> None:
        budgets = self.create(aws, "watched")
        found = budgets.describe_subscribers_for_notification(
            AccountId=ACCOUNT, BudgetName="watched", Notification=self.NOTIFICATION
        )
        assert found["Subscribers"] == self.SUBSCRIBERS

    def test_subscribers_of_another_notification_are_not(self, aws: EmbeddedAws) -> None:
        budgets = self.create(aws, "watched-elsewhere")
        other = {**self.NOTIFICATION, "Threshold": 100.0}
        error = refusal(
            lambda: budgets.describe_subscribers_for_notification(
                AccountId=ACCOUNT, BudgetName="watched-elsewhere", Notification=other
            )
        )
        assert error.response["Error"]["Code"] == "NotFoundException"


class TestFunctions:
    def test_dead_letter_queue_and_logging_are_described(self, aws: EmbeddedAws, function_arn: str) -> None:
        found = aws.client("lambda").get_function_configuration(FunctionName=function_arn)
        assert found["DeadLetterConfig"]["TargetArn"].endswith(":failed")
        assert found["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": "/responders"}

    def test_change_of_one_setting_keeps_the_other(self, aws: EmbeddedAws, function_arn: str) -> None:
        functions = aws.client("lambda")
        target = f"arn:aws:sqs:us-east-1:{ACCOUNT}:elsewhere"
        functions.update_function_configuration(FunctionName=function_arn, DeadLetterConfig={"TargetArn": target})
        found = functions.get_function_configuration(FunctionName=function_arn)
        functions.update_function_configuration(
            FunctionName=function_arn, DeadLetterConfig={"TargetArn": target.replace("elsewhere", "failed")}
        )
        assert found["DeadLetterConfig"]["TargetArn"] == target
        assert found["LoggingConfig"]["LogGroup"] == "/responders"

    def test_delivery_to_a_subscribed_function_runs_no_docker(
        self, aws: EmbeddedAws, function_arn: str, listener: Listener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # moto swallows the error of a Docker that does not answer: only being called tells
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{listener.port}")
        logs = aws.client("logs")
        logs.create_log_group(logGroupName="subscribed")
        logs.create_log_stream(logGroupName="subscribed", logStreamName="s")
        logs.put_subscription_filter(
            logGroupName="subscribed", filterName="intake", filterPattern="", destinationArn=function_arn
        )
        event = {"timestamp": 1_767_225_600_000, "message": "{}"}
        logs.put_log_events(logGroupName="subscribed", logStreamName="s", logEvents=[event])
        assert listener.calls == []

    def test_message_to_a_subscribed_function_runs_no_docker(
        self, aws: EmbeddedAws, function_arn: str, listener: Listener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{listener.port}")
        sns = aws.client("sns")
        topic = sns.create_topic(Name="to-function")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function_arn)
        sns.publish(TopicArn=topic, Message="x")
        assert listener.calls == []

    def test_queued_message_waits_for_whoever_runs_the_function(self, aws: EmbeddedAws, function_arn: str) -> None:
        sqs, functions = aws.client("sqs"), aws.client("lambda")
        url = sqs.create_queue(QueueName="intake")["QueueUrl"]
        arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:intake"
        mapping = functions.create_event_source_mapping(FunctionName=function_arn, EventSourceArn=arn)
        sqs.send_message(QueueUrl=url, MessageBody="first")
        sqs.send_message(QueueUrl=url, MessageBody="second")
        found = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["ApproximateReceiveCount"]
        )["Messages"]
        assert [message["Body"] for message in found] == ["first", "second"]
        assert {message["Attributes"]["ApproximateReceiveCount"] for message in found} == {"1"}
        assert functions.get_event_source_mapping(UUID=mapping["UUID"])["EventSourceArn"] == arn

    def test_redrive_policy_is_printed_without_spaces(self, aws: EmbeddedAws) -> None:
        sqs = aws.client("sqs")
        sqs.create_queue(QueueName="failed")
        redrive = f'{{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:{ACCOUNT}:failed","maxReceiveCount":3}}'
        url = sqs.create_queue(QueueName="router", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert found["RedrivePolicy"] == redrive


class TestHttpSubscriptions:
    def test_nothing_is_posted_and_the_message_is_recorded(self, aws: EmbeddedAws, listener: Listener) -> None:
        sns = aws.client("sns")
        topic = sns.create_topic(Name="pager")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://127.0.0.1:{listener.port}/page")
        sns.publish(TopicArn=topic, Message="wake up")
        assert listener.calls == []
        assert "wake up" in [message.message for message in aws.published_messages() if message.topic_arn == topic]

    def test_message_still_reaches_a_queue(self, aws: EmbeddedAws) -> None:
        sns, sqs = aws.client("sns"), aws.client("sqs")
        topic = sns.create_topic(Name="to-queue")["TopicArn"]
        url = sqs.create_queue(QueueName="inbox")["QueueUrl"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:inbox")
        sns.publish(TopicArn=topic, Message="hello")
        (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
        assert json.loads(message["Body"])["Message"] == "hello"
