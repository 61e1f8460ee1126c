from __future__ import annotations

import subprocess
import sys
import types
from datetime import timedelta
from pathlib import Path
from typing import Any

import jinja2
import pytest
from pydantic import ValidationError

from labkit import render as rendering
from labkit.errors import LabkitError, UsageError
from labkit.model import Instance, Lab, Seat, Workshop
from labkit.render import LintReport, handout, lint, render
from labkit.scenario import data_folder, find_scenario, scenarios
from tests.check_templates import LONGEST_NAME

SCENARIO = find_scenario("malicious_callout")
LINTABLE = """
Resources:
  Group:
    Type: AWS::Logs::LogGroup
    Properties: {{RetentionInDays: {days}}}
"""


def workshop(name: str = "immersion-day", **settings: Any) -> Workshop:
    return Workshop(
        name, "malicious_callout", "eu-west-1", timedelta(hours=8), (), settings=settings
    )


class TestScenarios:
    def test_every_scenario_is_found_by_its_name_and_has_its_files(self) -> None:
        assert "malicious_callout" in scenarios()
        for name, scenario in scenarios().items():
            assert scenario.name == name
            files = [*scenario.templates.values(), scenario.user_data, scenario.handout]
            assert [
                file
                for file in files
                if not any((folder / file).is_file() for folder in scenario.template_folders)
            ] == []

    def test_an_unknown_name_is_refused_with_the_nearest_one(self) -> None:
        with pytest.raises(UsageError, match="'malicious_calout'") as refused:
            find_scenario("malicious_calout")
        assert refused.value.hint == "Did you mean 'malicious_callout'?"

    def test_a_name_like_no_other_is_refused_with_all_there_are(self) -> None:
        with pytest.raises(UsageError) as refused:
            find_scenario("zzz")
        assert "malicious_callout" in refused.value.hint

    @pytest.mark.parametrize(
        ("modules", "complaint"),
        [
            ({"one": "SCENARIO = ", "two": "SCENARIO = "}, "both contain a scenario"),
            ({"empty": "NOTHING = "}, "contains no scenario"),
        ],
    )
    def test_a_double_or_missing_scenario_is_refused(
        self, tmp_path: Path, modules: dict[str, str], complaint: str
    ) -> None:
        package = types.ModuleType(f"found_{len(modules)}")
        package.__path__ = [str(tmp_path)]
        sys.modules[package.__name__] = package
        for name, text in modules.items():
            line = "from labkit.scenarios.malicious_callout import SCENARIO as found\n"
            (tmp_path / f"{name}.py").write_text(f"{line}{text}found\n")
        with pytest.raises(LabkitError, match=complaint):
            scenarios(package)

    def test_the_files_are_those_of_this_checkout(self) -> None:
        top = Path(__file__).resolve().parents[2]
        assert data_folder("templates") == top / "templates"
        assert data_folder("checks") == top / "checks"

    def test_the_callout_takes_an_address_and_a_token(self) -> None:
        (command,) = (c.format(address="209.85.202.94", token="k3jx81") for c in SCENARIO.commands)
        assert command == "curl -s -m 5 -o /dev/null http://209.85.202.94/k3jx81"


