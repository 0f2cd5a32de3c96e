# Rules of modules/network, on a mocked provider: it proves our logic, not that AWS accepts the values.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1d", "us-east-1b", "us-east-1a", "us-east-1c"] }
  }
  mock_data "aws_region" {
    defaults = { id = "us-east-1" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:mock" }
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
  network = {
    cidr          = "10.40.0.0/16"
    zones         = 3
    nat           = "per_zone"
    endpoints     = "minimal"
    peered_cidrs  = []
    flow_log_days = 365
    existing = {
      vpc_id              = null
      private_subnet_ids  = {}
      database_subnet_ids = {}
      public_subnet_ids   = {}
      edge_subnet_ids     = {}
      intra_subnet_ids    = {}
    }
  }
}

run "tiers_lie_where_the_plan_of_addresses_says" {
  command = plan

  module {
    source = "./modules/network"
  }

  assert {
    condition     = { for zone, subnet in aws_subnet.private : zone => subnet.cidr_block } == { us-east-1a = "10.40.0.0/19", us-east-1b = "10.40.32.0/19", us-east-1c = "10.40.64.0/19" }
    error_message = "Private subnets must be the first three eighths, by zone in order."
  }
  assert {
    condition     = contains(data.aws_availability_zones.this.exclude_zone_ids, "use1-az3")
    error_message = "EKS refuses subnets in use1-az3, whatever its name is in this account."
  }
  assert {
    condition     = [for subnet in aws_subnet.public : subnet.cidr_block] == ["10.40.96.0/24", "10.40.97.0/24", "10.40.98.0/24"]
    error_message = "Public subnets must begin at the fourth eighth."
  }
  assert {
    condition     = [for subnet in aws_subnet.edge : subnet.cidr_block] == ["10.40.100.0/24", "10.40.101.0/24", "10.40.102.0/24"]
    error_message = "Subnets of internal load balancers must be the second block of four."
  }
  assert {
    condition     = [for subnet in aws_subnet.intra : subnet.cidr_block] == ["10.40.108.0/24", "10.40.109.0/24", "10.40.110.0/24"]
    error_message = "Subnets of the control plane must be the fourth block of four."
  }
  assert {
    condition     = [for subnet in aws_subnet.database : subnet.cidr_block] == ["10.40.104.0/24", "10.40.105.0/24", "10.40.106.0/24"]
    error_message = "Database subnets must be the third block of four."
  }
}

run "smallest_range_still_fits_a_load_balancer" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    network = merge(var.network, { cidr = "10.40.16.0/20" })
  }

  assert {
    condition     = [for subnet in aws_subnet.public : subnet.cidr_block] == ["10.40.22.0/27", "10.40.22.32/27", "10.40.22.64/27"]
    error_message = "Public subnets of a /20 must be /27."
  }
  assert {
    condition     = [for subnet in aws_subnet.database : subnet.cidr_block] == ["10.40.23.0/27", "10.40.23.32/27", "10.40.23.64/27"]
    error_message = "Database subnets of a /20 must be /27, beside the public ones."
  }
  assert {
    condition     = [for subnet in aws_subnet.private : subnet.cidr_block] == ["10.40.16.0/23", "10.40.18.0/23", "10.40.20.0/23"]
    error_message = "Private subnets of a /20 must be /23."
  }
}

run "each_zone_leaves_by_its_own_gateway" {
  command = plan

  module {
    source = "./modules/network"
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["us-east-1a", "us-east-1b", "us-east-1c"]
    error_message = "per_zone needs a gateway in each zone."
  }
  assert {
    condition     = keys(aws_route.nat) == ["us-east-1a", "us-east-1b", "us-east-1c"]
    error_message = "Each private subnet needs a way out."
  }
}

run "single_gateway_serves_all_zones" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    context = merge(var.context, { stage = "staging" })
    network = merge(var.network, { zones = 2, nat = "single", flow_log_days = 30 })
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["us-east-1a"] && keys(aws_route.nat) == ["us-east-1a", "us-east-1b"]
    error_message = "single means one gateway, in the first zone, and a route to it in each."
  }
}

