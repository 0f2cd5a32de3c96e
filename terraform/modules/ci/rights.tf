locals {
  _state_arn = "arn:${local.partition}:s3:::${var.state.bucket}"
  _iam       = "arn:${local.partition}:iam::${local.account}"
  _ours      = [for kind in ["role", "policy", "instance-profile"] : "${local._iam}:${kind}/${local.name}-*"]

  _state_rights = [
    {
      Sid      = "ReadState"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:ListBucket"]
      Resource = [local._state_arn, "${local._state_arn}/${var.state.key}"]
    },
    {
      Sid      = "LockState"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = "${local._state_arn}/${var.state.key}.tflock"
    },
    { # the key that terraform/bootstrap made, by its alias
      Sid       = "UseStatesKey"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = "arn:${local.partition}:kms:${var.context.region}:${local.account}:key/*"
      Condition = { "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = "alias/${var.state.bucket}" } }
    },
  ]

  # A plan of a pull request is anybody's: it reads settings, and no secret.
  _plan_rights = concat(local._state_rights, [{
    Sid      = "NoSecrets"
    Effect   = "Deny"
    Action   = ["secretsmanager:GetSecretValue", "ssm:GetParameter*"]
    Resource = "*"
  }])

  # What is not IAM comes from PowerUserAccess. Roles are made under the environment's prefix, and inside its boundary.
  _apply_rights = [
    {
      Sid      = "Look"
      Effect   = "Allow"
      Action   = ["iam:Get*", "iam:List*"]
      Resource = "*"
    },
    {
      Sid    = "ManageOurs"
      Effect = "Allow"
      Action = [
        "iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:CreatePolicy", "iam:CreatePolicyVersion",
        "iam:DeleteInstanceProfile", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:DeleteRole", "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy", "iam:PassRole", "iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile",
        "iam:TagPolicy", "iam:TagRole", "iam:UntagInstanceProfile", "iam:UntagPolicy", "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
      ]
      Resource = local._ours
    },
    merge(
      {
        Sid      = "GiveRights"
        Effect   = "Allow"
        Action   = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
        Resource = "${local._iam}:role/${local.name}-*"
      },
      var.context.permissions_boundary_arn == null ? {} : {
        Condition = { StringEquals = { "iam:PermissionsBoundary" = var.context.permissions_boundary_arn } }
      },
    ),
    {
      Sid      = "RolesOfServices"
      Effect   = "Allow"
      Action   = "iam:CreateServiceLinkedRole"
      Resource = "${local._iam}:role/aws-service-role/*"
    },
    { # a pipeline that may change its own rights has all rights
      Sid    = "NotItself"
      Effect = "Deny"
      Action = [
        "iam:AttachRolePolicy", "iam:DeleteRole*", "iam:DetachRolePolicy", "iam:PutRole*", "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole*",
      ]
      Resource = "${local._iam}:role/${local.name}-ci-*"
    },
  ]

  _push_rights = [
    {
      Sid      = "LogIn"
      Effect   = "Allow"
      Action   = "ecr:GetAuthorizationToken"
      Resource = "*"
    },
    {
      Sid    = "PushImages"
      Effect = "Allow"
      Action = [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
        "ecr:DescribeImageScanFindings", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage",
        "ecr:UploadLayerPart",
      ]
      Resource = var.repository_arn
    },
  ]

  # Inside the cluster it may what its access entry says: cluster.deployer_role_arns.
  _deploy_rights = [
    {
      Sid      = "FindCluster"
      Effect   = "Allow"
      Action   = "eks:DescribeCluster"
      Resource = "arn:${local.partition}:eks:${var.context.region}:${local.account}:cluster/${var.cluster_name}"
    },
    {
      Sid      = "FindImage"
      Effect   = "Allow"
      Action   = ["ecr:BatchGetImage", "ecr:DescribeImages"]
      Resource = var.repository_arn
    },
    {
      Sid      = "SeeTraffic"
      Effect   = "Allow"
      Action   = "elasticloadbalancing:Describe*"
      Resource = "*"
    },
    {
      Sid       = "MoveTraffic"
      Effect    = "Allow"
      Action    = ["elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule"]
      Resource  = "arn:${local.partition}:elasticloadbalancing:${var.context.region}:${local.account}:*"
      Condition = { StringEquals = { for key in ["application", "environment"] : "aws:ResourceTag/${key}" => var.context[key] } }
    },
  ]
}
