"""`opsctl config gaps`: who must answer what before production can be built."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from opsctl.cli import app
from opsctl.cli.exits import run
from opsctl.core.keys import keys
from opsctl.core.questions import CATEGORIES

Gaps = Callable[..., str]

# What nobody but the account's and the repository's owners can know.
OPEN = {
    "aws.account_id",
    "cluster.admin_role_arns",
    "cluster.deployer_role_arns",
    "ci.repository",
    "observability.alerts.page_emails",
    "cost.monthly_budget_usd",
    "cost.owner",
    "cost.cost_center",
}


@pytest.fixture
def gaps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gaps:
    """`config gaps` of the scaffolded production file, with the words given."""
    monkeypatch.chdir(tmp_path)
    assert run(app, ("init",)) == 0
    capsys.readouterr()

    def gaps(*words: str, env: str = "production") -> str:
        assert run(app, ("config", "gaps", "--env", env, *words)) == 0
        return capsys.readouterr().out

    return gaps


def test_only_what_the_account_alone_knows_is_missing(gaps: Gaps) -> None:
    assert set(json.loads(gaps("-o", "json"))["missing"]) == OPEN


@pytest.mark.parametrize("env", ["development", "staging"])
def test_only_production_asks_who_is_woken(gaps: Gaps, env: str) -> None:
    assert set(json.loads(gaps("-o", "json", env=env))["missing"]) == OPEN - {"observability.alerts.page_emails"}
    assert "default: none: asked for in production only" in gaps(env=env)


def test_an_emulated_account_asks_nobody(gaps: Gaps) -> None:
    assert json.loads(gaps("-o", "json", env="sandbox"))["missing"] == []
    assert gaps(env="sandbox").endswith("\nNothing is missing.\n")


@pytest.mark.parametrize("env", ["production", "development", "sandbox"])
def test_every_question_is_answered_or_named_missing(gaps: Gaps, env: str) -> None:
    found = json.loads(gaps("-o", "json", env=env))
    assert [each["category"] for each in found["categories"]] == [each.name for each in CATEGORIES]
    for category, told in zip(CATEGORIES, found["categories"], strict=True):
        assert [each["number"] for each in told["questions"]] == [each.number for each in category.questions]
        for answer in (answer for question in told["questions"] for answer in question["answers"]):
            reason = {"missing": answer["who"] and answer["blocks"], "default": answer["why"] and answer["source"]}
            assert reason.get(answer["state"], answer["origin"]), answer


def test_a_given_answer_names_file_and_line(gaps: Gaps) -> None:
    line = Path("environments/production.yaml").read_text().splitlines().index("network:") + 2
    assert f"given: environments/production.yaml:{line}\n" in gaps()


def test_an_answer_closes_its_gap(gaps: Gaps) -> None:
    file = Path("environments/production.yaml")
    file.write_text(file.read_text().replace("  # account_id:", "  account_id:"))
    found = json.loads(gaps("-o", "json"))
    assert set(found["missing"]) == OPEN - {"aws.account_id"}


def test_it_fits_80_columns(gaps: Gaps) -> None:
    assert [line for line in gaps().splitlines() if len(line) > 80] == []


def test_markdown_asks_each_person_for_what_only_they_know(gaps: Gaps) -> None:
    text = gaps("--markdown")
    asked, decided = text.split("# What is decided")
    assert {line.split("`")[1] for line in asked.splitlines() if line.startswith("- [ ]")} == OPEN
    assert "## For whoever owns the AWS account" in asked
    assert "`services.websocket.max_connections` | `100`" in decided


def test_markdown_tells_what_each_key_means_and_allows(gaps: Gaps) -> None:
    """Whoever has to answer has no opsctl to ask."""
    asked, _ = gaps("--markdown").split("# What is decided")
    for key in (keys()[path] for path in OPEN):
        assert f"\n  - {key.meaning}\n  - Allowed: {key.allowed}\n" in asked.split(f"- [ ] `{key.path}`")[1]


def test_no_two_keys_are_asked_for_in_the_same_words(gaps: Gaps) -> None:
    asked = [line.partition("`: ")[2] for line in gaps("--markdown").splitlines() if line.startswith("- [ ]")]
    assert len(set(asked)) == len(OPEN)


def test_markdown_without_a_question_says_so(gaps: Gaps) -> None:
    text = gaps("--markdown", env="sandbox")
    assert "Open questions" not in text
    assert "\nNothing is missing.\n" in text


def test_two_forms_at_once_are_wrong_use(gaps: Gaps, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, ("config", "gaps", "--env", "production", "--markdown", "-o", "json")) == 2
    assert json.loads(capsys.readouterr().out).keys() == {"error"}


def test_explain_says_who_gives_what_is_missing(gaps: Gaps, capsys: pytest.CaptureFixture[str]) -> None:
    def explained(key: str, env: str) -> str:
        assert run(app, ("config", "explain", key, "--env", env)) == 0
        return capsys.readouterr().out

    said = "  missing  ask whoever pays for it; blocks telling who answers for it\n"
    assert said in explained("cost.owner", "production")
    assert "  missing  " not in explained("cost.owner", "sandbox")
    assert "  missing  " not in explained("aws.region", "production")


@pytest.mark.parametrize("words", [[], ["--markdown"]])
def test_what_nothing_reads_yet_says_so(gaps: Gaps, words: list[str]) -> None:
    said = "not used yet: it will say what makes the rendered workflow release"
    assert said in gaps(*words).replace("\n        ", " ")
