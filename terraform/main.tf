locals {
  # Ours win over tags of the same name, so that cost and audit reports can rely on them.
  tags = merge(var.context.tags, {
    application = var.context.application
    environment = var.context.environment
    managed-by  = "opsctl"
  })
  context = merge(var.context, { tags = local.tags })
}

module "network" {
  source = "./modules/network"

  context = local.context
  network = var.network
}

module "cluster" {
  source = "./modules/cluster"

  context                  = local.context
  cluster                  = var.cluster
  client_cidrs             = var.network.peered_cidrs
  control_plane_subnet_ids = module.network.intra_subnet_ids
  pipeline_role_arns       = module.ci.role_arns
  subnet_ids               = module.network.private_subnet_ids
  vpc_id                   = module.network.vpc_id
}

module "registry" {
  source = "./modules/registry"

  context  = local.context
  registry = var.registry
}

module "cache" {
  source = "./modules/cache"
  count  = var.cache.enabled ? 1 : 0

  context                  = local.context
  cache                    = var.cache
  client_security_group_id = module.cluster.node_security_group_id
  subnet_ids               = module.network.database_subnet_ids
  vpc_id                   = module.network.vpc_id
}

module "database" {
  source    = "./modules/database"
  providers = { aws = aws, aws.dr = aws.dr }

  context                  = local.context
  database                 = var.database
  client_security_group_id = module.cluster.node_security_group_id
  subnet_ids               = module.network.database_subnet_ids
  vpc_id                   = module.network.vpc_id
}

module "edge" {
  source = "./modules/edge"
  count  = var.edge.kind == "none" ? 0 : 1

  providers = { aws = aws, aws.us_east_1 = aws.us_east_1 }

  context                = local.context
  edge                   = var.edge
  edge_subnet_ids        = module.network.edge_subnet_ids
  node_security_group_id = module.cluster.node_security_group_id
  public_subnet_ids      = module.network.public_subnet_ids
  services               = var.services
  vpc_id                 = module.network.vpc_id
}

module "observability" {
  source    = "./modules/observability"
  providers = { aws = aws, aws.us_east_1 = aws.us_east_1 }

  context       = local.context
  observability = var.observability
  cache         = one([for cache in module.cache : { id = cache.id, nodes = 1 + var.cache.replicas }])
  cluster = {
    name              = module.cluster.name
    arn               = module.cluster.arn
    subnet_ids        = module.network.private_subnet_ids
    security_group_id = module.cluster.node_security_group_id
    addon_versions    = var.cluster.addon_versions
  }
  database      = { identifier = module.database.identifier, storage_gb = var.database.storage_gb }
  distribution  = one([for edge in module.edge : { id = edge.distribution_id } if var.edge.kind == "cloudfront"])
  load_balancer = one([for edge in module.edge : { arn_suffix = edge.alb_arn_suffix, target_group_arn_suffixes = edge.target_group_arn_suffixes }])
  site          = one([for edge in module.edge : { host = trimprefix(edge.urls.api, "https://"), path = var.services.api.health_path }])
}

module "backup" {
  source    = "./modules/backup"
  providers = { aws = aws, aws.dr = aws.dr }

  context = local.context
  backup  = var.backup
  database = {
    arn               = module.database.arn
    security_group_id = module.database.security_group_id
    subnet_group_name = module.database.subnet_group_name
  }
  topic_arns = module.observability.topic_arns
}

module "secrets" {
  source    = "./modules/secrets"
  providers = { aws = aws, aws.dr = aws.dr }

  context           = local.context
  secrets           = var.secrets
  cache             = one([for cache in module.cache : { arn = cache.arn, user_arn = cache.user_arn }])
  cluster_name      = module.cluster.name
  database_user_arn = module.database.user_arn
}

module "cost" {
  source = "./modules/cost"

  context   = local.context
  cost      = var.cost
  topic_arn = module.observability.topic_arns["ticket"]
}

module "security" {
  source = "./modules/security"

  context               = local.context
  security              = var.security
  break_glass_role_arns = var.cluster.break_glass_role_arns
  state                 = var.state
  topic_arns            = module.observability.topic_arns
}

module "ci" {
  source = "./modules/ci"

  context        = local.context
  ci             = var.ci
  cluster_name   = coalesce(var.cluster.existing_name, local.context.name)
  repository_arn = module.registry.arn
  state          = var.state
}
