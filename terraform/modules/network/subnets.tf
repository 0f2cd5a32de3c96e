# One resource a tier: each is an address of its own in plans, and what talks to what can be read in routes.tf.

resource "aws_subnet" "public" {
  for_each = local._small_cidrs.public

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name                     = "${var.context.name}-public-${each.key}"
    "kubernetes.io/role/elb" = "1"
  }
}

# Nodes and pods.
resource "aws_subnet" "private" {
  for_each = local._private_cidrs

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = each.value

  tags = { Name = "${var.context.name}-private-${each.key}" }
}

# Internal load balancers, and the addresses by which CloudFront reaches them.
resource "aws_subnet" "edge" {
  for_each = local._small_cidrs.edge

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name                              = "${var.context.name}-edge-${each.key}"
    "kubernetes.io/role/internal-elb" = "1"
  }
}

# RDS and ElastiCache.
resource "aws_subnet" "database" {
  for_each = local._small_cidrs.database

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = each.value

  tags = { Name = "${var.context.name}-database-${each.key}" }
}

# The control plane's addresses and those of AWS services: away from pods, which may use up their range.
resource "aws_subnet" "intra" {
  for_each = local._small_cidrs.intra

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = each.value

  tags = { Name = "${var.context.name}-intra-${each.key}" }
}

locals {
  # By tier and zone, whoever made them.
  subnet_ids = {
    public   = merge(local.existing_ids.public, { for zone, subnet in aws_subnet.public : zone => subnet.id })
    private  = merge(local.existing_ids.private, { for zone, subnet in aws_subnet.private : zone => subnet.id })
    edge     = merge(local.existing_ids.edge, { for zone, subnet in aws_subnet.edge : zone => subnet.id })
    database = merge(local.existing_ids.database, { for zone, subnet in aws_subnet.database : zone => subnet.id })
    intra    = merge(local.existing_ids.intra, { for zone, subnet in aws_subnet.intra : zone => subnet.id })
  }
}
