locals {
  nat_zones = {
    none     = toset([])
    single   = toset(slice(local._made_zones, 0, min(1, length(local._made_zones))))
    per_zone = toset(local._made_zones)
  }[var.network.nat]
  # Which zone's gateway each private subnet leaves by.
  nat_of_zone = length(local.nat_zones) == 0 ? {} : {
    for zone in local._made_zones : zone => contains(local.nat_zones, zone) ? zone : local._made_zones[0]
  }
}

resource "aws_internet_gateway" "this" {
  count = local.made ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = var.context.name }
}

resource "aws_eip" "nat" {
  for_each = local.nat_zones

  domain = "vpc"

  tags = { Name = "${var.context.name}-nat-${each.key}" }
}

resource "aws_nat_gateway" "this" {
  for_each = local.nat_zones

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id

  tags = { Name = "${var.context.name}-${each.key}" }

  depends_on = [aws_internet_gateway.this]
}

resource "aws_route_table" "public" {
  count = local.made ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.context.name}-public" }
}

resource "aws_route" "internet" {
  count = local.made ? 1 : 0

  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  route_table_id = aws_route_table.public[0].id
  subnet_id      = each.value.id
}

# One a zone even with a single gateway: going from single to per_zone then changes routes, not associations.
resource "aws_route_table" "private" {
  for_each = aws_subnet.private

  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.context.name}-private-${each.key}" }
}

resource "aws_route" "nat" {
  for_each = local.nat_of_zone

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[each.value].id
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  route_table_id = aws_route_table.private[each.key].id
  subnet_id      = each.value.id
}

# No route but the VPC's own: what is in these tiers answers, and never goes out.
resource "aws_route_table" "database" {
  count = local.made ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.context.name}-database" }
}

resource "aws_route_table_association" "database" {
  for_each = aws_subnet.database

  route_table_id = aws_route_table.database[0].id
  subnet_id      = each.value.id
}

resource "aws_route_table" "edge" {
  count = local.made ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.context.name}-edge" }
}

resource "aws_route_table_association" "edge" {
  for_each = aws_subnet.edge

  route_table_id = aws_route_table.edge[0].id
  subnet_id      = each.value.id
}

resource "aws_route_table" "intra" {
  count = local.made ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.context.name}-intra" }
}

resource "aws_route_table_association" "intra" {
  for_each = aws_subnet.intra

  route_table_id = aws_route_table.intra[0].id
  subnet_id      = each.value.id
}