run "no_gateway_no_way_out" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    context = merge(var.context, { stage = "development" })
    network = merge(var.network, { zones = 2, nat = "none", endpoints = "private" })
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_route.nat) == 0 && length(aws_eip.nat) == 0
    error_message = "none means no gateway, no address, no route."
  }
  assert {
    condition     = length(setsubtract(["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "sts"], keys(aws_vpc_endpoint.interface))) == 0
    error_message = "Without a way out, what a node needs to join is inside."
  }
}

run "nodes_without_a_way_to_aws_are_said" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    context = merge(var.context, { stage = "development" })
    network = merge(var.network, { nat = "none", endpoints = "standard" })
  }

  expect_failures = [check.nodes_can_reach_aws]
}

run "images_and_databases_are_near_by_default" {
  command = plan

  module {
    source = "./modules/network"
  }

  assert {
    condition     = tolist(keys(aws_vpc_endpoint.gateway)) == tolist(["dynamodb", "s3"]) && length(aws_vpc_endpoint.interface) == 0
    error_message = "minimal is what costs nothing."
  }
  assert {
    condition     = length(aws_security_group.endpoints) == 0
    error_message = "No interface endpoint, no group for it."
  }
}

run "services_are_reached_from_the_network_only" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    network = merge(var.network, { endpoints = "standard", peered_cidrs = ["10.50.0.0/16"] })
  }

  assert {
    condition     = tolist(keys(aws_vpc_endpoint.interface)) == tolist(["ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "sts"])
    error_message = "standard keeps images, secrets, keys and logs inside."
  }
  assert {
    condition     = tolist(keys(aws_vpc_security_group_ingress_rule.endpoints)) == tolist(["10.40.0.0/16", "10.50.0.0/16"])
    error_message = "Only the VPC and what it is joined to may ask."
  }
  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.endpoints : rule.from_port == 443 && rule.to_port == 443])
    error_message = "They speak TLS and nothing else."
  }
  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.interface : endpoint.private_dns_enabled])
    error_message = "The usual names must lead to the endpoints."
  }
}

run "no_endpoints_at_all" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    network = merge(var.network, { endpoints = "none" })
  }

  assert {
    condition     = length(aws_vpc_endpoint.gateway) == 0 && length(aws_vpc_endpoint.interface) == 0
    error_message = "none means none."
  }
}

run "somebody_elses_network_is_read_and_left_alone" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    network = merge(var.network, {
      zones     = 2
      nat       = "single"
      endpoints = "private"
      existing = merge(var.network.existing, {
        vpc_id              = "vpc-0a1b2c3d"
        private_subnet_ids  = { us-east-1a = "subnet-0a", us-east-1b = "subnet-0b" }
        database_subnet_ids = { us-east-1a = "subnet-1a", us-east-1b = "subnet-1b" }
      })
    })
    context = merge(var.context, { stage = "staging" })
  }
  override_data {
    target = data.aws_vpc.existing
    values = { id = "vpc-0a1b2c3d", cidr_block = "10.9.0.0/22", enable_dns_support = true, enable_dns_hostnames = true }
  }
  override_data {
    target = data.aws_subnet.existing["private-us-east-1a"]
    values = { id = "subnet-0a", vpc_id = "vpc-0a1b2c3d", availability_zone = "us-east-1a" }
  }
  override_data {
    target = data.aws_subnet.existing["private-us-east-1b"]
    values = { id = "subnet-0b", vpc_id = "vpc-0a1b2c3d", availability_zone = "us-east-1b" }
  }
  override_data {
    target = data.aws_subnet.existing["database-us-east-1a"]
    values = { id = "subnet-1a", vpc_id = "vpc-0a1b2c3d", availability_zone = "us-east-1a" }
  }
  override_data {
    target = data.aws_subnet.existing["database-us-east-1b"]
    values = { id = "subnet-1b", vpc_id = "vpc-0a1b2c3d", availability_zone = "us-east-1b" }
  }

  assert {
    condition     = output.vpc_id == "vpc-0a1b2c3d" && output.vpc_cidr == "10.9.0.0/22" && output.zones == tolist(["us-east-1a", "us-east-1b"])
    error_message = "What others need is told of the VPC that is there."
  }
  assert {
    condition     = output.database_subnet_ids == { us-east-1a = "subnet-1a", us-east-1b = "subnet-1b" }
    error_message = "Its subnets are those that were named."
  }
  assert {
    condition     = output.edge_subnet_ids == output.private_subnet_ids && output.intra_subnet_ids == output.private_subnet_ids
    error_message = "Load balancers and the control plane fall back on the private tier."
  }
  assert {
    condition = alltrue([for made in [
      aws_vpc.this, aws_default_security_group.this, aws_internet_gateway.this, aws_flow_log.this, aws_route_table.database,
      aws_subnet.private, aws_nat_gateway.this, aws_vpc_endpoint.gateway, aws_vpc_endpoint.interface,
    ] : length(made) == 0])
    error_message = "Nothing is made in it."
  }
}

