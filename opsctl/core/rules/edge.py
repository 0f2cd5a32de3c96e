"""Does each hop to the pods outlast the one before it, and is everything there that the way in needs?"""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter

from opsctl.core.environment import Cloudfront, Edge, Environment, Waf
from opsctl.core.rules.rule import Messages, rule

_CLOUDFRONT_IDLE = 600  # seconds until CloudFront closes a silent WebSocket; nobody can change it


@rule("edge.alb.idle_timeout", "workload.keep_alive_seconds", "edge.kind")
def the_application_outlasts_the_load_balancer(e: Environment) -> Messages:
    idle, kept = e.edge.alb.idle_timeout, e.workload.keep_alive_seconds
    if e.edge.kind != "none" and idle >= kept:
        yield (
            f"{idle} s is not less than workload.keep_alive_seconds {kept} s: requests would be sent into connections "
            "that the application is closing"
        )


@rule("edge.alb.idle_timeout", "workload.ping_seconds", "edge.kind")
def pings_keep_sockets_open(e: Environment) -> Messages:
    idle, ping = min(e.edge.alb.idle_timeout, _CLOUDFRONT_IDLE), e.workload.ping_seconds
    if e.edge.kind != "none" and 3 * ping > idle:
        yield f"a silent connection is closed after {idle} s, too soon for three pings of ping_seconds {ping} s"


@rule("edge.cloudfront.origin_keep_alive", "edge.alb.client_keep_alive", "edge.kind")
def load_balancer_outlasts_cloudfront(e: Environment) -> Messages:
    ours, theirs = e.edge.cloudfront.origin_keep_alive, e.edge.alb.client_keep_alive
    if e.edge.kind == "cloudfront" and ours >= theirs:
        yield f"{ours} s is not less than alb.client_keep_alive {theirs} s, when the load balancer closes it"


@rule("edge.api.deregistration_delay", "workload.pre_stop_seconds", "edge.kind")
def requests_end_before_the_pod(e: Environment) -> Messages:
    if e.edge.kind != "none" and e.edge.api.deregistration_delay < e.workload.pre_stop_seconds:
        yield f"{e.edge.api.deregistration_delay} s is less than pre_stop_seconds {e.workload.pre_stop_seconds} s"


@rule("edge.websocket.deregistration_delay", "workload.pre_stop_seconds", "workload.drain_seconds", "edge.kind")
def sockets_end_before_they_are_cut(e: Environment) -> Messages:
    needed, given = e.workload.pre_stop_seconds + e.workload.drain_seconds, e.edge.websocket.deregistration_delay
    if e.edge.kind != "none" and given is not None and given < needed:
        yield (
            f"{given} s is too short: pre_stop {e.workload.pre_stop_seconds} + drain "
            f"{e.workload.drain_seconds} = {needed}, in which the application closes its connections itself"
        )


@rule("edge.health.timeout", "edge.health.interval")
def health_answers_within_the_interval(e: Environment) -> Messages:
    if e.edge.health.timeout >= e.edge.health.interval:
        yield f"{e.edge.health.timeout} s is not less than interval {e.edge.health.interval} s"


@rule("edge.websocket_name", "edge.api_name")
def public_names_differ(e: Environment) -> Messages:
    if e.edge.websocket_name == e.edge.api_name:
        yield f"{e.edge.websocket_name} is the API's name, too"
    if "origin" in (e.edge.websocket_name, e.edge.api_name):
        yield "origin is the load balancer's own name behind CloudFront; choose another"


@rule("edge.certificate_arn", "aws.region")
def certificate_is_at_home(e: Environment) -> Messages:
    if e.edge.certificate_arn is not None and f":acm:{e.aws.region}:" not in e.edge.certificate_arn:
        yield f"is not in {e.aws.region}, where the load balancer is"


_CLOUDFRONTS = (
    *("cdn_certificate_arn", "origin"),
    *(f"cloudfront.{field.name}" for field in fields(Cloudfront)),
    *(f"waf.{field.name}" for field in fields(Waf)),
)


@rule(*(f"edge.{name}" for name in _CLOUDFRONTS), "edge.kind")
def cloudfront_is_there(e: Environment) -> Messages:
    told = [name for name in _CLOUDFRONTS if attrgetter(name)(e.edge) != attrgetter(name)(Edge())]
    if told and e.edge.kind != "cloudfront":
        yield f"{' and '.join(told)} have no effect: edge.kind is {e.edge.kind}"


@rule("network.existing.public_subnet_ids", "network.existing.vpc_id", "edge.kind", "edge.origin")
def a_public_load_balancer_has_subnets(e: Environment) -> Messages:
    public = e.edge.kind == "alb" or (e.edge.kind == "cloudfront" and e.edge.origin == "public_alb")
    if public and e.network.existing.vpc_id is not None and not e.network.existing.public_subnet_ids:
        yield "missing; the load balancer is public, and has to be in subnets that the internet reaches"


@rule("edge.origin_header_version", "edge.origin")
def header_is_of_a_public_origin(e: Environment) -> Messages:
    if e.edge.origin_header_version != 1 and e.edge.origin != "public_alb":
        yield f"has no effect: edge.origin is {e.edge.origin}, which needs no such header"


@rule("edge.waf.requests_per_minute_per_ip", "application.rate_limit_per_minute")
def an_address_holds_several_users(e: Environment) -> Messages:
    ip, user = e.edge.waf.requests_per_minute_per_ip, e.application.rate_limit_per_minute
    if ip < user:
        yield f"{ip} is less than one user may send ({user}, application.rate_limit_per_minute)"


@rule("edge.kind", "stage")
def production_has_a_web_acl(e: Environment) -> Messages:
    if e.stage == "production" and e.edge.kind == "alb":
        yield "alb; production needs cloudfront, whose web ACL stands before it, or none"


@rule("edge.alb.deletion_protection", "stage")
def production_keeps_its_load_balancer(e: Environment) -> Messages:
    if e.stage == "production" and not e.edge.alb.deletion_protection:
        yield "false; production needs it on"
