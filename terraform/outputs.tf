# The contract with opsctl: ids and addresses, never secrets.

output "backup" {
  description = "Where backups are."
  value = {
    vault_name     = module.backup.vault_name
    vault_arn      = module.backup.vault_arn
    copy_vault_arn = module.backup.copy_vault_arn
    role_arn       = module.backup.role_arn
  }
}

output "cache" {
  description = "Where the cache is and who the application logs in as; null where there is none."
  value = one([for cache in module.cache : {
    id                = cache.id
    arn               = cache.arn
    address           = cache.address
    reader_address    = cache.reader_address
    port              = cache.port
    user_name         = cache.user_name
    security_group_id = cache.security_group_id
  }])
}

output "ci" {
  description = "What the pipeline takes to be allowed anything."
  value = {
    role_arns = module.ci.role_arns
  }
}

output "cluster" {
  description = "Where the cluster is and how to reach it."
  value = {
    name                   = module.cluster.name
    arn                    = module.cluster.arn
    endpoint               = module.cluster.endpoint
    certificate_authority  = module.cluster.certificate_authority
    version                = module.cluster.version
    node_security_group_id = module.cluster.node_security_group_id
  }
}

output "database" {
  description = "Where the database is; its master password stays in the secret that RDS manages."
  value = {
    identifier        = module.database.identifier
    address           = module.database.address
    port              = module.database.port
    name              = module.database.name
    user_name         = module.database.user_name
    secret_arn        = module.database.secret_arn
    security_group_id = module.database.security_group_id
  }
}

output "edge" {
  description = "How users get in, and what a release moves; null without a way in."
  value = var.edge.kind == "none" ? null : {
    alb_arn                   = module.edge[0].alb_arn
    alb_arn_suffix            = module.edge[0].alb_arn_suffix
    alb_security_group_id     = module.edge[0].alb_security_group_id
    distribution_domain       = module.edge[0].distribution_domain
    distribution_id           = module.edge[0].distribution_id
    listener_arn              = module.edge[0].listener_arn
    name_servers              = module.edge[0].name_servers
    rule_arns                 = module.edge[0].rule_arns
    target_group_arn_suffixes = module.edge[0].target_group_arn_suffixes
    target_group_arns         = module.edge[0].target_group_arns
    urls                      = module.edge[0].urls
    web_acl_arn               = module.edge[0].web_acl_arn
    web_acl_name              = module.edge[0].web_acl_name
    zone_id                   = module.edge[0].zone_id
  }
}

output "network" {
  description = "The VPC and its subnets by availability zone."
  value = {
    vpc_id              = module.network.vpc_id
    vpc_cidr            = module.network.vpc_cidr
    zones               = module.network.zones
    public_subnet_ids   = module.network.public_subnet_ids
    private_subnet_ids  = module.network.private_subnet_ids
    database_subnet_ids = module.network.database_subnet_ids
    edge_subnet_ids     = module.network.edge_subnet_ids
    intra_subnet_ids    = module.network.intra_subnet_ids
    nat_addresses       = module.network.nat_addresses
  }
}

output "observability" {
  description = "Where logs go, and whom alarms notify."
  value = {
    log_group_names    = module.observability.log_group_names
    topic_arns         = module.observability.topic_arns
    grafana_address    = module.observability.grafana_address
    prometheus_address = module.observability.prometheus_address
  }
}

output "registry" {
  description = "Where images are pushed."
  value = {
    name           = module.registry.name
    arn            = module.registry.arn
    repository_url = module.registry.repository_url
  }
}

output "secrets" {
  description = "Where the application's secrets are, and the role of its pods that reads them."
  value = {
    prefix      = module.secrets.prefix
    arns        = module.secrets.arns
    kms_key_arn = module.secrets.kms_key_arn
    role_arn    = module.secrets.role_arn
  }
}

output "security" {
  description = "The account's audit trail and who watches it; null where that is managed elsewhere."
  value = {
    audit_bucket = module.security.audit_bucket
    detector_id  = module.security.detector_id
    trail_arn    = module.security.trail_arn
  }
}
