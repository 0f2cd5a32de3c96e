"""Application architecture."""

from __future__ import annotations

from opsctl.core.questions.question import Answer, category
from opsctl.core.questions.sources import AWS, OURS, PROJECT, SCHEMA, SETTINGS, TARGETS

APPLICATION = category(
    2,
    "Application architecture",
    {
        "Which ports does it listen on, and how is each asked for its health?": (
            Answer("application.name", "its own name", PROJECT),
            Answer("services.api.port", "port of the HTTP API", SETTINGS),
            Answer("services.api.health_path", "the usual one", OURS),
            Answer("services.websocket.port", "port of the WebSocket service", SETTINGS),
            Answer("services.websocket.path", "the usual one", OURS),
            Answer("services.metrics.port", "port of the metrics", SETTINGS),
            Answer("services.metrics.path", "path of the metrics", SETTINGS),
            Answer("workloads.split", "one image serves all three ports, as it does today", OURS),
        ),
        "How do users reach it, and how is load spread?": (
            Answer("edge.kind", "CloudFront before a load balancer", OURS),
            Answer("edge.origin", "the load balancer has no public address", AWS),
            Answer("front_door.kind", "how the front door is asked as a user would", OURS),
            Answer("edge.alb.idle_timeout", "longer than three pings of an agent", AWS),
        ),
        "How many agents does it serve, and how many fit a pod?": (
            Answer("application.agents", "concurrent agents", TARGETS),
            Answer("services.websocket.max_connections", "connections that a pod accepts", SETTINGS),
            Answer("workload.replicas", "derived: room for all agents when a zone is lost", OURS),
        ),
        "What does a container need: CPU, memory, time to end?": (
            Answer("workload.resources.cpu", "to be measured; 100 connections and the API in half a core", OURS),
            Answer("workload.resources.memory", "to be measured; requests equal limits", OURS),
            Answer("workload.grace_seconds", "routers forget a pod in 35 s, agents leave within 240", AWS),
        ),
        "How is the database reached, and by which credentials?": (
            Answer("database.name", "its name", SCHEMA),
            Answer("database.user", "logs in by its pods' role, never as the master", AWS),
            Answer("database.engine_version", "15 or newer; 17 is supported until 2030", SCHEMA),
            Answer("database.instance_class", "holds the connections of both colors", AWS),
            Answer("database.storage_gb", "grows by itself", OURS),
            Answer("database.multi_az", "a standby in another zone", AWS),
            Answer("database.pool_min", "connections of an idle pod", SCHEMA),
            Answer("database.pool_max", "10 to 100 are allowed; 20 fit both colors on this instance class", SCHEMA),
            Answer("database.pool_timeout", "wait for a connection, seconds", SCHEMA),
            Answer("application.secrets", "none: pods log in by their role, without a password", AWS),
        ),
        "What does Redis hold, and how large is it?": (
            Answer("cache.engine", "Valkey speaks Redis's protocol and costs a fifth less", AWS),
            Answer("cache.node_type", "6.4 GiB; to be measured", OURS),
            Answer("cache.replicas", "a copy in each other zone", AWS),
            Answer("cache.maxmemory_policy", "keys with a lifetime go first", OURS),
        ),
        "What is the application told, and what differs between environments?": (
            Answer("application.environment", "nothing beside opsctl's own variables", OURS),
            Answer("application.namespace", "the application's name", OURS),
            Answer("application.rate_limit_per_minute", "requests of one caller", SETTINGS),
            Answer("application.authentication", "switched off for development only", SETTINGS),
        ),
        "How does it log?": (
            Answer("cluster.nodes.log_file_mb", "size of one file of JSON lines", SETTINGS),
            Answer("cluster.nodes.log_files", "files kept", SETTINGS),
        ),
    },
)