run "subnet_of_another_network_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    context = merge(var.context, { stage = "staging" })
    network = merge(var.network, {
      zones = 2
      existing = merge(var.network.existing, {
        vpc_id              = "vpc-0a1b2c3d"
        private_subnet_ids  = { us-east-1a = "subnet-0a", us-east-1b = "subnet-0b" }
        database_subnet_ids = { us-east-1a = "subnet-1a", us-east-1b = "subnet-1b" }
      })
    })
  }
  override_data {
    target = data.aws_vpc.existing
    values = { id = "vpc-0a1b2c3d", enable_dns_support = true, enable_dns_hostnames = true }
  }
  override_data {
    target = data.aws_subnet.existing
    values = { id = "subnet-0a", vpc_id = "vpc-9", availability_zone = "us-east-1c" }
  }

  expect_failures = [data.aws_subnet.existing]
}

run "subnet_of_another_zone_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    context = merge(var.context, { stage = "staging" })
    network = merge(var.network, {
      zones = 2
      existing = merge(var.network.existing, {
        vpc_id              = "vpc-0a1b2c3d"
        private_subnet_ids  = { us-east-1a = "subnet-0a", us-east-1b = "subnet-0b" }
        database_subnet_ids = { us-east-1a = "subnet-1a", us-east-1b = "subnet-1b" }
      })
    })
  }
  override_data {
    target = data.aws_vpc.existing
    values = { id = "vpc-0a1b2c3d", enable_dns_support = true, enable_dns_hostnames = true }
  }
  override_data {
    target = data.aws_subnet.existing
    values = { id = "subnet-0a", vpc_id = "vpc-0a1b2c3d", availability_zone = "us-east-1c" }
  }

  expect_failures = [data.aws_subnet.existing]
}

