# Rules of modules/cluster, on a mocked provider: it proves our logic, not that AWS accepts the values.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_eks_cluster" {
    defaults = { certificate_authority = [{ data = "Y2E=" }] }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0", latest_version = 1 }
  }
}

variables {
  context = {
    name                     = "agent-prod"
    application              = "agent"
    environment              = "prod"
    stage                    = "production"
    namespace                = "agents"
    account_id               = "123456789012"
    region                   = "us-east-1"
    dr_region                = "us-west-2"
    permissions_boundary_arn = null
    tags                     = { owner = "platform" }
  }
  cluster = {
    version             = "1.35"
    public_access_cidrs = []
    log_days            = 365
    admin_role_arns     = ["arn:aws:iam::123456789012:role/breakglass"]
    deployer_role_arns  = ["arn:aws:iam::123456789012:role/ci/deployer"]
    nodes               = { instance_types = ["m7g.xlarge"], ami_type = "AL2023_ARM_64_STANDARD", min = 3, max = 12, disk_gb = 50 }
  }
  subnet_ids = { us-east-1a = "subnet-a", us-east-1b = "subnet-b" }
}

run "api_is_private_and_closed_to_whoever_made_it" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "Without ranges the endpoint must be private."
  }
  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions
    error_message = "Access is by access entries only."
  }
  assert {
    condition     = length(aws_eks_cluster.this.enabled_cluster_log_types) == 5 && aws_cloudwatch_log_group.control_plane.retention_in_days == 365
    error_message = "All five logs, kept as long as configured."
  }
  assert {
    condition     = contains(aws_eks_cluster.this.encryption_config[0].resources, "secrets") && aws_kms_key.secrets.enable_key_rotation
    error_message = "Secrets are encrypted with a key of their own that rotates."
  }
}

run "public_access_only_from_given_ranges" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { public_access_cidrs = ["203.0.113.0/24"] })
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_public_access && aws_eks_cluster.this.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "The endpoint is public from the given ranges only."
  }
}

run "nodes_are_hardened" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  assert {
    condition     = aws_launch_template.node.metadata_options[0].http_tokens == "required" && aws_launch_template.node.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Pods must not reach the node's credentials."
  }
  assert {
    condition     = aws_launch_template.node.block_device_mappings[0].ebs[0].encrypted == "true" && aws_launch_template.node.block_device_mappings[0].ebs[0].volume_type == "gp3"
    error_message = "Volumes are encrypted gp3."
  }
  assert {
    condition     = length(aws_eks_node_group.this.remote_access) == 0 && aws_launch_template.node.key_name == null
    error_message = "No SSH."
  }
  assert {
    condition     = aws_eks_node_group.this.capacity_type == "ON_DEMAND"
    error_message = "WebSockets do not drain within the notice of spot nodes."
  }
  assert {
    condition     = { for spec in aws_launch_template.node.tag_specifications : spec.resource_type => spec.tags.owner } == { instance = "platform", volume = "platform" }
    error_message = "Instances and volumes carry the environment's tags."
  }
}

run "bottlerocket_keeps_data_on_its_second_volume" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { nodes = { instance_types = ["m7i.xlarge"], ami_type = "BOTTLEROCKET_x86_64", min = 3, max = 12, disk_gb = 50 } })
  }

  assert {
    condition     = aws_launch_template.node.block_device_mappings[0].device_name == "/dev/xvdb"
    error_message = "The sized volume must be the data volume."
  }
}

run "rights_are_cluster_for_admins_namespace_for_deployers" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  assert {
    condition     = keys(aws_eks_access_entry.admin) == ["breakglass"] && keys(aws_eks_access_entry.deployer) == ["deployer"]
    error_message = "Entries are keyed by the role's name."
  }
  assert {
    condition     = aws_eks_access_policy_association.deployer["deployer"].access_scope[0].type == "namespace" && aws_eks_access_policy_association.deployer["deployer"].access_scope[0].namespaces == toset(["agents"])
    error_message = "Deployers may edit the application's namespace only."
  }
  assert {
    condition     = endswith(aws_eks_access_policy_association.admin["breakglass"].policy_arn, "/AmazonEKSClusterAdminPolicy")
    error_message = "Admins administer the cluster."
  }
}

run "policies_for_pods_are_enforced" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  assert {
    condition     = jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "Network policies have no effect unless the CNI enforces them."
  }
}

run "nobody_to_administer_is_said" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { admin_role_arns = [] })
  }

  expect_failures = [check.somebody_may_administer]
}

run "open_to_everyone_is_refused_in_production" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { public_access_cidrs = ["0.0.0.0/0"] })
  }

  expect_failures = [var.cluster]
}

run "user_instead_of_role_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { admin_role_arns = ["arn:aws:iam::123456789012:user/alice"] })
  }

  expect_failures = [var.cluster]
}

run "one_role_in_both_lists_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { admin_role_arns = var.cluster.deployer_role_arns })
  }

  expect_failures = [var.cluster]
}

run "arm_image_on_intel_nodes_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { nodes = merge(var.cluster.nodes, { instance_types = ["m7g.xlarge", "m7i.xlarge"] }) })
  }

  expect_failures = [var.cluster]
}

run "fewer_at_most_than_at_least_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { nodes = merge(var.cluster.nodes, { min = 13 }) })
  }

  expect_failures = [var.cluster]
}

run "patch_version_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { version = "1.35.2" })
  }

  expect_failures = [var.cluster]
}

run "one_zone_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    subnet_ids = { us-east-1a = "subnet-a" }
  }

  expect_failures = [var.subnet_ids]
}

run "address_instead_of_range_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { public_access_cidrs = ["203.0.113.7"] })
  }

  expect_failures = [var.cluster]
}

run "retention_that_cloudwatch_lacks_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { log_days = 100 })
  }

  expect_failures = [var.cluster]
}

run "no_instance_type_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { nodes = merge(var.cluster.nodes, { instance_types = [] }) })
  }

  expect_failures = [var.cluster]
}

run "tiny_disk_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { nodes = merge(var.cluster.nodes, { disk_gb = 10 }) })
  }

  expect_failures = [var.cluster]
}
