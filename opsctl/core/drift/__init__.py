"""What was changed in AWS behind Terraform's back: told apart by how much it matters, remembered, let be on purpose."""
