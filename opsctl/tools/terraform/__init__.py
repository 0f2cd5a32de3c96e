"""Terraform: its arguments, its environment, and the initialised root directories of an environment."""
