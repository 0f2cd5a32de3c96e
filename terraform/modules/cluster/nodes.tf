locals {
  _node_trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  }
  _node_policies = toset([
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEKSWorkerNodePolicy",
    "AmazonSSMManagedInstanceCore", # a shell for emergencies without SSH keys or open ports
  ])
  # Bottlerocket keeps images and container data on a second volume.
  _bottlerocket = startswith(var.cluster.nodes.ami_type, "BOTTLEROCKET")
  _data_device  = local._bottlerocket ? "/dev/xvdb" : "/dev/xvda"
}

resource "aws_iam_role" "node" {
  count = local.made ? 1 : 0

  name                 = "${local.name}-node"
  assume_role_policy   = jsonencode(local._node_trust)
  permissions_boundary = var.context.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = local.made ? local._node_policies : toset([])

  role       = aws_iam_role.node[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.key}"
}

resource "aws_launch_template" "node" {
  count = local.made ? 1 : 0

  name      = "${local.name}-node"
  user_data = base64encode(local._bottlerocket ? local._bottlerocket_settings : local._node_config)

  block_device_mappings {
    device_name = local._data_device

    ebs {
      encrypted             = true
      volume_type           = "gp3"
      volume_size           = var.cluster.nodes.disk_gb
      delete_on_termination = true
    }
  }

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1 # pods get their rights by Pod Identity, never by asking the node
  }

  # The provider's default tags stop at the template; what it starts must be tagged here.
  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume"])

    content {
      resource_type = tag_specifications.key
      tags          = merge(var.context.tags, { Name = "${local.name}-node" })
    }
  }
}

resource "aws_eks_node_group" "this" {
  count = local.made ? 1 : 0

  cluster_name           = aws_eks_cluster.this[0].name
  node_group_name_prefix = "${local.name}-" # the rest is another for each, so that two can be there at once
  node_role_arn          = aws_iam_role.node[0].arn
  subnet_ids             = values(var.subnet_ids)

  ami_type       = var.cluster.nodes.ami_type
  capacity_type  = "ON_DEMAND" # a spot notice (2 min) is shorter than the draining of WebSockets
  instance_types = var.cluster.nodes.instance_types
  version        = aws_eks_cluster.this[0].version

  launch_template {
    id      = aws_launch_template.node[0].id
    version = aws_launch_template.node[0].latest_version
  }

  node_repair_config {
    enabled = true
  }

  scaling_config {
    min_size     = var.cluster.nodes.min
    max_size     = var.cluster.nodes.max
    desired_size = var.cluster.nodes.min
  }

  update_config {
    max_unavailable_percentage = 33
  }

  # Nodes without rights, network or identity agent never become ready.
  depends_on = [
    aws_eks_addon.before_nodes, aws_eks_pod_identity_association.this, aws_iam_role_policy_attachment.node,
  ]

  lifecycle {
    create_before_destroy = true                             # other instance types are another group: pods need nodes to move to
    ignore_changes        = [scaling_config[0].desired_size] # the autoscaler's, between min and max
  }
}
