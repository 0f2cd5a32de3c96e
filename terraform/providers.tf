provider "aws" {
  region              = var.context.region
  allowed_account_ids = [var.context.account_id]

  default_tags {
    tags = local.tags
  }
}
