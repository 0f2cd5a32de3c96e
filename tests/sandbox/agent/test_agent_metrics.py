"""/metrics: the series that opsctl reads, and that probes are never taken for users."""

from __future__ import annotations

from opsctl.sandbox.agent.metrics import BUCKETS, Metrics
from opsctl.sandbox.agent.routes import PROBE_AGENT


def test_requests_are_counted_by_service_path_and_code(agent, http_request):
    for path in ("/work", "/work", "/health", "/a", "/b"):
        agent.get(path)
    http_request(agent.websocket, "/health")
    assert agent.metric("http_requests_total", service="api", path="/work", code="200") == 2
    assert agent.metric("http_requests_total", service="api", path="/health", code="200") == 1
    assert agent.metric("http_requests_total", service="api", path="other", code="404") == 2
    assert agent.metric("http_requests_total", service="websocket", path="/health", code="200") == 1


def test_latency_histogram(agent):
    agent.get("/work")
    name, labels = "http_request_duration_seconds", {"service": "api", "path": "/work"}
    counts = [agent.metric(f"{name}_bucket", le=str(bound), **labels) for bound in BUCKETS]
    assert 2.0 in BUCKETS
    assert counts == sorted(counts)
    assert agent.metric(f"{name}_bucket", le="+Inf", **labels) == agent.metric(f"{name}_count", **labels) == 1
    assert 0 < agent.metric(f"{name}_sum", **labels) < 5


def test_a_slow_answer_is_over_two_seconds(start_agent):
    agent = start_agent(MISBEHAVE="slow", SLOW_SECONDS="2.1")
    agent.get("/work")
    bucket = "http_request_duration_seconds_bucket"
    assert agent.metric(bucket, path="/work", le="2.0") == 0
    assert agent.metric(bucket, path="/work", le="5.0") == 1


def test_release_and_start_time(agent):
    assert agent.metric("app_info", version="1.0.0", color="blue") == 1
    assert agent.metric("process_start_time_seconds") > 1_600_000_000


def test_a_user_on_a_websocket(agent, dial):
    client = dial(agent)
    client.send("x")
    client.recv(timeout=5)
    names = ("websocket_connections", "websocket_accepts_total", "websocket_messages_total")
    assert [agent.metric(name) for name in names] == [1, 1, 1]
    assert agent.metric("http_requests_total", service="websocket", path="/ws", code="101") == 1


def test_probes_are_not_users(agent, dial, http_request):
    probe = dial(agent, PROBE_AGENT)
    probe.send("x")
    probe.recv(timeout=5)
    for path in ("/health", "/version"):
        agent.get(path, user_agent=PROBE_AGENT)
    http_request(agent.websocket, "/health", PROBE_AGENT)
    users = ("websocket_connections", "websocket_accepts_total", "websocket_messages_total")
    assert [agent.metric(name) for name in users] == [0, 0, 0]
    assert agent.metric("websocket_probe_connections") == agent.metric("websocket_probe_accepts_total") == 1
    assert agent.metric("http_requests_total", path="/work") == agent.metric("http_requests_total", path="/ws") == 0


def test_scrapes_are_not_counted(agent):
    before = agent.metric("http_requests_total")
    agent.metrics()
    assert agent.metric("http_requests_total") == before


def test_other_paths_of_the_port_are_not_found(agent, http_request):
    assert http_request(agent.scrape, "/").status == 404
    assert "text/plain; version=0.0.4" in http_request(agent.scrape, "/metrics").headers["Content-Type"]


def test_label_values_are_escaped():
    assert 'version="a\\"b\\\\c\\n"' in Metrics('a"b\\c\n', "blue").render()
