provider "aws" {
  region              = var.context.region
  allowed_account_ids = [var.context.account_id]

  default_tags {
    tags = local.tags
  }
}

# Copies of backups, secrets and images, so that a lost region is not lost data.
provider "aws" {
  alias               = "dr"
  region              = var.context.dr_region
  allowed_account_ids = [var.context.account_id]

  default_tags {
    tags = local.tags
  }
}

# CloudFront takes its certificate and its web ACL from here only.
provider "aws" {
  alias               = "us_east_1"
  region              = "us-east-1"
  allowed_account_ids = [var.context.account_id]

  default_tags {
    tags = local.tags
  }
}
