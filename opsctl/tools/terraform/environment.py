"""The environment of every Terraform process, composed in this one place."""

from __future__ import annotations

import configparser
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from opsctl.core.environment import Aws
from opsctl.errors import ToolFailed

_OFF_LIMITS = ("TF_CLI_ARGS", "TF_LOG", "TF_WORKSPACE", "TF_DATA_DIR", "TF_INPUT", "TF_REATTACH_PROVIDERS")
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")

_MIRRORS = (
    Path("~/.terraform.d/plugins"),
    Path("~/.local/share/terraform/plugins"),
    Path("/usr/local/share/terraform/plugins"),
    Path("/usr/share/terraform/plugins"),
)


def terraform_environment(aws: Aws, project: Path, folder: Path, ours: Mapping[str, str]) -> dict[str, str | None]:
    """What to lay over our own environment `ours`; None removes a variable.

    `folder` is where a CLI configuration may be written (`.opsctl`). What the operator's shell says about
    Terraform's flags, logs and workspace is removed: it would change what a saved plan means.
    """
    return {
        **{name: None for name in ours if name.startswith(_OFF_LIMITS)},
        **{"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"},
        "TF_CLI_CONFIG_FILE": cli_configuration(folder, ours),
        **_aws(aws, project, ours),
    }


def _aws(aws: Aws, project: Path, ours: Mapping[str, str]) -> dict[str, str | None]:
    """A profile that the environment names wins over keys in the shell, which AWS libraries would prefer."""
    found: dict[str, str | None] = {"AWS_REGION": aws.region, "AWS_DEFAULT_REGION": aws.region}
    if aws.profile:
        found |= {"AWS_PROFILE": aws.profile, **dict.fromkeys(_KEYS)}
    if aws.config_file:
        path = str((project / aws.config_file).resolve())
        found |= {"AWS_CONFIG_FILE": path, "AWS_SHARED_CREDENTIALS_FILE": path, "AWS_ENDPOINT_URL": None}
    if aws.emulated:
        found["AWS_EC2_METADATA_DISABLED"] = "true"
        # S3's settings of an account are asked of <account>.<address>, a name that nobody but a proxy need not look up.
        found["HTTP_PROXY"] = _endpoint(aws, project) if aws.config_file else ours.get("AWS_ENDPOINT_URL")
    return found


def _endpoint(aws: Aws, project: Path) -> str | None:
    """Where the configuration file's profile says that AWS is."""
    parser, file = configparser.ConfigParser(interpolation=None), project / str(aws.config_file)
    try:
        parser.read(file, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        raise ToolFailed(
            f"{file} is no AWS configuration: {' '.join(str(error).split())[:200]}",
            state="Nothing was changed.",
            hint="correct it, or name another as aws.config_file; opsctl sandbox up writes the sandbox's anew",
        ) from error
    return parser.get(f"profile {aws.profile}", "endpoint_url", fallback=None)


def cli_configuration(folder: Path, ours: Mapping[str, str]) -> str | None:
    """The CLI configuration to use: the operator's, else one that names a mirror of providers, else none.

    A TF_CLI_CONFIG_FILE that points nowhere is removed, as Terraform would warn about it on every run.
    """
    theirs = ours.get("TF_CLI_CONFIG_FILE", "")
    if theirs and Path(theirs).is_file():
        return theirs
    mirror = find_mirror(_candidates(ours))
    if mirror is None:
        return None
    text = (
        "# Written by opsctl: providers come from a folder of this computer, not from the network.\n"
        "provider_installation {\n"
        f'  filesystem_mirror {{\n    path    = {json.dumps(str(mirror))}\n    include = ["hashicorp/aws"]\n  }}\n'
        '  direct {\n    exclude = ["hashicorp/aws"]\n  }\n'
        "}\n"
    )
    file = folder / "terraform.tfrc"
    if not file.is_file() or file.read_text() != text:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return str(file.resolve())


def find_mirror(candidates: Iterable[Path]) -> Path | None:
    """The first folder that holds the AWS provider, laid out as `terraform providers mirror` does."""
    return next((folder for folder in candidates if any(folder.glob("*/hashicorp/aws"))), None)


def _candidates(ours: Mapping[str, str]) -> list[Path]:
    named = [Path(ours["OPSCTL_TF_MIRROR"])] if ours.get("OPSCTL_TF_MIRROR") else []
    optional = sorted(Path("/opt").glob("*/")) if Path("/opt").is_dir() else []
    return [*named, *(Path(os.path.expanduser(path)) for path in _MIRRORS), *optional]
