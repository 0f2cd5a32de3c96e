output "database_subnet_ids" {
  description = "By availability zone; no route leads out of the VPC."
  value       = local.subnet_ids.database
}

output "edge_subnet_ids" {
  description = "By availability zone, for internal load balancers; no route leads out of the VPC."
  value       = local.subnet_ids.edge
}

output "intra_subnet_ids" {
  description = "By availability zone, for the control plane and AWS services; no route leads out of the VPC."
  value       = local.subnet_ids.intra
}

output "nat_addresses" {
  description = "Public addresses that callers outside see, by availability zone; of a VPC made here only."
  value       = { for zone, address in aws_eip.nat : zone => address.public_ip }
}

output "private_subnet_ids" {
  description = "By availability zone; ready once nodes in them can reach the outside."
  value       = local.subnet_ids.private

  depends_on = [
    aws_route.nat, aws_route_table_association.private, aws_vpc_endpoint.gateway, aws_vpc_endpoint.interface,
    aws_vpc_security_group_ingress_rule.endpoints,
  ]
}

output "public_subnet_ids" {
  description = "By availability zone; in a VPC that was there already, only those that were named."
  value       = local.subnet_ids.public
}

output "vpc_cidr" {
  description = "First address range of the VPC."
  value       = local.made ? aws_vpc.this[0].cidr_block : data.aws_vpc.existing[0].cidr_block
}

output "vpc_id" {
  description = "The VPC."
  value       = local.made ? aws_vpc.this[0].id : data.aws_vpc.existing[0].id
}

output "zones" {
  description = "Availability zones in use, in order."
  value       = local.zones
}
