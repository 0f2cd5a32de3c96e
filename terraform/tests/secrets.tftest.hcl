# Rules of modules/secrets, on a mocked provider: it proves our logic, not that AWS accepts the values.

mock_provider "aws" {
  override_during = plan

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/app", id = "app" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/home" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:agent-prod/key-a1b2c3" }
  }
}

mock_provider "aws" {
  alias           = "dr"
  override_during = plan

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-west-2:123456789012:key/dr" }
  }
}

variables {
  cache = {
    arn      = "arn:aws:elasticache:us-east-1:123456789012:replicationgroup:agent-prod"
    user_arn = "arn:aws:elasticache:us-east-1:123456789012:user:agent-prod-app"
  }
  cluster_name = "agent-prod"
  context = {
    name                     = "agent-prod"
    application              = "agent"
    environment              = "prod"
    stage                    = "production"
    namespace                = "agents"
    account_id               = "123456789012"
    region                   = "us-east-1"
    dr_region                = "us-west-2"
    permissions_boundary_arn = null
    tags                     = {}
  }
  database_user_arn = "arn:aws:rds-db:us-east-1:123456789012:dbuser:db-1/app"
  secrets           = { names = ["anthropic-api-key", "perplexity-api-key"], recovery_days = 30, replicate = true, rotation_days = 90 }
}

run "containers_are_made_and_copied" {
  command = plan

  module {
    source = "./modules/secrets"
  }
  providers = { aws = aws, aws.dr = aws.dr }

  assert {
    condition     = keys(aws_secretsmanager_secret.this) == ["anthropic-api-key", "perplexity-api-key"] && aws_secretsmanager_secret.this["perplexity-api-key"].name == "agent-prod/perplexity-api-key"
    error_message = "One container for each name."
  }
  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : secret.kms_key_id == aws_kms_key.this.arn && secret.recovery_window_in_days == 30])
    error_message = "Encrypted with a key of their own, and to be had back for a month."
  }
  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : [for copy in secret.replica : [copy.region, copy.kms_key_id]] == [["us-west-2", "arn:aws:kms:us-west-2:123456789012:key/dr"]]])
    error_message = "Each has a copy in the DR region, under that region's key."
  }
  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : secret.tags == tomap({ rotate-after-days = "90" })])
    error_message = "A tag says when a value is too old."
  }
}

run "only_the_application_reads" {
  command = plan

  module {
    source = "./modules/secrets"
  }
  providers = { aws = aws, aws.dr = aws.dr }

  assert {
    condition = alltrue([for policy in aws_secretsmanager_secret_policy.this : jsondecode(policy.policy).Statement == [{
      Sid       = "OnlyTheApplicationReads"
      Effect    = "Deny"
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Principal = "*"
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::123456789012:role/app" } }
    }]])
    error_message = "Nobody else reads a value, whatever rights he has."
  }
}

run "the_role_is_the_pods_of_both_colors" {
  command = plan

  module {
    source = "./modules/secrets"
  }
  providers = { aws = aws, aws.dr = aws.dr }

  assert {
    condition     = { for color, one in aws_eks_pod_identity_association.app : color => one.service_account } == { blue = "agent-blue", green = "agent-green" }
    error_message = "The service accounts are those of helm/app."
  }
  assert {
    condition     = alltrue([for one in aws_eks_pod_identity_association.app : one.namespace == "agents" && one.role_arn == "arn:aws:iam::123456789012:role/app"])
    error_message = "They are in the application's namespace."
  }
  assert {
    condition     = jsondecode(aws_iam_role.app.assume_role_policy).Statement[0].Condition.StringEquals["aws:RequestTag/kubernetes-service-account"] == ["agent-blue", "agent-green"]
    error_message = "No other service account can be given this role."
  }
}

run "rights_end_where_the_data_ends" {
  command = plan

  module {
    source = "./modules/secrets"
  }
  providers = { aws = aws, aws.dr = aws.dr }

  assert {
    condition     = toset(flatten([for one in jsondecode(aws_iam_role_policy.app.policy).Statement : one.Resource if startswith(one.Sid, "LogInTo")])) == toset([var.database_user_arn, var.cache.arn, var.cache.user_arn])
    error_message = "It logs in as one user of the database and one of the cache."
  }
  assert {
    condition     = toset(one([for one in jsondecode(aws_iam_role_policy.app.policy).Statement : one.Resource if one.Sid == "ReadSecrets"])) == toset(["arn:aws:secretsmanager:us-east-1:123456789012:secret:agent-prod/key-a1b2c3", "arn:aws:secretsmanager:us-west-2:123456789012:secret:agent-prod/key-a1b2c3"])
    error_message = "It reads these secrets and their copies, and no others."
  }
}

run "without_cluster_cache_secrets_and_copies" {
  command = plan

  module {
    source = "./modules/secrets"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    cache        = null
    cluster_name = null
    secrets      = { names = [], recovery_days = 7, replicate = false, rotation_days = 0 }
  }

  assert {
    condition     = length(aws_eks_pod_identity_association.app) == 0 && length(aws_kms_key.dr) == 0 && output.arns == {}
    error_message = "Nothing is made that nothing needs."
  }
  assert {
    condition     = [for one in jsondecode(aws_iam_role_policy.app.policy).Statement : one.Sid] == ["LogInToDatabase"]
    error_message = "There is nothing else that it could do."
  }
}

run "by_hand_means_no_tag" {
  command = plan

  module {
    source = "./modules/secrets"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    secrets = merge(var.secrets, { rotation_days = 0 })
  }

  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : length(secret.tags) == 0])
    error_message = "Nobody is to be told that a value is too old."
  }
}

run "name_with_an_underscore_is_refused" {
  command = plan

  module {
    source = "./modules/secrets"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    secrets = merge(var.secrets, { names = ["api_key"] })
  }

  expect_failures = [var.secrets]
}

run "name_twice_is_refused" {
  command = plan

  module {
    source = "./modules/secrets"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    secrets = merge(var.secrets, { names = ["api-key", "api-key"] })
  }

  expect_failures = [var.secrets]
}

run "three_days_are_refused" {
  command = plan

  module {
    source = "./modules/secrets"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    context = merge(var.context, { stage = "development" })
    secrets = merge(var.secrets, { recovery_days = 3 })
  }

  expect_failures = [var.secrets]
}

run "years_without_a_new_value_are_refused" {
  command = plan

  module {
    source = "./modules/secrets"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    secrets = merge(var.secrets, { rotation_days = 1001 })
  }

  expect_failures = [var.secrets]
}

run "gone_at_once_is_refused_in_production" {
  command = plan

  module {
    source = "./modules/secrets"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    secrets = merge(var.secrets, { recovery_days = 0 })
  }

  expect_failures = [var.secrets]
}
