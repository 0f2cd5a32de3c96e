# Each of the six below is null where there is nothing to watch. Its ids may be unknown until apply; that it is there
# must not be.

variable "cache" {
  description = "Replication group of the cache, and how many nodes it has."
  type        = object({ id = string, nodes = number })
  default     = null
}

variable "cluster" {
  description = "EKS cluster, from where in its network metrics are collected, and versions of add-ons that are fixed."
  type        = object({ name = string, arn = string, subnet_ids = map(string), security_group_id = string, addon_versions = map(string) })
  default     = null
}

variable "database" {
  description = "RDS instance, and its storage at the start in GiB."
  type        = object({ identifier = string, storage_gb = number })
  default     = null
}

variable "distribution" {
  description = "CloudFront distribution."
  type        = object({ id = string })
  default     = null
}

variable "load_balancer" {
  description = "ALB and its target groups by words such as api-blue, as CloudWatch names them: their ARN suffixes."
  type        = object({ arn_suffix = string, target_group_arn_suffixes = map(string) })
  default     = null
}

variable "site" {
  description = "What is asked from outside: a public name and a path that is answered without a login."
  type        = object({ host = string, path = string })
  default     = null
}
