# AWS services inside the VPC. With NAT they are a matter of safety and of traffic's price; without, the only way.

locals {
  _images_and_secrets = ["ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "sts"]
  _all_that_nodes_need = concat(local._images_and_secrets, [
    "aps-workspaces", "autoscaling", "ec2", "ec2messages", "eks", "eks-auth",
    "elasticloadbalancing", "monitoring", "ssm", "ssmmessages",
  ])

  _interface_services = {
    none     = []
    minimal  = []
    standard = local._images_and_secrets
    private  = local._all_that_nodes_need
  }[var.network.endpoints]

  gateway_services   = local.made && var.network.endpoints != "none" ? toset(["dynamodb", "s3"]) : toset([])
  interface_services = local.made ? toset(local._interface_services) : toset([])
}

# Free, and image layers come from S3: keeps them off the NAT bill.
resource "aws_vpc_endpoint" "gateway" {
  for_each = local.gateway_services

  vpc_id            = aws_vpc.this[0].id
  service_name      = "com.amazonaws.${data.aws_region.current.id}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for zone in local.zones : aws_route_table.private[zone].id]

  tags = { Name = "${var.context.name}-${each.key}" }
}

moved {
  from = aws_vpc_endpoint.s3
  to   = aws_vpc_endpoint.gateway["s3"]
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.interface_services

  vpc_id              = aws_vpc.this[0].id
  service_name        = "com.amazonaws.${data.aws_region.current.id}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true # the usual names lead here, so that nothing has to know
  security_group_ids  = [aws_security_group.endpoints[0].id]
  subnet_ids          = values(local.subnet_ids.intra)

  tags = { Name = "${var.context.name}-${each.key}" }
}

resource "aws_security_group" "endpoints" {
  count = length(local.interface_services) > 0 ? 1 : 0

  name        = "${var.context.name}-endpoints"
  description = "AWS services inside the VPC"
  vpc_id      = aws_vpc.this[0].id

  tags = { Name = "${var.context.name}-endpoints" }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  for_each = length(local.interface_services) > 0 ? toset(concat([var.network.cidr], var.network.peered_cidrs)) : toset([])

  security_group_id = aws_security_group.endpoints[0].id
  description       = "TLS from the VPC and from what it is joined to"
  cidr_ipv4         = each.key
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
