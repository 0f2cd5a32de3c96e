"""Monitoring and alerting."""

from __future__ import annotations

from opsctl.core.questions.question import Answer, category
from opsctl.core.questions.sources import AWS, OURS, SETTINGS, TARGETS

_ONCALL = "whoever is on call"

MONITORING = category(
    4,
    "Monitoring and alerting",
    {
        "What is promised to users?": (
            Answer("observability.slo.availability", "43 minutes of a month may fail", TARGETS),
            Answer("observability.slo.latency_seconds", "response time", TARGETS),
            Answer("observability.slo.latency_share", "of requests that are that fast", OURS),
        ),
        "Which figures are watched, and from which value on does somebody hear of them?": (
            Answer("observability.thresholds.websocket_ticket", "of all places; a zone lost needs the rest", AWS),
            Answer("observability.thresholds.websocket_page", "the next pod lost refuses agents", AWS),
            Answer("observability.thresholds.database_connections_ticket", "of what the instance offers", AWS),
            Answer("observability.thresholds.database_connections_page", "a release needs twice as many", AWS),
            Answer("observability.thresholds.database_cpu", "for 15 minutes", AWS),
            Answer("observability.thresholds.database_free_storage", "time enough to let it grow", AWS),
            Answer("observability.thresholds.cache_memory", "of a node, as a quarter is reserved", AWS),
            Answer("observability.thresholds.load_balancer_errors", "half of what may fail in a burst", OURS),
        ),
        "Who is told first, and who if that does not help?": (
            Answer(
                "observability.alerts.page_emails",
                blocks="anybody's being woken by an alarm",
                who=_ONCALL,
                stage="production",
            ),
            Answer("observability.alerts.ticket_emails", "none: what can wait is seen on dashboards", OURS),
        ),
        "Who notices when users get no answer, or when nobody watches any more?": (
            Answer(
                "observability.probe_seconds", "from outside; 10 costs a dollar more, and sees it 40 s earlier", AWS
            ),
            Answer("observability.silent_minutes", "longer than AWS's metrics are ever late", OURS),
        ),
        "Where do logs go, and who brings them there?": (
            Answer("observability.log_shipper", "EKS's add-on, as lines of JSON; without its paid metrics", AWS),
        ),
        "How long are logs kept?": (
            Answer("observability.log_days", "to search in; the application writes JSON", SETTINGS),
            Answer("cluster.log_days", "a year of evidence for auditors", AWS),
        ),
        "Which dashboards are there, for whom?": (
            Answer("observability.dashboards", "executive, operations, development, security, finance", OURS),
            Answer("observability.grafana", "with the organisation's own sign-on", AWS),
            Answer("observability.grafana_admin_groups", "none: AWS's administrators alone", OURS),
        ),
        "Which monitoring is there already, to be joined?": (
            Answer("observability.prometheus", "AWS keeps it", AWS),
            Answer("release.prometheus_url", "none: a release is judged by its own figures", OURS),
            Answer("release.queries", "none", OURS),
        ),
    },
)
