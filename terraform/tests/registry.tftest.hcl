# Rules of modules/registry, on a mocked provider.

mock_provider "aws" {
  override_during = plan

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }
}

variables {
  context = {
    name                     = "agent-prod"
    application              = "agent"
    environment              = "prod"
    stage                    = "production"
    namespace                = "agent"
    account_id               = "123456789012"
    region                   = "us-east-1"
    dr_region                = "us-west-2"
    permissions_boundary_arn = null
    tags                     = {}
  }
  registry = { keep_images = 50, untagged_days = 14 }
}

run "images_are_immutable_scanned_and_encrypted" {
  command = plan

  module {
    source = "./modules/registry"
  }

  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push
    error_message = "A tag means one image for ever, and each is scanned."
  }
  assert {
    condition     = aws_ecr_repository.this.encryption_configuration[0].encryption_type == "KMS" && aws_kms_key.this.enable_key_rotation
    error_message = "Images are encrypted with a key of their own that rotates."
  }
  assert {
    condition     = aws_ecr_repository.this.force_delete != true
    error_message = "A repository that holds images must not be deleted."
  }
  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.this.policy).rules : rule.selection.countNumber] == [14, 50]
    error_message = "Untagged images expire by age, tagged ones by number."
  }
}

run "fewer_images_than_a_rollback_needs_is_refused" {
  command = plan

  module {
    source = "./modules/registry"
  }
  variables {
    registry = { keep_images = 2, untagged_days = 14 }
  }

  expect_failures = [var.registry]
}

run "untagged_images_that_never_stay_are_refused" {
  command = plan

  module {
    source = "./modules/registry"
  }
  variables {
    registry = { keep_images = 50, untagged_days = 0 }
  }

  expect_failures = [var.registry]
}
