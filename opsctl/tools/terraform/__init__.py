"""Terraform: its arguments, its environment, and one initialised root directory."""

from opsctl.tools.terraform.root import TerraformRoot

__all__ = ["TerraformRoot"]
