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
    version               = "1.35"
    support               = "standard"
    existing_name         = null
    access                = "in_vpc"
    public_access_cidrs   = []
    log_days              = 365
    admin_role_arns       = ["arn:aws:iam::123456789012:role/platform"]
    deployer_role_arns    = ["arn:aws:iam::123456789012:role/ci/deployer"]
    operator_role_arns    = ["arn:aws:iam::123456789012:role/operator"]
    auditor_role_arns     = ["arn:aws:iam::123456789012:role/auditor"]
    break_glass_role_arns = ["arn:aws:iam::123456789012:role/breakglass"]
    autoscaling           = "none"
    addon_versions        = {}
    nodes = {
      instance_types = ["m7g.xlarge"]
      ami_type       = "AL2023_ARM_64_STANDARD"
      min            = 3
      max            = 12
      disk_gb        = 50
      log_file_mb    = 100
      log_files      = 5
    }
  }
  client_cidrs             = []
  control_plane_subnet_ids = { us-east-1a = "subnet-1a", us-east-1b = "subnet-1b" }
  subnet_ids               = { us-east-1a = "subnet-a", us-east-1b = "subnet-b" }
  vpc_id                   = "vpc-0a1b2c3d"
}

run "api_is_private_and_closed_to_whoever_made_it" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  assert {
    condition     = aws_eks_cluster.this[0].vpc_config[0].endpoint_private_access && !aws_eks_cluster.this[0].vpc_config[0].endpoint_public_access
    error_message = "Without ranges the endpoint must be private."
  }
  assert {
    condition     = aws_eks_cluster.this[0].access_config[0].authentication_mode == "API" && !aws_eks_cluster.this[0].access_config[0].bootstrap_cluster_creator_admin_permissions
    error_message = "Access is by access entries only."
  }
  assert {
    condition     = length(aws_eks_cluster.this[0].enabled_cluster_log_types) == 5 && aws_cloudwatch_log_group.control_plane[0].retention_in_days == 365
    error_message = "All five logs, kept as long as configured."
  }
  assert {
    condition     = contains(aws_eks_cluster.this[0].encryption_config[0].resources, "secrets") && aws_kms_key.secrets[0].enable_key_rotation
    error_message = "Secrets are encrypted with a key of their own that rotates."
  }
}

run "public_access_only_from_given_ranges" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { access = "public_allowlist", public_access_cidrs = ["203.0.113.0/24"] })
  }

  assert {
    condition     = aws_eks_cluster.this[0].vpc_config[0].endpoint_public_access && aws_eks_cluster.this[0].vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "The endpoint is public from the given ranges only."
  }
}

run "nodes_are_hardened" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  assert {
    condition     = aws_launch_template.node[0].metadata_options[0].http_tokens == "required" && aws_launch_template.node[0].metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Pods must not reach the node's credentials."
  }
  assert {
    condition     = aws_launch_template.node[0].block_device_mappings[0].ebs[0].encrypted == "true" && aws_launch_template.node[0].block_device_mappings[0].ebs[0].volume_type == "gp3"
    error_message = "Volumes are encrypted gp3."
  }
  assert {
    condition     = length(aws_eks_node_group.this[0].remote_access) == 0 && aws_launch_template.node[0].key_name == null
    error_message = "No SSH."
  }
  assert {
    condition     = aws_eks_node_group.this[0].capacity_type == "ON_DEMAND"
    error_message = "WebSockets do not drain within the notice of spot nodes."
  }
  assert {
    condition     = aws_eks_node_group.this[0].node_group_name_prefix == "agent-prod-"
    error_message = "A new group of nodes must be able to stand beside the old one."
  }
  assert {
    condition     = { for spec in aws_launch_template.node[0].tag_specifications : spec.resource_type => spec.tags.owner } == { instance = "platform", volume = "platform" }
    error_message = "Instances and volumes carry the environment's tags."
  }
}

run "logs_are_rotated_as_the_application_was_told" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { nodes = merge(var.cluster.nodes, { log_file_mb = 20, log_files = 3 }) })
  }

  assert {
    condition     = strcontains(base64decode(aws_launch_template.node[0].user_data), "containerLogMaxSize: 20Mi\n") && strcontains(base64decode(aws_launch_template.node[0].user_data), "containerLogMaxFiles: 3\n")
    error_message = "The kubelet is told size and number of log files."
  }
}

