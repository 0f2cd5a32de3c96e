"""Who AWS takes us for, asked of STS: one request, which needs no rights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from opsctl.core.account import Caller
from opsctl.core.environment import Aws
from opsctl.errors import ToolFailed, Unreachable
from opsctl.tools.aws import client, hint_of


@dataclass(frozen=True)
class StsAccount:
    aws: Aws
    project: Path

    def caller(self) -> Caller:
        """Asked once. Raises Unreachable where nobody answers, ToolFailed where AWS does not know these credentials."""
        return self._caller

    @cached_property
    def _caller(self) -> Caller:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            found = client("sts", self.aws, self.project).get_caller_identity()
        except ClientError as error:
            raise self._refused(f"{error.response.get('Error', {}).get('Code', 'no code')}: {error}") from error
        except BotoCoreError as error:
            if _without_credentials(error):
                raise self._refused(str(error)) from error
            raise Unreachable(
                f"AWS gave no answer to who is asking: {str(error)[:200]}",
                state="Nothing was changed.",
                hint=hint_of(
                    self.aws,
                    "check the network, aws.region and the profile's endpoint_url; opsctl doctor looks at each",
                ),
            ) from error
        return Caller(found["Account"], found["Arn"])

    def _refused(self, said: str) -> ToolFailed:
        login = f"aws sso login --profile {self.aws.profile}" if self.aws.profile else "aws sso login"
        return ToolFailed(
            f"AWS does not accept these credentials: {said[:300]}",
            state="Nothing was changed.",
            hint=hint_of(self.aws, f"renew them, for instance by {login}; opsctl doctor asks again"),
        )


def _without_credentials(error: Exception) -> bool:
    """botocore has a class for each way in which there are none, or they have run out."""
    name = type(error).__name__
    return any(word in name for word in ("Credential", "Token", "SSO", "ProfileNotFound", "Login"))
