"""What the trail records, by settings; and that nothing of this system is ever among it."""

import pytest

from cloudtrail_monitoring.trail.event_selectors import EventSelector, FieldSelector, event_selectors
from cloudtrail_monitoring.trail.settings import DataEvents, DataResource, ReadWrite, TrailSettings
from cloudtrail_monitoring.validation import SettingsError
from tests.settings_samples import TRAIL, changed
from tests.synthesised import Stack

OWN = ("arn:aws:s3:::own-logs/", "arn:aws:lambda:us-east-1:333333333333:function:own-")
PATIENTS = "arn:aws:s3:::patients/"
RECORDS_FUNCTION = "arn:aws:lambda:us-east-1:333333333333:function:patient-records"
QUIET = TrailSettings(name="sample-trail", log_group_name="sample")


def fields(selector: EventSelector) -> dict[str, FieldSelector]:
    return {field.field: field for field in selector.fields}


def by_name(settings: TrailSettings, own_arns: tuple[str, ...] = OWN) -> dict[str, dict[str, FieldSelector]]:
    return {selector.name: fields(selector) for selector in event_selectors(settings, own_arns=own_arns)}


def records(selector: dict[str, FieldSelector], arn: str, *, read_only: bool) -> bool:
    """Whether a data selector takes an event on this resource."""
    where = selector.get("resources.ARN", FieldSelector(field="resources.ARN"))
    access = selector.get("readOnly")
    return (
        (access is None or access.equals == (str(read_only).lower(),))
        and (not where.starts_with or arn.startswith(where.starts_with))
        and not (where.not_starts_with and arn.startswith(where.not_starts_with))
    )


class TestManagementEvents:
    def test_all_of_them_by_default(self, stack: Stack) -> None:
        # R-TRL-2, R-TRL-7
        selector = stack.by_path("trail/trail")["advanced_event_selector"][0]
        assert selector == {
            "name": "Management events selector",
            "field_selector": [{"field": "eventCategory", "equals": ["Management"]}],
        }

    def test_noise_can_be_left_out(self) -> None:
        # R-TRL-7
        noisy = ("kms.amazonaws.com", "rdsdata.amazonaws.com")
        management = by_name(changed(QUIET, exclude_management_sources=noisy))["Management events selector"]
        assert management["eventSource"] == FieldSelector(field="eventSource", not_equals=noisy)

    def test_nothing_else_is_recorded_unless_it_is_asked_for(self) -> None:
        assert list(by_name(QUIET)) == ["Management events selector"]


class TestDataEvents:
    @pytest.mark.parametrize(
        ("read_write", "read_only"),
        [(ReadWrite.ALL, None), (ReadWrite.READ_ONLY, ("true",)), (ReadWrite.WRITE_ONLY, ("false",))],
    )
    def test_reads_and_writes(self, read_write: ReadWrite, read_only: tuple[str, ...] | None) -> None:
        # R-TRL-2, R-TRL-7
        events = DataEvents(resource_type=DataResource.S3_OBJECT, read_write=read_write)
        selector = by_name(changed(QUIET, data_events=(events,)))["Data events 1: S3 objects"]
        assert selector["eventCategory"].equals == ("Data",)
        assert selector["resources.type"].equals == ("AWS::S3::Object",)
        assert (selector["readOnly"].equals if "readOnly" in selector else None) == read_only

    def test_prefixes_narrow(self) -> None:
        # R-TRL-2
        events = DataEvents(resource_type=DataResource.S3_OBJECT, arn_prefixes=("arn:aws:s3:::payments/",))
        selector = by_name(changed(QUIET, data_events=(events,)))["Data events 1: S3 objects"]
        assert records(selector, "arn:aws:s3:::payments/a", read_only=True)
        assert not records(selector, "arn:aws:s3:::pictures/a", read_only=True)

    @pytest.mark.parametrize("prefixes", [(), ("arn:aws:s3:::own-",), ("arn:aws:s3:::own-logs/",)])
    def test_this_system_s_buckets_are_always_left_out(self, prefixes: tuple[str, ...]) -> None:
        # R-TRL-2
        events = DataEvents(resource_type=DataResource.S3_OBJECT, arn_prefixes=prefixes)
        selector = by_name(changed(QUIET, data_events=(events,)))["Data events 1: S3 objects"]
        assert not records(selector, "arn:aws:s3:::own-logs/AWSLogs/a.gz", read_only=False)

    def test_this_system_s_functions_are_always_left_out(self) -> None:
        # R-TRL-2
        selector = by_name(TRAIL)["Data events 2: Lambda functions"]
        assert not records(selector, f"{OWN[1]}responder", read_only=False)
        assert records(selector, RECORDS_FUNCTION, read_only=False)

    def test_only_exclusions_of_the_same_service_stand_in_a_selector(self) -> None:
        for name, selector in by_name(TRAIL).items():
            if name.startswith("Data"):
                (arn,) = selector["resources.ARN"].not_starts_with
                assert ("s3" in arn) == ("S3" in name)

    def test_every_bucket_of_every_environment_is_left_out(self, stack: Stack) -> None:
        # R-TRL-2
        for selector in stack.by_path("trail/trail")["advanced_event_selector"][1:]:
            excluded = [
                arn
                for field in selector["field_selector"]
                if field["field"] == "resources.ARN"
                for arn in field["not_starts_with"]
            ]
            if "S3" in selector["name"]:
                own = {bucket["bucket"] for bucket in stack.all("aws_s3_bucket")}
                state = stack.document["terraform"]["backend"]["s3"]["bucket"]
                own |= {state, f"{state}-access"}
                assert set(excluded) == {f"arn:aws:s3:::{name}/" for name in own}
            else:
                assert len(excluded) == 1