run "bottlerocket_keeps_data_on_its_second_volume" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { nodes = merge(var.cluster.nodes, { instance_types = ["m7i.xlarge"], ami_type = "BOTTLEROCKET_x86_64" }) })
  }

  assert {
    condition     = aws_launch_template.node[0].block_device_mappings[0].device_name == "/dev/xvdb"
    error_message = "The sized volume must be the data volume."
  }
  assert {
    condition     = strcontains(base64decode(aws_launch_template.node[0].user_data), "container-log-max-size = \"100Mi\"\ncontainer-log-max-files = 5")
    error_message = "Logs are rotated as the application was told."
  }
}

run "rights_end_at_the_namespace_but_for_those_who_need_more" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  assert {
    condition     = keys(aws_eks_access_entry.this) == ["auditor", "breakglass", "deployer", "operator", "platform"]
    error_message = "Entries are keyed by the role's name."
  }
  assert {
    condition = { for role, right in aws_eks_access_policy_association.this : role => element(split("/", right.policy_arn), -1) } == {
      auditor    = "AmazonEKSViewPolicy"
      breakglass = "AmazonEKSClusterAdminPolicy"
      deployer   = "AmazonEKSEditPolicy"
      operator   = "AmazonEKSAdminPolicy"
      platform   = "AmazonEKSClusterAdminPolicy"
    }
    error_message = "Auditors read, deployers edit, operators administer, as do admins and emergencies."
  }
  assert {
    condition = { for role, right in aws_eks_access_policy_association.this : role => right.access_scope[0].type } == {
      auditor    = "cluster"
      breakglass = "cluster"
      deployer   = "namespace"
      operator   = "namespace"
      platform   = "cluster"
    }
    error_message = "Whoever changes the application does so in its namespace only."
  }
  assert {
    condition     = aws_eks_access_policy_association.this["deployer"].access_scope[0].namespaces == toset(["agents"])
    error_message = "The namespace is the application's."
  }
}

run "control_plane_has_subnets_of_its_own" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  assert {
    condition     = aws_eks_cluster.this[0].vpc_config[0].subnet_ids == toset(["subnet-1a", "subnet-1b"]) && aws_eks_node_group.this[0].subnet_ids == toset(["subnet-a", "subnet-b"])
    error_message = "Pods that use up their range must not starve the control plane."
  }
}

run "joined_networks_reach_the_api_and_nothing_else" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    client_cidrs = ["10.50.0.0/16"]
  }

  assert {
    condition     = { for cidr, rule in aws_vpc_security_group_ingress_rule.api : cidr => [rule.from_port, rule.to_port] } == { "10.50.0.0/16" = [443, 443] }
    error_message = "What the VPC is joined to asks the API only."
  }
}

run "pods_get_rights_by_identity_and_not_by_their_node" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  assert {
    condition = { for name, identity in aws_eks_pod_identity_association.this : name => "${identity.namespace}/${identity.service_account}" } == {
      aws-load-balancer-controller = "kube-system/aws-load-balancer-controller"
      ebs-csi                      = "kube-system/ebs-csi-controller-sa"
      vpc-cni                      = "kube-system/aws-node"
    }
    error_message = "Network, volumes and target groups have an identity of their own."
  }
  assert {
    condition     = !contains(keys(aws_iam_role_policy_attachment.node), "AmazonEKS_CNI_Policy")
    error_message = "Nodes have no right that is a pod's."
  }
  assert {
    condition     = jsondecode(aws_iam_role.pod["ebs-csi"].assume_role_policy).Statement[0].Condition.StringEquals["aws:RequestTag/kubernetes-service-account"] == "ebs-csi-controller-sa"
    error_message = "No other service account may take the role."
  }
}

run "load_balancer_controller_makes_nothing" {
  command = plan

  module {
    source = "./modules/cluster"
  }

  assert {
    condition = alltrue([
      for action in flatten(jsondecode(aws_iam_role_policy.pod["aws-load-balancer-controller"].policy).Statement[*].Action) :
      can(regex("^(ec2:Describe|elasticloadbalancing:(Describe|RegisterTargets$|DeregisterTargets$))", action))
    ])
    error_message = "Terraform owns load balancers; the controller looks, and puts pods in and out."
  }
  assert {
    condition = jsondecode(aws_iam_role_policy.pod["aws-load-balancer-controller"].policy).Statement[1].Condition.StringEquals == {
      "aws:ResourceTag/application" = "agent"
      "aws:ResourceTag/environment" = "prod"
    }
    error_message = "Into this environment's target groups only."
  }
}

