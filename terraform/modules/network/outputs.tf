output "database_subnet_ids" {
  description = "By availability zone; no route leads out of the VPC."
  value       = { for zone, subnet in aws_subnet.database : zone => subnet.id }
}

output "nat_addresses" {
  description = "Public addresses that callers outside see, by availability zone."
  value       = { for zone, address in aws_eip.nat : zone => address.public_ip }
}

output "private_subnet_ids" {
  description = "By availability zone; ready once nodes in them can reach the outside."
  value       = { for zone, subnet in aws_subnet.private : zone => subnet.id }

  depends_on = [aws_route.nat, aws_route_table_association.private, aws_vpc_endpoint.s3]
}

output "public_subnet_ids" {
  description = "By availability zone."
  value       = { for zone, subnet in aws_subnet.public : zone => subnet.id }
}

output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "zones" {
  description = "Availability zones in use, in order."
  value       = local.zones
}
