# A repository that is somebody else's, maybe of another account or region: all that is needed of it stands in its URL.

data "aws_partition" "current" {}

locals {
  _existing = local.made ? null : regex("^(?P<account>[0-9]+)[.]dkr[.]ecr[.](?P<region>[^.]+)[.][^/]+/(?P<name>.+)$", var.registry.existing_url)

  # The one or the other, by the attributes that both have.
  repository = local.made ? {
    arn  = aws_ecr_repository.this[0].arn
    name = aws_ecr_repository.this[0].name
    url  = aws_ecr_repository.this[0].repository_url
    } : {
    arn  = "arn:${data.aws_partition.current.partition}:ecr:${local._existing.region}:${local._existing.account}:repository/${local._existing.name}"
    name = local._existing.name
    url  = var.registry.existing_url
  }
}
