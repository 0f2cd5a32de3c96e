# Rules of modules/network, on a mocked provider: it proves our logic, not that AWS accepts the values.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1d", "us-east-1b", "us-east-1a", "us-east-1c"] }
  }
  mock_data "aws_region" {
    defaults = { id = "us-east-1" }
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
  network = { cidr = "10.40.0.0/16", zones = 3, nat = "per_zone", flow_log_days = 365 }
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
    condition     = [for subnet in aws_subnet.public : subnet.cidr_block] == ["10.40.96.0/24", "10.40.97.0/24", "10.40.98.0/24"]
    error_message = "Public subnets must begin at the fourth eighth."
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
    network = { cidr = "10.40.16.0/20", zones = 3, nat = "per_zone", flow_log_days = 365 }
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
    network = { cidr = "10.40.0.0/16", zones = 2, nat = "single", flow_log_days = 30 }
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
    network = { cidr = "10.40.0.0/16", zones = 2, nat = "none", flow_log_days = 30 }
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_route.nat) == 0 && length(aws_eip.nat) == 0
    error_message = "none means no gateway, no address, no route."
  }
  expect_failures = [check.nodes_can_reach_aws]
}

run "traffic_is_logged_and_nothing_is_public_by_default" {
  command = plan

  module {
    source = "./modules/network"
  }

  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_cloudwatch_log_group.flow.retention_in_days == 365
    error_message = "All traffic is logged, as long as configured."
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
    network = { cidr = "10.40.0.0/21", zones = 3, nat = "per_zone", flow_log_days = 365 }
  }

  expect_failures = [var.network]
}

run "range_of_kubernetes_services_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    network = { cidr = "172.20.0.0/16", zones = 3, nat = "per_zone", flow_log_days = 365 }
  }

  expect_failures = [var.network]
}

run "two_zones_are_refused_in_production" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    network = { cidr = "10.40.0.0/16", zones = 2, nat = "per_zone", flow_log_days = 365 }
  }

  expect_failures = [var.network]
}

run "single_gateway_is_refused_in_production" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    network = { cidr = "10.40.0.0/16", zones = 3, nat = "single", flow_log_days = 365 }
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
    network = { cidr = "10.40.0.0/16", zones = 3, nat = "per_az", flow_log_days = 365 }
  }

  expect_failures = [var.network]
}

run "retention_that_cloudwatch_lacks_is_refused" {
  command = plan

  module {
    source = "./modules/network"
  }
  variables {
    network = { cidr = "10.40.0.0/16", zones = 3, nat = "per_zone", flow_log_days = 100 }
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
