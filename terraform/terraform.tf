terraform {
  required_version = ">= 1.11, < 2.0"

  # No backend block here: `opsctl render` writes it as backend.tf.json beside a copy of these files.
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}
