"""The three environments, how environment files are loaded, and where their contacts come from."""

from pathlib import Path

import pytest

from cloudtrail_monitoring.alerting.contacts import read_contacts
from cloudtrail_monitoring.alerting.settings import Channel
from cloudtrail_monitoring.archive.settings import LockMode
from cloudtrail_monitoring.detections.detection import Level
from cloudtrail_monitoring.environments import load_environments
from cloudtrail_monitoring.responders.names import CONSOLE_EVENTS_LOG_GROUP, IAM_EVENTS_LOG_GROUP
from cloudtrail_monitoring.settings import MonitoringSettings
from cloudtrail_monitoring.trail.settings import ReadWrite
from cloudtrail_monitoring.validation import SettingsError
from tests.conftest import ENVIRONMENTS, PROJECT
from tests.synthesised import Stack

Environments = dict[str, MonitoringSettings]
# R-QRY-4 names the groups; each account has its own roles of the delivery
ALIKE_EVERYWHERE = {
    IAM_EVENTS_LOG_GROUP,
    CONSOLE_EVENTS_LOG_GROUP,
    "cloudtrail-monitoring-deploy",
    "cloudtrail-monitoring-plan",
}
SAMPLE_FILE = "from tests.settings_samples import SAMPLE, changed\n\ndef settings():\n    return "


class TestTheThree:
    def test_there_are_dev_staging_and_prod(self, environments: Environments) -> None:
        # R-DEL-1
        assert sorted(environments) == sorted(ENVIRONMENTS)

    def test_each_has_two_stacks(self, stacks: dict[str, Stack]) -> None:
        assert sorted(stacks) == sorted([*ENVIRONMENTS, *(f"state-{name}" for name in ENVIRONMENTS)])

    @pytest.mark.parametrize(
        ("name", "account"), [("dev", "111111111111"), ("staging", "222222222222"), ("prod", "333333333333")]
    )
    def test_each_has_its_account_and_refuses_others(
        self, name: str, account: str, environments: Environments, stacks: dict[str, Stack]
    ) -> None:
        # R-DEL-1
        assert environments[name].account_id == account
        assert environments[name].home_region == "us-east-1"
        for stack in (stacks[name], stacks[f"state-{name}"]):
            for provider in stack.document["provider"]["aws"]:
                assert provider["allowed_account_ids"] == [account], provider
            assert stack.document["terraform"]["backend"]["s3"]["allowed_account_ids"] == [account]

    @pytest.mark.parametrize("name", ENVIRONMENTS)
    def test_no_arn_names_another_account(
        self, name: str, environments: Environments, stacks: dict[str, Stack]
    ) -> None:
        others = {settings.account_id for settings in environments.values()} - {environments[name].account_id}
        for stack in (stacks[name], stacks[f"state-{name}"]):
            assert not [account for account in others if account in stack.text]

    def test_prod_has_the_names_of_the_requirements(self, prod: Stack) -> None:
        # R-TRL-1, R-ARC-1
        assert prod.by_path("trail/trail")["name"] == "xyz-corp-audit-trail"
        assert prod.one("aws_s3_bucket", bucket="xyz-corp-cloudtrail-logs-2025")

    def test_prod_keeps_logs_for_seven_years_and_a_year(self, environments: Environments) -> None:
        # R-ARC-5, R-TRL-4
        prod = environments["prod"]
        assert (prod.archive.retention_days, prod.trail.log_retention_days) == (2557, 365)
        assert prod.archive.object_lock is not None
        assert prod.archive.object_lock.retention_days == 2557
        assert prod.archive.object_lock.mode is LockMode.GOVERNANCE

    def test_retention_grows_from_dev_to_prod(self, environments: Environments) -> None:
        days = [environments[name].archive.retention_days for name in ENVIRONMENTS]
        assert days == sorted(set(days))

    def test_data_events_grow_from_dev_to_prod(self, environments: Environments) -> None:
        # R-TRL-2, R-TRL-7: reads cost most
        recorded = {
            name: {(one.resource_type.name, one.read_write) for one in environments[name].trail.data_events}
            for name in ENVIRONMENTS
        }
        assert recorded == {
            "dev": {("S3_OBJECT", ReadWrite.WRITE_ONLY)},
            "staging": {("S3_OBJECT", ReadWrite.WRITE_ONLY), ("LAMBDA_FUNCTION", ReadWrite.WRITE_ONLY)},
            "prod": {("S3_OBJECT", ReadWrite.ALL), ("LAMBDA_FUNCTION", ReadWrite.ALL)},
        }

    @pytest.mark.parametrize(("name", "own"), [("dev", False), ("staging", True), ("prod", True)])
    def test_a_key_of_its_own(self, name: str, own: bool, environments: Environments) -> None:
        # R-ARC-2
        assert environments[name].trail.customer_managed_key is own

    def test_only_prod_sends_sms(self, environments: Environments) -> None:
        routed = {name: environments[name].alerting.routes[Level.HIGH] for name in ENVIRONMENTS}
        assert routed == {
            "dev": (Channel.EMAIL,),
            "staging": (Channel.EMAIL,),
            "prod": (Channel.EMAIL, Channel.SMS),
        }

    # but those of R-QRY-4, which are exact in every account
    def test_where_responders_act_they_spare_break_glass_users(self, environments: Environments) -> None:
        # R-RSP-1
        spared = {name: one.responders.break_glass_users for name, one in environments.items() if one.responders}
        assert spared == {"prod": ("/break-glass/",), "staging": ("/break-glass/",)}

    def test_names_are_unique_across_environments(self, stacks: dict[str, Stack]) -> None:
        named = {
            "aws_cloudtrail": "name",
            "aws_cloudwatch_event_rule": "name",
            "aws_cloudwatch_log_group": "name",
            "aws_cloudwatch_log_metric_filter": "name",
            "aws_cloudwatch_metric_alarm": "alarm_name",
            "aws_iam_role": "name",
            "aws_kms_alias": "name",
            "aws_s3_bucket": "bucket",
            "aws_sns_topic": "name",
        }
        for type_, attribute in named.items():
            names = [name for stack in stacks.values() for name in {one[attribute] for one in stack.all(type_)}]
            names = [name for name in names if name not in ALIKE_EVERYWHERE]
            assert sorted(names) == sorted(set(names)), type_

    def test_metrics_of_environments_do_not_mix(self, environments: Environments) -> None:
        assert len({settings.metric_namespace for settings in environments.values()}) == len(ENVIRONMENTS)

    def test_everything_is_tagged(self, stacks: dict[str, Stack]) -> None:
        for name in ENVIRONMENTS:
            for provider in stacks[name].document["provider"]["aws"]:
                (tags,) = provider["default_tags"]
                assert tags["tags"].items() >= {"Environment": name, "ManagedBy": "cloudtrail-monitoring"}.items()

    @pytest.mark.parametrize("name", ENVIRONMENTS)
    def test_files_hold_settings_only(self, name: str) -> None:
        source = (PROJECT / "environments" / f"{name}.py").read_text(encoding="utf-8")
        assert "cdktf" not in source
        assert "@" not in source, "contacts are read from outside git"