class TestSettings:
    def test_what_is_left_out_has_a_default(self) -> None:
        assert SCENARIO.read_settings({}).model_dump() == {
            "servers": 2,
            "threat_addresses": ["209.85.202.94"],
        }

    @pytest.mark.parametrize(
        ("given", "complaint"),
        [
            ({"servers": 0}, "greater than or equal to 1"),
            ({"servers": 11}, "less than or equal to 10"),
            ({"servers": "2"}, "valid integer"),
            ({"servers": True}, "valid integer"),
            ({"server": 2}, "not permitted"),
            ({"threat_addresses": []}, "at least 1 item"),
            ({"threat_addresses": ["10.0.0.1"]}, "'10.0.0.1' isn't publicly routable"),
            ({"threat_addresses": ["127.0.0.1"]}, "publicly routable"),
            ({"threat_addresses": ["203.0.113.9"]}, "publicly routable"),
            ({"threat_addresses": ["224.0.1.1"]}, "publicly routable"),
            ({"threat_addresses": ["2001:4860:4860::8888"]}, "isn't an IPv4 address"),
            ({"threat_addresses": ["209.85.202.94/32"]}, "isn't an IPv4 address"),
            ({"threat_addresses": ["example.com"]}, "isn't an IPv4 address"),
            (
                {"threat_addresses": ["8.8.8.8", "9.9.9.9", "8.8.8.8"]},
                "'8.8.8.8' is listed twice",
            ),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, given: dict[str, Any], complaint: str) -> None:
        with pytest.raises(ValidationError, match=complaint):
            SCENARIO.read_settings(given)

    def test_rendering_refuses_it_in_one_line(self) -> None:
        with pytest.raises(UsageError) as refused:
            render(workshop(threat_addresses=["10.0.0.1"]))
        assert "threat_addresses.0: threat address '10.0.0.1'" in refused.value.message
        assert "\n" not in refused.value.message


class TestRender:
    def test_there_is_a_text_for_each_role(self) -> None:
        assert set(render(workshop())) == {
            "expiry", "detector", "evidence", "threat_list", "lab",
        }  # fmt: skip

    def test_the_same_workshop_gives_the_same_text(self) -> None:
        assert render(workshop()) == render(workshop())

    def test_the_seats_do_not_change_the_text(self) -> None:
        seated = Workshop(
            "immersion-day",
            "malicious_callout",
            "eu-west-1",
            timedelta(hours=8),
            (Seat("ada", "210000000001", "ada@example.com"),),
        )
        assert render(seated) == render(workshop())

    def test_the_largest_lab_fits_into_what_cloudformation_takes(self) -> None:
        largest = render(workshop(LONGEST_NAME, servers=10))["lab"]
        assert len(largest.encode()) <= 51_200

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("{{ unknown }}", "'unknown' is undefined"),
            ("{% if %}", "line 1 doesn't render"),
            ("{% include 'gone.j2' %}", "gone.j2"),
        ],
    )
    def test_a_broken_template_is_said_with_its_name(self, text: str, complaint: str) -> None:
        environment = jinja2.Environment(  # noqa: S701 - as the templates' own
            loader=jinja2.DictLoader({"lab.yaml.j2": text}), undefined=jinja2.StrictUndefined
        )
        with pytest.raises(LabkitError, match=complaint) as broken:
            rendering._text(environment, "lab.yaml.j2", {})
        assert "lab.yaml.j2" in broken.value.message

    @pytest.mark.parametrize(("text", "fits"), [("é" * 50, True), ("é" * 50 + "e", False)])
    def test_sizes_are_bytes_and_larger_ones_are_refused(self, text: str, *, fits: bool) -> None:
        if fits:
            rendering._check_size("It", text, 100)
            return
        with pytest.raises(LabkitError, match="It has 101 bytes; the limit is 100"):
            rendering._check_size("It", text, 100)


class TestLint:
    def test_what_is_right_has_no_findings(self) -> None:
        assert lint(LINTABLE.format(days=7), "eu-west-1") == LintReport()

    def test_a_finding_names_line_and_rule(self) -> None:
        report = lint(LINTABLE.format(days=8), "eu-west-1", "us-east-1")
        assert report.failed
        assert report.lines[0].startswith("line 5: E3030 8 is not one of")

    def test_text_that_is_no_template_is_a_finding(self) -> None:
        assert lint("Resources: [", "eu-west-1").failed

    def test_it_is_said_where_cfn_lint_is_missing(self) -> None:
        script = (
            "import sys; sys.modules['cfnlint'] = None; from labkit.render import lint; "
            "report = lint('', 'eu-west-1'); print(report.failed, *report.lines)"
        )
        done = subprocess.run(  # noqa: S603 - the script is ours
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        assert done.stdout == "False not linted: cfn-lint isn't installed (pip install cfn-lint)\n"


def test_rendering_loads_no_cloud() -> None:
    script = (
        "import sys, labkit.render; print({'boto3', 'botocore', 'labkit.aws'} & set(sys.modules))"
    )
    done = subprocess.run(  # noqa: S603 - the script is ours
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


class TestHandout:
    LAB = Lab(
        (Instance("i-0aaa", "eni-0aaa", "10.0.0.9", None),),
        "trail", "bucket", "group", "flows", "detector", "list", "topic", "group-a", "db", "table",
        "attendee", "operator", "responder", "grader",
    )  # fmt: skip

    def test_it_names_the_seat_its_account_and_its_role(self) -> None:
        text = handout(workshop(), Seat("ada", "210000000001"))
        for expected in ("ada", "210000000001", "labkit-immersion-day-ada-attendee", "eu-west-1"):
            assert expected in text

    def test_it_names_what_was_deployed_where_that_is_known(self) -> None:
        text = handout(workshop(), Seat("ada"), self.LAB)
        assert "i-0aaa" in text
        assert "`db.table`" in text
        assert "AWS account" not in text

    def test_it_says_how_to_install_labkit_if_a_wheel_comes_with_it(self) -> None:
        assert "pip install" not in handout(workshop(), Seat("ada"))
        assert "pip install ours.whl" in handout(workshop(), Seat("ada"), wheel="ours.whl")

    def test_it_holds_no_way_to_sign_in_and_no_threat_address(self) -> None:
        text = handout(workshop(), Seat("ada", "210000000001"), self.LAB)
        assert "SigninToken" not in text
        assert "signin.aws" not in text
        assert "209.85.202.94" not in text
