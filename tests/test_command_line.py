"""What the commands share: a refusal is a line on standard error with its status, and a pipe is wide enough."""

import pytest
import typer

from cloudtrail_monitoring.command_line import FAILED, PIPE_WIDTH, UNUSABLE_INPUT, console_of, refuse


@pytest.mark.parametrize("status", [FAILED, UNUSABLE_INPUT])
def test_a_refusal_goes_to_standard_error_with_its_status(capsys: pytest.CaptureFixture[str], status: int) -> None:
    with pytest.raises(typer.Exit) as ended:
        refuse(ValueError("no such day"), status)
    assert ended.value.exit_code == status
    assert capsys.readouterr() == ("", "no such day\n")


def test_input_that_can_t_be_used_is_what_a_refusal_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        refuse("name a file")
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err == "name a file\n"


def test_each_fault_of_settings_keeps_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        refuse("account_id: 12 digits\nhome_region: none of AWS's")
    assert capsys.readouterr().err == "account_id: 12 digits\nhome_region: none of AWS's\n"


def test_a_refusal_can_t_act_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        refuse("no file \x1b[2J\u202etxt.\r")
    assert capsys.readouterr().err == "no file \ufffd[2J\ufffdtxt.\ufffd\n"


def test_a_pipe_is_wide_enough_for_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert console_of().width == PIPE_WIDTH
    assert console_of(pipe_width=200).width == 200