class TestLoading:
    def test_an_empty_folder_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="no environments here"):
            load_environments(tmp_path)

    def test_private_files_are_left_out(self, tmp_path: Path) -> None:
        (tmp_path / "_shared.py").write_text("raise RuntimeError\n")
        (tmp_path / "sample.py").write_text(f"{SAMPLE_FILE}SAMPLE\n")
        assert list(load_environments(tmp_path)) == ["sample"]

    def test_duplicate_names_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "first.py").write_text(f"{SAMPLE_FILE}SAMPLE\n")
        (tmp_path / "second.py").write_text(f"{SAMPLE_FILE}SAMPLE\n")
        with pytest.raises(SettingsError) as error:
            load_environments(tmp_path)
        assert str(error.value) == "second: environment: 'sample' is the name of another file's, too"

    def test_a_bucket_of_two_environments_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "first.py").write_text(f"{SAMPLE_FILE}SAMPLE\n")
        (tmp_path / "second.py").write_text(
            f"{SAMPLE_FILE}changed(\n"
            "        SAMPLE,\n"
            "        environment='other',\n"
            "        archive=changed(SAMPLE.archive, bucket_name='other', access_log_bucket_name='other-access'),\n"
            "    )\n"
        )
        with pytest.raises(SettingsError) as error:
            load_environments(tmp_path)
        assert "other: state.bucket_name: 'sample-state' is a bucket of sample, too" in str(error.value).splitlines()

    @pytest.mark.parametrize(
        ("source", "line"),
        [
            ("", "odd: odd.py has no function settings()"),
            ("def settings():\n    return 1\n", "odd: settings() must return MonitoringSettings, not int"),
            ("def settings(:\n", "odd: odd.py, line 1: SyntaxError: invalid syntax (odd.py, line 1)"),
            ("import nowhere\n", "odd: odd.py, line 1: ModuleNotFoundError: No module named 'nowhere'"),
            ("\n\ndef settings():\n    return 1 / 0\n", "odd: odd.py, line 4: ZeroDivisionError: division by zero"),
        ],
        ids=["empty", "another type", "syntax", "import", "fault"],
    )
    def test_a_broken_file_is_one_line(self, source: str, line: str, tmp_path: Path) -> None:
        (tmp_path / "odd.py").write_text(source)
        with pytest.raises(SettingsError) as error:
            load_environments(tmp_path)
        assert str(error.value) == line

    def test_faults_of_all_environments_are_told_together(self, tmp_path: Path) -> None:
        for name in ("first", "second"):
            (tmp_path / f"{name}.py").write_text(f"{SAMPLE_FILE}changed(SAMPLE, account_id='1')\n")
        with pytest.raises(SettingsError) as error:
            load_environments(tmp_path)
        assert [line.split(":")[0] for line in str(error.value).splitlines()] == ["first", "second"]


