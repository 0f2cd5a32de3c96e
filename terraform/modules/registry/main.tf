locals {
  made = var.registry.existing_url == null # else existing.tf tells of somebody else's repository, and nothing is made

  _lifecycle = {
    rules = [
      {
        rulePriority = 1
        description  = "Untagged images are leftovers of builds"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = var.registry.untagged_days
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Keep the newest releases"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["*"]
          countType      = "imageCountMoreThan"
          countNumber    = var.registry.keep_images
        }
        action = { type = "expire" }
      },
    ]
  }
}

resource "aws_kms_key" "this" {
  count = local.made ? 1 : 0

  description             = "Images of ${var.context.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "this" {
  count = local.made ? 1 : 0

  name          = "alias/${var.context.name}-registry"
  target_key_id = aws_kms_key.this[0].key_id
}

resource "aws_ecr_repository" "this" {
  count = local.made ? 1 : 0

  name                 = var.context.name
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.this[0].arn
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  count = local.made ? 1 : 0

  repository = aws_ecr_repository.this[0].name
  policy     = jsonencode(local._lifecycle)
}

# Both are settings of the account's registry, of which there is one; filters keep them to this repository.
resource "aws_ecr_registry_scanning_configuration" "this" {
  for_each = toset(local.made && var.registry.enhanced_scanning ? ["this"] : [])

  scan_type = "ENHANCED"

  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = "${var.context.name}*"
      filter_type = "WILDCARD"
    }
  }
}

resource "aws_ecr_replication_configuration" "this" {
  for_each = toset(local.made && var.registry.replicate ? ["this"] : [])

  replication_configuration {
    rule {
      destination {
        region      = var.context.dr_region
        registry_id = var.context.account_id
      }
      repository_filter {
        filter      = var.context.name
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}