run "autoscaler_changes_this_clusters_nodes_only" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { autoscaling = "cluster_autoscaler" })
  }

  assert {
    condition     = aws_eks_pod_identity_association.this["cluster-autoscaler"].service_account == "cluster-autoscaler"
    error_message = "The autoscaler has an identity."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.pod["cluster-autoscaler"].policy).Statement[1].Condition.StringEquals == { "aws:ResourceTag/k8s.io/cluster-autoscaler/agent-prod" = "owned" }
    error_message = "It changes groups of this cluster only."
  }
}

run "versions_move_when_they_are_given" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { support = "extended", addon_versions = { vpc-cni = "v1.20.4-eksbuild.1" } })
  }

  assert {
    condition     = aws_eks_addon.before_nodes["vpc-cni"].addon_version == "v1.20.4-eksbuild.1" && aws_eks_cluster.this[0].upgrade_policy[0].support_type == "EXTENDED"
    error_message = "Add-ons and support follow the environment."
  }
  assert {
    condition     = keys(aws_eks_addon.before_nodes) == ["eks-pod-identity-agent", "kube-proxy", "vpc-cni"] && keys(aws_eks_addon.after_nodes) == ["aws-ebs-csi-driver", "coredns", "eks-node-monitoring-agent", "metrics-server"]
    error_message = "Network and identity come before nodes, what runs on nodes after them."
  }
}

run "somebody_elses_cluster_is_read_and_left_alone" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { existing_name = "shared", autoscaling = "cluster_autoscaler" })
  }
  override_data {
    target = data.aws_eks_cluster.existing
    values = {
      name                  = "shared"
      status                = "ACTIVE"
      endpoint              = "https://shared.example"
      certificate_authority = [{ data = "Y2E=" }]
      vpc_config            = [{ vpc_id = "vpc-0a1b2c3d", cluster_security_group_id = "sg-shared" }]
    }
  }

  assert {
    condition     = output.name == "shared" && output.endpoint == "https://shared.example" && output.node_security_group_id == "sg-shared"
    error_message = "What others need is told of the cluster that is there."
  }
  assert {
    condition = alltrue([for made in [
      aws_eks_cluster.this, aws_eks_node_group.this, aws_launch_template.node, aws_kms_key.secrets, aws_iam_role.node, aws_iam_role.pod,
      aws_iam_role.control_plane, aws_eks_addon.before_nodes, aws_eks_addon.after_nodes, aws_eks_access_entry.this,
      aws_eks_access_policy_association.this, aws_eks_pod_identity_association.this, aws_cloudwatch_log_group.control_plane,
    ] : length(made) == 0])
    error_message = "Nothing is made in it, and nobody is let in."
  }
}

run "cluster_of_another_network_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { existing_name = "shared" })
  }
  override_data {
    target = data.aws_eks_cluster.existing
    values = {
      status                = "ACTIVE"
      certificate_authority = [{ data = "Y2E=" }]
      vpc_config            = [{ vpc_id = "vpc-9", cluster_security_group_id = "sg-shared" }]
    }
  }

  expect_failures = [data.aws_eks_cluster.existing]
}

run "cluster_that_is_not_ready_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { existing_name = "shared" })
  }
  override_data {
    target = data.aws_eks_cluster.existing
    values = {
      status                = "CREATING"
      certificate_authority = [{ data = "Y2E=" }]
      vpc_config            = [{ vpc_id = "vpc-0a1b2c3d", cluster_security_group_id = "sg-shared" }]
    }
  }

  expect_failures = [data.aws_eks_cluster.existing]
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
    cluster = merge(var.cluster, { admin_role_arns = [], break_glass_role_arns = [] })
  }

  expect_failures = [check.somebody_may_administer]
}

run "open_to_everyone_is_refused_in_production" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { access = "public_allowlist", public_access_cidrs = ["0.0.0.0/0"] })
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
    cluster = merge(var.cluster, { access = "public_allowlist", public_access_cidrs = ["203.0.113.7"] })
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

run "unknown_support_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { support = "lifelong" })
  }

  expect_failures = [var.cluster]
}

run "unknown_way_in_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { access = "vpn" })
  }

  expect_failures = [var.cluster]
}

run "list_without_public_access_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { public_access_cidrs = ["203.0.113.0/24"] })
  }

  expect_failures = [var.cluster]
}

run "unknown_autoscaler_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    cluster = merge(var.cluster, { autoscaling = "karpenter" })
  }

  expect_failures = [var.cluster]
}

run "control_plane_in_one_zone_is_refused" {
  command = plan

  module {
    source = "./modules/cluster"
  }
  variables {
    control_plane_subnet_ids = { us-east-1a = "subnet-1a" }
  }

  expect_failures = [var.control_plane_subnet_ids]
}
