"""The pytest plugin as its users have it: in a test run of their own."""

from importlib.metadata import entry_points

import pytest

HEADER = """
    import pytest
    from cloudtrail_monitoring import Detection, FilterPattern, Level

    MADE = {"eventSource": "iam.amazonaws.com", "eventName": "CreateUser"}
    REFUSED = {**MADE, "errorCode": "AccessDenied"}
"""


def outcome(pytester: pytest.Pytester, tests: str) -> pytest.RunResult:
    pytester.makepyfile(HEADER + tests)
    return pytester.runpytest_inprocess("-p", "no:xdist", "-p", "no:cacheprovider")


def test_it_is_found_where_the_library_is_installed() -> None:
    (plugin,) = entry_points(group="pytest11", name="cloudtrail_monitoring")
    assert plugin.value == "cloudtrail_monitoring.pytest_plugin"


def test_an_id_a_pattern_its_text_and_a_detection_are_taken(pytester: pytest.Pytester) -> None:
    outcome(
        pytester,
        """
    TEXT = '{ $.eventName = "CreateUser" && $.errorCode NOT EXISTS }'
    OWN = Detection(id="own", title="Own", level=Level.LOW, pattern=TEXT, reason="Ours.")

    @pytest.mark.parametrize("one", ["user-created", TEXT, FilterPattern.parse(TEXT), OWN])
    def test_of_mine(detection_matches, one):
        assert detection_matches(one, MADE)
        assert not detection_matches(one, REFUSED)
    """,
    ).assert_outcomes(passed=4)


def test_ids_are_those_of_the_environment_s_detections(pytester: pytest.Pytester) -> None:
    outcome(
        pytester,
        """
    @pytest.fixture(scope="session")
    def monitored_detections():
        return [Detection(id="own", title="Own", level=Level.LOW, pattern="{ $.a = 1 }", reason="Ours.")]

    def test_of_mine(detection_matches):
        assert detection_matches("own", {"a": 1})
        with pytest.raises(LookupError, match="there is no detection 'user-created'; there are own"):
            detection_matches("user-created", MADE)
    """,
    ).assert_outcomes(passed=1)


def test_a_failure_shows_which_clause_decided(pytester: pytest.Pytester) -> None:
    result = outcome(
        pytester,
        """
    def test_of_mine(detection_matches):
        assert detection_matches("user-created", REFUSED)
    """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            '*<user-created does not count it: $.errorCode is "AccessDenied", not missing>*',
            "*Captured detection call*",
            '*✓ $.eventName = "CreateUser"',
            '*✗ $.errorCode is "AccessDenied", not missing',
        ]
    )


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        ('detection_matches("user-create", MADE)', "LookupError", "did you mean user-created"),
        ('detection_matches("{ $.a == 1 }", MADE)', "ValueError", "a single = for equality"),
        ('detection_matches("user-created", [MADE])', "TypeError", "a JSON object, not list"),
        (
            'detection_matches("archive-access-changed", MADE)',
            "ValueError",
            "override the fixture monitored_detections",
        ),
    ],
)
def test_what_it_cannot_use_is_an_error_in_words(pytester: pytest.Pytester, call: str, error: str, told: str) -> None:
    outcome(
        pytester,
        f"""
    def test_of_mine(detection_matches):
        with pytest.raises({error}, match={told!r}):
            {call}
    """,
    ).assert_outcomes(passed=1)
