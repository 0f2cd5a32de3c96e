# A cluster that is somebody else's: read, and never changed.

data "aws_eks_cluster" "existing" {
  count = local.made ? 0 : 1

  name = var.cluster.existing_name

  lifecycle {
    postcondition {
      condition     = self.status == "ACTIVE"
      error_message = "cluster.existing_name ${self.name} is ${self.status}, not ACTIVE."
    }

    postcondition { # else no database of ours could let its nodes in
      condition     = self.vpc_config[0].vpc_id == var.vpc_id
      error_message = "cluster.existing_name ${self.name} is in ${self.vpc_config[0].vpc_id}, not in network.existing.vpc_id ${var.vpc_id}."
    }
  }
}

locals {
  # The one or the other, by the attributes that both have.
  cluster = local.made ? {
    arn                       = aws_eks_cluster.this[0].arn
    certificate_authority     = aws_eks_cluster.this[0].certificate_authority[0].data
    cluster_security_group_id = aws_eks_cluster.this[0].vpc_config[0].cluster_security_group_id
    endpoint                  = aws_eks_cluster.this[0].endpoint
    name                      = aws_eks_cluster.this[0].name
    version                   = aws_eks_cluster.this[0].version
    } : {
    arn                       = data.aws_eks_cluster.existing[0].arn
    certificate_authority     = data.aws_eks_cluster.existing[0].certificate_authority[0].data
    cluster_security_group_id = data.aws_eks_cluster.existing[0].vpc_config[0].cluster_security_group_id
    endpoint                  = data.aws_eks_cluster.existing[0].endpoint
    name                      = data.aws_eks_cluster.existing[0].name
    version                   = data.aws_eks_cluster.existing[0].version
  }
}