class TestContacts:
    FILE = '[prod]\nemail = ["file@example.org"]\nsms = ["+12065550111"]\n'

    @pytest.fixture
    def directory(self, tmp_path: Path) -> Path:
        """Holds the example; what a test adds goes before it."""
        (tmp_path / "contacts.example.toml").write_text('[prod]\nemail = ["example@example.com"]\n')
        return tmp_path

    def test_variables_come_first(self, directory: Path) -> None:
        (directory / "contacts.toml").write_text(self.FILE)
        contacts = read_contacts(
            "prod",
            directory,
            {
                "CLOUDTRAIL_MONITORING_PROD_EMAIL": "a@example.org, b@example.org",
                "CLOUDTRAIL_MONITORING_PROD_SMS": "+12065550100",
            },
        )
        assert contacts.email == ("a@example.org", "b@example.org")
        assert contacts.sms == ("+12065550100",)

    def test_a_hyphen_in_the_environment_is_an_underscore_in_variables(self, directory: Path) -> None:
        contacts = read_contacts("prod-eu", directory, {"CLOUDTRAIL_MONITORING_PROD_EU_EMAIL": "a@example.org"})
        assert contacts.email == ("a@example.org",)

    def test_variables_of_another_environment_are_not_read(self, directory: Path) -> None:
        (directory / "contacts.toml").write_text(self.FILE)
        assert read_contacts("prod", directory, {"CLOUDTRAIL_MONITORING_DEV_EMAIL": "a@example.org"}).email == (
            "file@example.org",
        )

    def test_then_the_file_that_is_named(self, directory: Path, tmp_path: Path) -> None:
        (directory / "contacts.toml").write_text('[prod]\nemail = ["own@example.org"]\n')
        named = tmp_path / "named.toml"
        named.write_text(self.FILE)
        contacts = read_contacts("prod", directory, {"CLOUDTRAIL_MONITORING_CONTACTS": str(named)})
        assert contacts.email == ("file@example.org",)

    def test_then_the_file_of_the_folder(self, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (directory / "contacts.toml").write_text(self.FILE)
        assert read_contacts("prod", directory, {}).sms == ("+12065550111",)
        assert capsys.readouterr().err == ""

    def test_the_example_comes_last_and_with_a_warning(
        self, directory: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert read_contacts("prod", directory, {}).email == ("example@example.com",)
        written = capsys.readouterr()
        assert written.out == ""
        assert written.err.startswith("prod: warning: contacts are those of contacts.example.toml")
        assert len(written.err.splitlines()) == 1

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            ("[prod\n", "is not TOML"),
            ('[dev]\nemail = ["a@example.org"]\n', "has no table [prod]"),
            ("prod = 1\n", "has no table [prod]"),
            ("[prod]\n", "email: Field required"),
            ('[prod]\nemail = "a@example.org"\n', "email: Input should be a valid tuple (given: 'a@example.org')"),
            ('[prod]\nemail = ["a"]\n', "email.0: value is not a valid email address"),
            ('[prod]\nemail = ["a@example.org"]\nsms = ["5550100"]\n', "sms.0: a phone number in E.164 form"),
            ('[prod]\nemail = ["a@example.org"]\npager = ["1"]\n', "pager: Extra inputs are not permitted"),
        ],
        ids=["broken", "no table", "no table but a number", "no e-mail", "no list", "e-mail", "phone", "unknown"],
    )
    def test_a_faulty_file_is_one_line(self, content: str, problem: str, directory: Path) -> None:
        (directory / "contacts.toml").write_text(content)
        with pytest.raises(SettingsError) as error:
            read_contacts("prod", directory, {})
        (line,) = str(error.value).splitlines()
        assert line.lower().startswith("prod: contacts")
        assert problem in line

    def test_a_named_file_that_is_not_there_is_one_line(self, directory: Path) -> None:
        with pytest.raises(SettingsError) as error:
            read_contacts("prod", directory, {"CLOUDTRAIL_MONITORING_CONTACTS": str(directory / "none.toml")})
        assert str(error.value).endswith("none.toml can't be read: No such file or directory")

    def test_the_example_has_every_environment(self) -> None:
        variables = {"CLOUDTRAIL_MONITORING_CONTACTS": str(PROJECT / "environments" / "contacts.example.toml")}
        for name in ENVIRONMENTS:
            assert read_contacts(name, PROJECT, variables).email
        assert read_contacts("prod", PROJECT, variables).sms

    def test_the_own_file_is_ignored_by_git(self) -> None:
        assert "environments/contacts.toml" in (PROJECT / ".gitignore").read_text(encoding="utf-8").splitlines()

    def test_a_plan_warns_while_addresses_are_examples(self, stack: Stack) -> None:
        (check,) = stack.document["check"].values()
        (asserted,) = check["assert"]
        for subscription in stack.all("aws_sns_topic_subscription"):
            assert f"{subscription.address}.endpoint" in asserted["condition"]
        assert "@example" in asserted["condition"]
