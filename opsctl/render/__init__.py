"""An environment as data for other tools: Terraform variables, Terraform's backend, Helm values."""
