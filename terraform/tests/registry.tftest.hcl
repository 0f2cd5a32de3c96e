# Rules of modules/registry, on a mocked provider.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
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
  registry = { existing_url = null, keep_images = 50, untagged_days = 14, enhanced_scanning = true, replicate = true }
}

run "images_are_immutable_scanned_and_encrypted" {
  command = plan

  module {
    source = "./modules/registry"
  }

  assert {
    condition     = aws_ecr_repository.this[0].image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.this[0].image_scanning_configuration[0].scan_on_push
    error_message = "A tag means one image for ever, and each is scanned."
  }
  assert {
    condition     = aws_ecr_repository.this[0].encryption_configuration[0].encryption_type == "KMS" && aws_kms_key.this[0].enable_key_rotation
    error_message = "Images are encrypted with a key of their own that rotates."
  }
  assert {
    condition     = aws_ecr_repository.this[0].force_delete != true
    error_message = "A repository that holds images must not be deleted."
  }
  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.this[0].policy).rules : rule.selection.countNumber] == [14, 50]
    error_message = "Untagged images expire by age, tagged ones by number."
  }
}

run "weaknesses_found_later_are_told_and_copies_are_in_another_region" {
  command = plan

  module {
    source = "./modules/registry"
  }

  assert {
    condition     = aws_ecr_registry_scanning_configuration.this["this"].scan_type == "ENHANCED" && one(aws_ecr_registry_scanning_configuration.this["this"].rule).scan_frequency == "CONTINUOUS_SCAN"
    error_message = "Images are scanned again when a weakness becomes known."
  }
  assert {
    condition     = aws_ecr_replication_configuration.this["this"].replication_configuration[0].rule[0].destination[0].region == "us-west-2"
    error_message = "Images are copied to the DR region."
  }
}

run "the_accounts_settings_may_be_another_environments" {
  command = plan

  module {
    source = "./modules/registry"
  }
  variables {
    registry = merge(var.registry, { enhanced_scanning = false, replicate = false })
  }

  assert {
    condition     = length(aws_ecr_registry_scanning_configuration.this) == 0 && length(aws_ecr_replication_configuration.this) == 0
    error_message = "An account has one registry; two environments must not both set it up."
  }
}

run "copies_in_the_same_region_are_refused" {
  command = plan

  module {
    source = "./modules/registry"
  }
  variables {
    context = merge(var.context, { dr_region = "us-east-1" })
  }

  expect_failures = [var.registry]
}

run "fewer_images_than_a_rollback_needs_is_refused" {
  command = plan

  module {
    source = "./modules/registry"
  }
  variables {
    registry = { existing_url = null, keep_images = 2, untagged_days = 14, enhanced_scanning = true, replicate = true }
  }

  expect_failures = [var.registry]
}

run "untagged_images_that_never_stay_are_refused" {
  command = plan

  module {
    source = "./modules/registry"
  }
  variables {
    registry = { existing_url = null, keep_images = 50, untagged_days = 0, enhanced_scanning = true, replicate = true }
  }

  expect_failures = [var.registry]
}

run "repository_that_is_there_is_told_of_and_nothing_is_made" {
  command = plan

  module {
    source = "./modules/registry"
  }
  variables {
    registry = merge(var.registry, { existing_url = "210987654321.dkr.ecr.eu-west-1.amazonaws.com/shared/agent" })
  }

  assert {
    condition     = output.repository_url == "210987654321.dkr.ecr.eu-west-1.amazonaws.com/shared/agent" && output.name == "shared/agent"
    error_message = "Images are pushed to and pulled from the repository that is there."
  }
  assert {
    condition     = output.arn == "arn:aws:ecr:eu-west-1:210987654321:repository/shared/agent"
    error_message = "Rights are given to that repository, in its own account and region."
  }
  assert {
    condition = alltrue([for made in [
      aws_kms_key.this, aws_kms_alias.this, aws_ecr_repository.this, aws_ecr_lifecycle_policy.this,
    ] : length(made) == 0])
    error_message = "No repository is made beside it, and its images do not expire by our rules."
  }
  assert {
    condition     = length(aws_ecr_registry_scanning_configuration.this) == 0 && length(aws_ecr_replication_configuration.this) == 0
    error_message = "The account's settings are left to the repository's owner."
  }
}

run "repository_in_china_has_its_own_partition" {
  command = plan

  module {
    source = "./modules/registry"
  }
  variables {
    registry = merge(var.registry, { existing_url = "210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn/agent" })
  }
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn" }
  }

  assert {
    condition     = output.arn == "arn:aws-cn:ecr:cn-north-1:210987654321:repository/agent" && output.name == "agent"
    error_message = "The longer suffix is no part of the name."
  }
}

run "image_instead_of_a_repository_is_refused" {
  command = plan

  module {
    source = "./modules/registry"
  }
  variables {
    registry = merge(var.registry, { existing_url = "210987654321.dkr.ecr.eu-west-1.amazonaws.com/agent:1.0.0" })
  }

  expect_failures = [var.registry]
}
