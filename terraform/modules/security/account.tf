# What an account should have had from its first day.

resource "aws_iam_account_password_policy" "this" {
  for_each = setintersection(local._services, ["password_policy"])

  minimum_password_length        = 14
  password_reuse_prevention      = 24
  max_password_age               = 90
  require_lowercase_characters   = true
  require_numbers                = true
  require_symbols                = true
  require_uppercase_characters   = true
  allow_users_to_change_password = true
}

resource "aws_s3_account_public_access_block" "this" {
  for_each = setintersection(local._services, ["public_access_block"])

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_ebs_encryption_by_default" "this" {
  for_each = setintersection(local._services, ["ebs_encryption"])

  enabled = true
}
