# Rules of bootstrap/, on a mocked provider.

mock_provider "aws" {
  override_during = plan

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::agent-tfstate" }
  }
}

variables {
  bucket = "agent-tfstate"
  context = {
    application = "agent"
    account_id  = "123456789012"
    region      = "us-east-1"
    tags        = {}
  }
}

run "state_is_private_kept_and_encrypted" {
  command = plan

  module {
    source = "./bootstrap"
  }

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "Every version of a state is kept."
  }
  assert {
    condition     = anytrue([for statement in jsondecode(aws_s3_bucket_policy.state.policy).Statement : statement.Effect == "Deny" && statement.Condition.Bool["aws:SecureTransport"] == "false"])
    error_message = "Requests without TLS are denied."
  }
  assert {
    condition     = aws_s3_bucket_public_access_block.state.block_public_acls && aws_s3_bucket_public_access_block.state.restrict_public_buckets
    error_message = "Nothing is public."
  }
}

run "name_that_s3_lacks_is_refused" {
  command = plan

  module {
    source = "./bootstrap"
  }
  variables {
    bucket = "Agent_State"
  }

  expect_failures = [var.bucket]
}
