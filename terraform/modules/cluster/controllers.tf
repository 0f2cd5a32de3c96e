# What two controllers may do that others install: enter and leave target groups, and change the number of nodes.

locals {
  # Terraform owns load balancers and rules; the controller only keeps pods in the environment's target groups.
  _load_balancer_rights = [
    {
      Sid    = "Look"
      Effect = "Allow"
      Action = [
        "ec2:DescribeAvailabilityZones", "ec2:DescribeInstances", "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
        "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroupAttributes", "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
      ]
      Resource = "*" # none of these can be limited to a resource
    },
    {
      Sid       = "PutPodsInAndOut"
      Effect    = "Allow"
      Action    = ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"]
      Resource  = "arn:${data.aws_partition.current.partition}:elasticloadbalancing:${var.context.region}:${var.context.account_id}:targetgroup/*"
      Condition = { StringEquals = { for key in ["application", "environment"] : "aws:ResourceTag/${key}" => var.context[key] } }
    },
  ]
  _autoscaler_rights = [
    {
      Sid    = "Look"
      Effect = "Allow"
      Action = [
        "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLaunchConfigurations", "autoscaling:DescribeScalingActivities", "autoscaling:DescribeTags",
        "ec2:DescribeImages", "ec2:DescribeInstanceTypes", "ec2:DescribeLaunchTemplateVersions",
        "ec2:GetInstanceTypesFromInstanceRequirements", "eks:DescribeNodegroup",
      ]
      Resource = "*"
    },
    {
      Sid       = "ChangeThisClustersNodes" # EKS tags the groups of its node groups so
      Effect    = "Allow"
      Action    = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
      Resource  = "arn:${data.aws_partition.current.partition}:autoscaling:${var.context.region}:${var.context.account_id}:autoScalingGroup:*"
      Condition = { StringEquals = { "aws:ResourceTag/k8s.io/cluster-autoscaler/${local.name}" = "owned" } }
    },
  ]
  _rights_of_pods = {
    aws-load-balancer-controller = jsonencode({ Version = "2012-10-17", Statement = local._load_balancer_rights })
    cluster-autoscaler           = jsonencode({ Version = "2012-10-17", Statement = local._autoscaler_rights })
  }
}

resource "aws_iam_role_policy" "pod" {
  for_each = { for name, rights in local._rights_of_pods : name => rights if contains(keys(local.identities), name) }

  name   = "rights"
  role   = aws_iam_role.pod[each.key].id
  policy = each.value
}
