# Where the cluster lies, as module network tells, and what it waits for; a file of its own beside variables.tf, which
# is long enough.

variable "client_cidrs" {
  description = "Ranges outside the VPC that reach the API's private endpoint: what the VPC is joined to."
  type        = list(string)
  nullable    = false
}

variable "control_plane_subnet_ids" {
  description = "Subnets by availability zone, for the control plane's network interfaces."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.control_plane_subnet_ids) >= 2
    error_message = "EKS needs subnets in two zones, got ${length(var.control_plane_subnet_ids)}."
  }
}

variable "pipeline_role_arns" {
  description = "Roles of the same Terraform that cluster.*_role_arns may name; access entries wait for them."
  type        = map(string)
  default     = {}
}

variable "subnet_ids" {
  description = "Private subnets by availability zone, for nodes and pods."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "Nodes need subnets in two zones, got ${length(var.subnet_ids)}."
  }
}

variable "vpc_id" {
  description = "VPC of these subnets; a cluster that was there already has to be in it."
  type        = string
  nullable    = false
}

# EKS admits its own nodes; people come from elsewhere.
resource "aws_vpc_security_group_ingress_rule" "api" {
  for_each = toset(local.made ? var.client_cidrs : [])

  security_group_id = aws_eks_cluster.this[0].vpc_config[0].cluster_security_group_id
  description       = "Kubernetes API from what the VPC is joined to"
  cidr_ipv4         = each.key
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