class TestProtectedHealthInformation:
    SETTINGS = changed(
        QUIET,
        data_events=(DataEvents(resource_type=DataResource.S3_OBJECT, read_write=ReadWrite.WRITE_ONLY),),
        phi_resources=(PATIENTS, RECORDS_FUNCTION),
    )

    def test_reads_and_writes_are_recorded_whatever_data_events_say(self) -> None:
        # R-TRL-2: what HIPAA asks for
        selectors = by_name(self.SETTINGS)
        for read_only in (True, False):
            assert records(selectors["PHI: S3 objects"], f"{PATIENTS}x-ray", read_only=read_only)
            assert records(selectors["PHI: Lambda functions"], RECORDS_FUNCTION, read_only=read_only)

    def test_nothing_else_is_recorded_by_their_selectors(self) -> None:
        selectors = by_name(self.SETTINGS)
        assert not records(selectors["PHI: S3 objects"], "arn:aws:s3:::pictures/a", read_only=True)

    def test_a_service_without_any_has_no_selector(self) -> None:
        assert "PHI: Lambda functions" not in by_name(changed(QUIET, phi_resources=(PATIENTS,)))

    def test_a_wide_prefix_still_leaves_this_system_out(self) -> None:
        selectors = by_name(changed(QUIET, phi_resources=("arn:aws:s3:::o",)))
        assert not records(selectors["PHI: S3 objects"], "arn:aws:s3:::own-logs/a", read_only=False)

    @pytest.mark.parametrize(
        "arn",
        ["arn:aws:s3:::own-logs/", "arn:aws:s3:::own-logs", "arn:aws:s3:::own-logs/AWSLogs/", f"{OWN[1]}responder"],
    )
    def test_a_resource_of_this_system_is_refused(self, arn: str) -> None:
        with pytest.raises(SettingsError, match="this system's own, and logging it would never end"):
            event_selectors(changed(QUIET, phi_resources=(arn,)), own_arns=OWN)

    def test_a_bucket_whose_name_merely_begins_alike_is_taken(self) -> None:
        # R-TRL-2: PHI can never be filtered out
        arn = "arn:aws:s3:::own-logs-of-patients/"
        selectors = by_name(changed(QUIET, phi_resources=(arn,)))
        assert records(selectors["PHI: S3 objects"], f"{arn}x-ray", read_only=True)


def test_cloudtrail_takes_the_names(stack: Stack) -> None:
    # https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedEventSelector.html
    names = [selector["name"] for selector in stack.by_path("trail/trail")["advanced_event_selector"]]
    assert len(names) == len(set(names))
    assert max(map(len, names)) <= 1000