run "network_that_resolves_no_names_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    context = merge(var.context, { stage = "staging" })
    network = merge(var.network, {
      zones = 2
      existing = merge(var.network.existing, {
        vpc_id              = "vpc-0a1b2c3d"
        private_subnet_ids  = { us-east-1a = "subnet-0a", us-east-1b = "subnet-0b" }
        database_subnet_ids = { us-east-1a = "subnet-1a", us-east-1b = "subnet-1b" }
      })
    })
  }
  override_data {
    target = data.aws_vpc.existing
    values = { id = "vpc-0a1b2c3d", enable_dns_support = true, enable_dns_hostnames = false }
  }
  override_data {
    target = data.aws_subnet.existing["private-us-east-1a"]
    values = { vpc_id = "vpc-0a1b2c3d", availability_zone = "us-east-1a" }
  }
  override_data {
    target = data.aws_subnet.existing["private-us-east-1b"]
    values = { vpc_id = "vpc-0a1b2c3d", availability_zone = "us-east-1b" }
  }
  override_data {
    target = data.aws_subnet.existing["database-us-east-1a"]
    values = { vpc_id = "vpc-0a1b2c3d", availability_zone = "us-east-1a" }
  }
  override_data {
    target = data.aws_subnet.existing["database-us-east-1b"]
    values = { vpc_id = "vpc-0a1b2c3d", availability_zone = "us-east-1b" }
  }

  expect_failures = [data.aws_vpc.existing]
}
run "traffic_is_logged_and_nothing_is_public_by_default" {
  command = plan

  module {
    source = "./modules/network"
  }

  assert {
    condition     = aws_flow_log.this[0].traffic_type == "ALL" && aws_cloudwatch_log_group.flow[0].retention_in_days == 365
    error_message = "All traffic is logged, as long as configured."
  }
  assert {
    condition     = contains(flatten([for statement in jsondecode(aws_iam_role_policy.flow[0].policy).Statement : statement.Action]), "logs:DescribeLogGroups")
    error_message = "Flow logs look for their group before they write."
  }
  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch != true])
    error_message = "Nothing gets a public address by being started in a public subnet."
  }
}

run "zones_that_the_region_lacks_are_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  override_data {
    target = data.aws_availability_zones.this
    values = { names = ["us-west-1a", "us-west-1c"] }
  }

  expect_failures = [aws_vpc.this]
}

run "range_too_small_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    network = merge(var.network, { cidr = "10.40.0.0/21" })
  }

  expect_failures = [var.network]
}

run "range_of_kubernetes_services_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    network = merge(var.network, { cidr = "172.20.0.0/16" })
  }

  expect_failures = [var.network]
}

run "two_zones_are_refused_in_production" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    network = merge(var.network, { zones = 2 })
  }

  expect_failures = [var.network]
}

run "single_gateway_is_refused_in_production" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    network = merge(var.network, { nat = "single" })
  }

  expect_failures = [var.network]
}

run "misspelt_gateway_mode_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    context = merge(var.context, { stage = "staging" })
    network = merge(var.network, { nat = "per_az" })
  }

  expect_failures = [var.network]
}

run "retention_that_cloudwatch_lacks_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    network = merge(var.network, { flow_log_days = 100 })
  }

  expect_failures = [var.network]
}

run "more_zones_than_the_plan_of_addresses_has_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    network = merge(var.network, { zones = 4 })
  }

  expect_failures = [var.network]
}

run "misspelt_endpoints_are_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    context = merge(var.context, { stage = "staging" })
    network = merge(var.network, { endpoints = "all" })
  }

  expect_failures = [var.network]
}

run "peer_that_is_no_range_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    context = merge(var.context, { stage = "staging" })
    network = merge(var.network, { peered_cidrs = ["10.50.0.1"] })
  }

  expect_failures = [var.network]
}

run "subnets_without_their_network_are_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    context = merge(var.context, { stage = "staging" })
    network = merge(var.network, { existing = merge(var.network.existing, { private_subnet_ids = { us-east-1a = "subnet-0a" } }) })
  }

  expect_failures = [var.network]
}

run "network_without_databases_subnets_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    context = merge(var.context, { stage = "staging" })
    network = merge(var.network, {
      zones = 2
      existing = merge(var.network.existing, {
        vpc_id             = "vpc-0a1b2c3d"
        private_subnet_ids = { us-east-1a = "subnet-0a", us-east-1b = "subnet-0b" }
      })
    })
  }

  expect_failures = [var.network]
}

run "tiers_in_different_zones_are_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    context = merge(var.context, { stage = "staging" })
    network = merge(var.network, {
      zones = 2
      existing = merge(var.network.existing, {
        vpc_id              = "vpc-0a1b2c3d"
        private_subnet_ids  = { us-east-1a = "subnet-0a", us-east-1b = "subnet-0b" }
        database_subnet_ids = { us-east-1a = "subnet-1a", us-east-1c = "subnet-1c" }
      })
    })
  }

  expect_failures = [var.network]
}
