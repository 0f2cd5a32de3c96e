"""`opsctl init`, `config …` and `render` as an operator runs them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from opsctl.cli import app
from opsctl.cli.exits import run
from opsctl.cli.reference import PAGE, with_table
from opsctl.config.schema import json_schema
from opsctl.core.keys import keys

Opsctl = Callable[..., tuple[int, str, str]]


@pytest.fixture
def opsctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Opsctl:
    """Run a command in an empty folder: exit code, stdout, stderr."""
    for name in ("OPSCTL_ENV", "OPSCTL_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    def opsctl(*words: str) -> tuple[int, str, str]:
        code = run(app, words)
        out, err = capsys.readouterr()
        return code, out, err

    return opsctl


def spoil(name: str = "production") -> None:
    path = Path("environments") / f"{name}.yaml"
    path.write_text(path.read_text().replace("nat: per_zone", "nat: per_az\n  ziones: 3"))


def test_init_then_check_then_render(opsctl: Opsctl) -> None:
    code, out, err = opsctl("init")
    assert (code, out.split()) == (
        0,
        [f"environments/{n}.yaml" for n in ("_base", "development", "production", "sandbox", "staging")]
        + [".gitignore"],
    )
    assert "next" in err
    code, out, _ = opsctl("config", "check")
    assert code == 0
    assert "environments/production.yaml: valid" in out
    assert "environments/sandbox.yaml: valid" in out
    code, out, err = opsctl("render", "-e", "sandbox")
    assert code == 0
    assert ".opsctl/sandbox/values-blue.yaml\n" in out
    assert all(Path(line).is_file() for line in out.split())


def test_init_overwrites_nothing(opsctl: Opsctl) -> None:
    opsctl("init")
    Path("environments/production.yaml").write_text("stage: staging\n")
    Path("environments/sandbox.yaml").unlink()
    Path(".gitignore").write_text("mine")
    code, out, err = opsctl("init")
    assert (code, out.split()) == (0, ["environments/sandbox.yaml", ".gitignore"])
    assert "environments/production.yaml (there already)" in err
    assert Path("environments/production.yaml").read_text() == "stage: staging\n"
    assert Path(".gitignore").read_text() == "mine\n.opsctl/\nreport-[0-9]*.html\n"


def test_init_into_a_new_folder(opsctl: Opsctl) -> None:
    assert opsctl("init", "-C", "new/project")[0] == 0
    assert Path("new/project/environments/_base.yaml").is_file()


def test_only_the_account_is_open_in_the_scaffold(opsctl: Opsctl) -> None:
    opsctl("init")
    found = json.loads(opsctl("config", "check", "-o", "json")[1])["environments"]
    assert [each["environment"] for each in found] == ["development", "production", "sandbox", "staging"]
    advice = {each["environment"]: [a["path"] for a in each["advice"]] for each in found}
    assert "aws.account_id" in advice["production"]
    assert "aws.account_id" not in advice["sandbox"]


def test_what_the_scaffold_proposes_in_comments_is_valid(opsctl: Opsctl) -> None:
    """A comment that is uncommented must not be a mistake."""
    opsctl("init")
    path = Path("environments/production.yaml")
    text, count = re.subn(r"(?m)^(  +)# (?!OPEN)(\w+: )", r"\1\2", path.read_text())
    assert count >= 4
    path.write_text(text)
    assert opsctl("config", "check", "-e", "production")[::2] == (0, "")


def test_mistakes_end_in_exit_3_with_their_lines(opsctl: Opsctl) -> None:
    opsctl("init")
    spoil()
    for command in (["config", "check"], ["config", "show", "-e", "production"], ["render", "-e", "production"]):
        code, out, err = opsctl(*command)
        assert (code, out) == (3, "")
        assert "environments/production.yaml: 2 mistakes" in err
        assert 'network.nat                  "per_az" is not allowed; allowed: one of none, single, per_zone' in err
        assert "network.ziones               unknown key; nearest: network.zones" in err
        assert "Traceback" not in err
    assert not Path(".opsctl").exists()


def test_mistakes_of_several_files_stand_under_their_file(opsctl: Opsctl) -> None:
    opsctl("init")
    spoil()
    Path("environments/sandbox.yaml").write_text("stage: x\n")
    _, _, err = opsctl("config", "check")
    assert "\n  environments/production.yaml\n" in err
    assert "\n  environments/sandbox.yaml\n  1:1     stage" in err


def test_mistakes_as_json(opsctl: Opsctl) -> None:
    opsctl("init")
    spoil()
    code, out, _ = opsctl("config", "check", "-o", "json")
    found = json.loads(out)["error"]
    assert (code, found["exit_code"], len(found["mistakes"])) == (3, 3, 2)
    assert found["mistakes"][0].keys() >= {"file", "line", "column", "path", "message"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["config", "show"], "which environment? There are: development, production, sandbox, staging"),
        (["config", "show", "-e", "prodction"], "did you mean production?"),
        (["config", "explain", "netwrk.cidr"], "did you mean network.cidr?"),
        (["config", "check", "-C", "nowhere"], "opsctl init"),
    ],
)
def test_wrong_use_ends_in_exit_2_with_a_hint(opsctl: Opsctl, words: list[str], said: str) -> None:
    opsctl("init")
    code, out, err = opsctl(*words)
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("explain", "'opsctl config explain'"),
        ("validate", "'opsctl config check'"),
        ("config validate", "'opsctl config check'"),
        ("show", "'opsctl config show' or 'opsctl lock show'"),
        ("apply", "'opsctl provision'"),
        ("release", "'opsctl deploy'"),
        ("provison", "'provision'"),
    ],
)
def test_a_command_looked_for_in_the_wrong_place_is_found(opsctl: Opsctl, words: str, said: str) -> None:
    code, out, err = opsctl(*words.split())
    assert (code, out) == (2, "")
    assert f"Did you mean {said}" in err


def test_show_tells_value_and_origin(opsctl: Opsctl) -> None:
    opsctl("init")
    _, out, _ = opsctl("config", "show", "-e", "production")
    rows = {line.split()[0]: line.split(maxsplit=1)[1] for line in out.splitlines()}
    lines = Path("environments/production.yaml").read_text().splitlines()
    written = next(number for number, line in enumerate(lines, 1) if line.startswith("  nat:"))
    assert list(rows) == list(keys())
    assert rows["network.nat"].split() == ["per_zone", f"environments/production.yaml:{written}"]
    assert "derived from application.agents" in rows["workload.replicas"]
    assert rows["terraform.binary"].split() == ["terraform", "default"]


def test_show_as_json(opsctl: Opsctl) -> None:
    opsctl("init")
    found = json.loads(opsctl("config", "show", "-e", "sandbox", "-o", "json")[1])
    assert found["values"]["workload"]["replicas"] == 3
    assert found["origins"]["aws.region"] == "environments/_base.yaml:8"
    assert len(found["digest"]) == 64


def test_explain_a_key(opsctl: Opsctl) -> None:
    opsctl("init")
    _, out, _ = opsctl("config", "explain", "database.pool_max", "-e", "production")
    assert out.startswith("database.pool_max = 20\n  from     environments/production.yaml:")
    assert "allowed  whole number, 1 … 100" in out
    assert "feeds    values-blue.yaml: env.POOL_MAX" in out
    assert "rules    connections fit the database" in out


def test_explain_a_promise_by_its_alarms(opsctl: Opsctl) -> None:
    opsctl("init")
    _, out, _ = opsctl("config", "explain", "observability.slo.availability", "-e", "production")
    assert "alarms   page: over 1.44 % failed in 1 h and in 5 min, 2 % of the budget of 30 days" in out
    assert "feeds    terraform/terraform.tfvars.json: observability.slo.availability" in out


def test_explain_a_section(opsctl: Opsctl) -> None:
    _, out, _ = opsctl("config", "explain", "registry", "-o", "json")
    assert [each["key"] for each in json.loads(out)] == [
        f"registry.{key}" for key in ("existing_url", "keep_images", "untagged_days", "enhanced_scanning", "replicate")
    ]


def test_explain_works_while_the_file_is_wrong(opsctl: Opsctl) -> None:
    """The hint of `config check` sends people here."""
    opsctl("init")
    spoil()
    code, out, err = opsctl("config", "explain", "network.nat", "-e", "production")
    assert code == 0
    assert out.startswith("network.nat\n  meaning")
    assert "values are left out: environments/production.yaml: 2 mistakes" in err


def test_render_says_what_it_changed(opsctl: Opsctl) -> None:
    opsctl("init")
    assert "aws.account_id is not in environments/production.yaml" in opsctl("render", "-e", "production")[2]
    found = json.loads(opsctl("render", "-e", "production", "-o", "json")[1])
    assert (found["written"], found["removed"], found["folder"]) == ([], [], ".opsctl/production")


def test_rendered_values_say_where_things_are_by_what_is_on_record(opsctl: Opsctl) -> None:
    opsctl("init")
    outputs = Path(".opsctl/sandbox/outputs.json")
    outputs.parent.mkdir(parents=True)
    outputs.write_text('{"database": {"address": "db.internal"}}')
    _, _, err = opsctl("render", "-e", "sandbox")
    assert f"of {outputs}" in err
    assert "db.internal" in Path(".opsctl/sandbox/values-blue.yaml").read_text()


def test_where_nothing_is_on_record_they_say_so_and_ask_nobody(opsctl: Opsctl) -> None:
    opsctl("init")
    code, _, err = opsctl("render", "-e", "production")
    assert code == 0
    assert "none on record" in err
    assert "DATABASE_HOST" not in Path(".opsctl/production/values-blue.yaml").read_text()


def test_without_credentials_it_renders_what_it_can(opsctl: Opsctl) -> None:
    """The sandbox is not up, so that its profile is in no file."""
    opsctl("init")
    code, _, err = opsctl("render", "-e", "sandbox")
    assert code == 0
    assert "not in the values: nobody can tell where database and cache are" in " ".join(err.split())


def accepts(data: Any) -> bool:
    return not list(jsonschema.Draft202012Validator(json_schema()).iter_errors(data))


def test_the_schema_accepts_what_check_accepts(opsctl: Opsctl) -> None:
    from ruamel.yaml import YAML

    opsctl("init")
    yaml = YAML(typ="safe")
    assert json.loads(opsctl("config", "schema")[1]) == json_schema()
    for path in Path("environments").glob("*.yaml"):
        assert accepts(yaml.load(path))
    assert not accepts({"networks": {}})
    assert not accepts({"network": {"zones": 4}})
    assert not accepts({"name": "x"})


def test_the_page_lists_every_key_as_declared() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page) == page, "run: python -m opsctl.cli.reference"
    assert all(f"| `{path}` |" in page for path in keys())


@pytest.mark.parametrize(
    "command", [["init"], ["render"], *(["config", c] for c in ("check", "show", "explain", "schema"))]
)
def test_help_has_an_example(opsctl: Opsctl, command: list[str]) -> None:
    code, out, _ = opsctl(*command, "--help")
    assert code == 0
    assert f"opsctl {' '.join(command)}" in " ".join(out.split())
