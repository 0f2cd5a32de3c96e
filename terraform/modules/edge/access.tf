locals {
  _ports = { api = var.services.api.port, websocket = var.services.websocket.port }
}

data "aws_ec2_managed_prefix_list" "cloudfront" {
  for_each = local.cdn

  name = "com.amazonaws.global.cloudfront.origin-facing"
}

resource "aws_security_group" "this" {
  name        = "${local.name}-alb"
  description = "Load balancer: users or CloudFront in, pods out"
  vpc_id      = var.vpc_id

  tags = { Name = "${local.name}-alb" }
}

# Of a VPC origin, too: CloudFront's own group there appears only after the first origin was made.
resource "aws_vpc_security_group_ingress_rule" "cloudfront" {
  for_each = local.cdn

  security_group_id = aws_security_group.this.id
  description       = "HTTPS from CloudFront"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront[each.key].id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "user" {
  for_each = { for name, port in { http = 80, https = 443 } : name => port if var.edge.kind == "alb" }

  security_group_id = aws_security_group.this.id
  description       = "${upper(each.key)} from everywhere"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_security_group_egress_rule" "pod" {
  for_each = local._ports

  security_group_id            = aws_security_group.this.id
  description                  = "${each.key} to the nodes"
  referenced_security_group_id = var.node_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

# Not for the metrics port: it is never public.
resource "aws_vpc_security_group_ingress_rule" "pod" {
  for_each = local._ports

  security_group_id            = var.node_security_group_id
  description                  = "${each.key} from the load balancer"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}
