locals {
  # Redis wants a user called default in every group; ours is switched off, as it would come in without IAM. Valkey
  # has none unless it is made, and takes no user without a password.
  _users = merge(
    { app = { name = "${local.name}-app", rights = "on ~* &* +@all -@dangerous +info", authentication = "iam" } },
    var.cache.engine == "redis" ? { off = { name = "default", rights = "off -@all", authentication = "no-password-required" } } : {},
  )
}

# No egress rule: a cache answers, it does not call.
resource "aws_security_group" "this" {
  name        = "${local.name}-cache"
  description = "Cache from the nodes only"
  vpc_id      = var.vpc_id

  tags = { Name = "${local.name}-cache" }
}

resource "aws_vpc_security_group_ingress_rule" "cache" {
  security_group_id            = aws_security_group.this.id
  description                  = "Cache from the nodes"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

# With IAM a user's id and name have to be the same.
resource "aws_elasticache_user" "this" {
  for_each = local._users

  user_id       = "${local.name}-${each.key}"
  user_name     = each.value.name
  engine        = var.cache.engine
  access_string = each.value.rights

  authentication_mode {
    type = each.value.authentication
  }
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = local.name
  engine        = var.cache.engine
  user_ids      = [for user in aws_elasticache_user.this : user.user_id]
}
