# Behind a public load balancer CloudFront proves itself by a header: its addresses are those of everybody's
# distributions. The provider has no write-only argument for it, so its value is in the state; a VPC origin needs none.
locals {
  _secret_header = "X-Origin-Secret"
  _shared        = toset(var.edge.origin == "public_alb" ? local.cdn : [])

  # The load balancer takes the last one, too, for the minutes in which CloudFront spreads a new one.
  _secret_versions = toset(flatten([
    for _ in local._shared : [tostring(var.edge.origin_header_version - 1), tostring(var.edge.origin_header_version)]
  ]))
  _secrets = [for version in local._secret_versions : terraform_data.origin_secret[version].output]
}

data "aws_secretsmanager_random_password" "origin" {
  for_each = local._secret_versions

  password_length     = 40
  exclude_punctuation = true
}

resource "terraform_data" "origin_secret" {
  for_each = local._secret_versions

  input = sensitive(data.aws_secretsmanager_random_password.origin[each.key].random_password)

  lifecycle {
    ignore_changes = [input] # each reading is another; the first one counts
  }
}
