# Rules of modules/ci, on a mocked provider: it proves our logic, not that AWS accepts the values.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
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
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
    tags                     = {}
  }
  ci = {
    repository    = "acme/agent"
    oidc_provider = "create"
    subjects = {
      plan   = ["repo:acme/agent:pull_request", "repo:acme/agent:ref:refs/heads/main"]
      apply  = ["repo:acme-1/agent-2:environment:prod"]
      push   = ["repo:acme/agent:ref:refs/heads/main"]
      deploy = ["repo:acme/agent:environment:prod"]
    }
  }
  cluster_name   = "agent-prod"
  repository_arn = "arn:aws:ecr:us-east-1:123456789012:repository/agent-prod"
  state          = { bucket = "agent-tfstate", key = "prod/terraform.tfstate" }
}

run "only_who_is_named_is_trusted" {
  command = plan

  module {
    source = "./modules/ci"
  }

  assert {
    condition = alltrue([
      for job, role in aws_iam_role.this : jsonencode(jsondecode(role.assume_role_policy).Statement[0].Condition) == jsonencode({ StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = var.ci.subjects[job]
      } })
    ])
    error_message = "Equal to a whole subject, and meant for AWS."
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.this : role.max_session_duration == 3600 && role.permissions_boundary == var.context.permissions_boundary_arn])
    error_message = "An hour, inside the boundary."
  }
  assert {
    condition     = keys(aws_iam_openid_connect_provider.this) == ["github"] && keys(output.role_arns) == ["apply", "deploy", "plan", "push"]
    error_message = "GitHub, and four roles."
  }
}

run "a_plan_changes_nothing_but_the_lock" {
  command = plan

  module {
    source = "./modules/ci"
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this["plan"].policy).Statement : statement.Resource if contains(flatten([statement.Action]), "s3:PutObject")
    ] == ["arn:aws:s3:::agent-tfstate/prod/terraform.tfstate.tflock"]
    error_message = "It writes the lock, and not the state."
  }
  assert {
    condition     = endswith(aws_iam_role_policy_attachment.this["plan"].policy_arn, "/ReadOnlyAccess") && contains([for statement in jsondecode(aws_iam_role_policy.this["plan"].policy).Statement : statement.Sid if statement.Effect == "Deny"], "NoSecrets")
    error_message = "It reads, but no secret."
  }
}

run "an_apply_gives_no_rights_beyond_its_own" {
  command = plan

  module {
    source = "./modules/ci"
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this["apply"].policy).Statement : statement.Condition if statement.Sid == "GiveRights"
    ] == [{ StringEquals = { "iam:PermissionsBoundary" = "arn:aws:iam::123456789012:policy/boundary" } }]
    error_message = "Roles are made inside the boundary only."
  }
  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this["apply"].policy).Statement : statement.Resource if statement.Effect == "Deny"
    ] == ["arn:aws:iam::123456789012:role/agent-prod-ci-*"]
    error_message = "The pipeline does not change its own roles."
  }
  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.this["apply"].policy).Statement : alltrue([for resource in flatten([statement.Resource]) : strcontains(resource, "/agent-prod-")])
      if contains(["ManageOurs", "GiveRights"], statement.Sid)
    ])
    error_message = "IAM under this environment's prefix."
  }
}

run "push_and_deploy_reach_this_environment_only" {
  command = plan

  module {
    source = "./modules/ci"
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this["push"].policy).Statement : statement.Resource if contains(flatten([statement.Action]), "ecr:PutImage")
    ] == [var.repository_arn]
    error_message = "One repository."
  }
  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this["deploy"].policy).Statement : statement.Condition if contains(flatten([statement.Action]), "elasticloadbalancing:ModifyRule")
    ] == [{ StringEquals = { "aws:ResourceTag/application" = "agent", "aws:ResourceTag/environment" = "prod" } }]
    error_message = "Traffic of this environment."
  }
  assert {
    condition     = keys(aws_iam_role_policy_attachment.this) == ["apply", "plan"]
    error_message = "Nothing that AWS maintains for push and deploy."
  }
}

run "without_a_repository_nobody_is_trusted" {
  command = plan

  module {
    source = "./modules/ci"
  }
  variables {
    ci = { repository = null, oidc_provider = "create", subjects = { plan = null, apply = null, push = null, deploy = null } }
  }

  assert {
    condition     = length(aws_iam_role.this) + length(aws_iam_openid_connect_provider.this) + length(aws_iam_role_policy_attachment.this) == 0
    error_message = "Nothing is made."
  }
}

run "the_accounts_provider_is_used" {
  command = plan

  module {
    source = "./modules/ci"
  }
  variables {
    ci = merge(var.ci, { oidc_provider = "existing" })
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.this) == 0 && jsondecode(aws_iam_role.this["plan"].assume_role_policy).Statement[0].Principal.Federated == "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    error_message = "An account has one, and all its environments trust it."
  }
}

run "half_a_repository_is_refused" {
  command = plan

  module {
    source = "./modules/ci"
  }
  variables {
    ci = merge(var.ci, { repository = "agent" })
  }

  expect_failures = [var.ci]
}

run "unknown_provider_is_refused" {
  command = plan

  module {
    source = "./modules/ci"
  }
  variables {
    ci = merge(var.ci, { oidc_provider = "share" })
  }

  expect_failures = [var.ci]
}

run "a_role_that_trusts_nobody_is_refused" {
  command = plan

  module {
    source = "./modules/ci"
  }
  variables {
    ci = merge(var.ci, { subjects = merge(var.ci.subjects, { push = [] }) })
  }

  expect_failures = [var.ci]
}

run "a_wildcard_is_refused" {
  command = plan

  module {
    source = "./modules/ci"
  }
  variables {
    ci = merge(var.ci, { subjects = merge(var.ci.subjects, { push = ["repo:acme/*:ref:refs/heads/main"] }) })
  }

  expect_failures = [var.ci]
}
