"""How a single value must be written.

Each function judges one value; the first line of its docstring is what an operator reads as "allowed".
`core/environment` hangs them on the keys, so that validation, `config explain` and the documentation agree.
"""

from __future__ import annotations

import re
from datetime import datetime
from ipaddress import ip_address, ip_network
from math import isfinite

# The only periods that CloudWatch accepts for a log group.
_RETENTION_DAYS = {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731}
_RETENTION_DAYS |= {1096, 1827, 2192, 2557, 2922, 3288, 3653}

_ADDONS = {"aws-ebs-csi-driver", "coredns", "eks-node-monitoring-agent", "eks-pod-identity-agent"}
_ADDONS |= {"kube-proxy", "metrics-server", "vpc-cni"}

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY, _TIME = f"({'|'.join(DAYS)})", r"([01]\d|2[0-3]):[0-5]\d"

QUERY = re.compile(r"(prometheus|cloudwatch): *(\S.*?) *(<=|>=|<|>) *(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)", re.ASCII)
"""Source, expression, comparison and number of a query."""


def dns_label(text: str) -> bool:
    """lower-case letters, digits and single hyphens, beginning with a letter"""
    return bool(re.fullmatch(r"[a-z]([a-z0-9]|-[a-z0-9])*", text))


def digits(text: str) -> bool:
    """digits only"""
    return text.isascii() and text.isdigit()


def region(text: str) -> bool:
    """an AWS region such as us-east-1"""
    return bool(re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", text))


def zone(text: str) -> bool:
    """an availability zone such as us-east-1a"""
    return region(text[:-1]) and text[-1:] in "abcdefghijklmnopqrstuvwxyz"


def vpc_id(text: str) -> bool:
    """the id of a VPC such as vpc-0a1b2c3d4e5f67890"""
    return bool(re.fullmatch(r"vpc-[0-9a-f]{8,17}", text))


def subnet_id(text: str) -> bool:
    """the id of a subnet such as subnet-0a1b2c3d4e5f67890"""
    return bool(re.fullmatch(r"subnet-[0-9a-f]{8,17}", text))


def bucket(text: str) -> bool:
    """lower-case letters, digits, dots and hyphens, with a letter or digit at both ends"""
    return bool(re.fullmatch(r"[a-z0-9][a-z0-9.-]*[a-z0-9]", text)) and ".." not in text


def object_key(text: str) -> bool:
    """an object key that does not begin with a slash"""
    return bool(text) and not text.startswith("/")


def vpc_range(text: str) -> bool:
    """an IPv4 range of /16 to /20 such as 10.40.0.0/16"""
    return ipv4_range(text) and 16 <= int(text.rsplit("/")[-1]) <= 20


def ip_range(text: str) -> bool:
    """an address range such as 203.0.113.0/24"""
    try:
        ip_network(text)
    except ValueError:
        return False
    return bool(re.search(r"/\d+$", text))


def ipv4_range(text: str) -> bool:
    """an IPv4 range such as 10.50.0.0/16"""
    return ip_range(text) and ":" not in text


def retention(days: int) -> bool:
    """a retention period of CloudWatch: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 … 3653 days"""
    return days in _RETENTION_DAYS


def instance_type(text: str) -> bool:
    """an EC2 instance type such as m7g.xlarge"""
    return bool(re.fullmatch(r"[a-z][a-z0-9-]*\.[a-z0-9-]+", text))


def database_class(text: str) -> bool:
    """an RDS instance class such as db.m7g.xlarge"""
    return text.startswith("db.") and instance_type(text.removeprefix("db."))


def cache_type(text: str) -> bool:
    """an ElastiCache node type such as cache.m7g.large"""
    return text.startswith("cache.") and instance_type(text.removeprefix("cache."))


def database_name(text: str) -> bool:
    """letters, digits and underscores, beginning with a letter"""
    return bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", text))


def daily_window(text: str) -> bool:
    """a time of each day of half an hour to a day, UTC, such as 03:00-04:00"""
    found = re.fullmatch(rf"{_TIME}-{_TIME}", text, re.ASCII)
    return bool(found) and (minutes(text[6:]) - minutes(text[:5])) % 1440 >= 30


def weekly_window(text: str) -> bool:
    """a time of each week of half an hour to a day, UTC, such as sun:04:30-sun:05:30"""
    if not re.fullmatch(rf"{_DAY}:{_TIME}-{_DAY}:{_TIME}", text, re.ASCII):
        return False
    days = (DAYS.index(text[10:13]) - DAYS.index(text[:3])) % 7
    return 30 <= (days * 1440 + minutes(text[14:]) - minutes(text[4:9])) % (7 * 1440) <= 1440


def minutes(time: str) -> int:
    """Since midnight, of hh:mm."""
    return int(time[:2]) * 60 + int(time[3:])


def database_user(text: str) -> bool:
    """lower-case letters, digits and underscores; not postgres_admin, nor what begins with pg_ or rds"""
    return bool(re.fullmatch(r"(?!postgres_admin$|pg_|rds)[a-z_][a-z0-9_]*", text))


def kubernetes_minor(text: str) -> bool:
    """a Kubernetes minor version in quotes, such as "1.35" """
    return bool(re.fullmatch(r"1\.\d{2}", text))


def cluster_name(text: str) -> bool:
    """letters, digits, hyphens and underscores, beginning with a letter or digit"""
    return bool(re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z_-]*", text))


def addon(text: str) -> bool:
    """an EKS add-on that the stack installs, such as vpc-cni, coredns or metrics-server"""
    return text in _ADDONS


def addon_version(text: str) -> bool:
    """the version of an EKS add-on such as v1.20.4-eksbuild.1"""
    return bool(re.fullmatch(r"v\d+(\.\d+)+(-[a-z0-9.]+)?", text, re.ASCII))


def policy_arn(text: str) -> bool:
    """the ARN of an IAM policy, such as arn:aws:iam::123456789012:policy/boundary"""
    return bool(re.fullmatch(r"arn:aws[a-z-]*:iam::(\d{12}|aws):policy/[\w+=,.@/-]+", text, re.ASCII))


def role_arn(text: str) -> bool:
    """the ARN of an IAM role such as arn:aws:iam::123456789012:role/deployer"""
    return bool(re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", text, re.ASCII))


def domain(text: str) -> bool:
    """a domain such as example.com, in lower case"""
    label = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    return len(text) <= 200 and bool(re.fullmatch(rf"({label}\.)+[a-z]{{2,63}}", text, re.ASCII))


def zone_id(text: str) -> bool:
    """the id of a Route 53 zone such as Z0123456789ABCDEFGHIJ"""
    return bool(re.fullmatch(r"Z[A-Z0-9]{1,31}", text, re.ASCII))


def certificate_arn(text: str) -> bool:
    """the ARN of an ACM certificate such as arn:aws:acm:eu-west-1:123456789012:certificate/0123…"""
    return bool(re.fullmatch(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]+", text, re.ASCII))


def cdn_certificate_arn(text: str) -> bool:
    """the ARN of an ACM certificate in us-east-1, where CloudFront looks for it"""
    return certificate_arn(text) and text.split(":")[3] == "us-east-1"


def header(text: str) -> bool:
    """the name of an HTTP header, in lower case"""
    return bool(re.fullmatch(r"[a-z][a-z0-9-]{0,63}", text, re.ASCII))


def slow_start(seconds: int) -> bool:
    """0, or 30 … 900 seconds"""
    return seconds == 0 or 30 <= seconds <= 900


def repository(text: str) -> bool:
    """owner/name of a GitHub repository"""
    return bool(re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}", text))


def oidc_subject(text: str) -> bool:
    """a whole subject of a GitHub token such as repo:owner/name:environment:prod, without wildcards"""
    return bool(re.fullmatch(r"repo:[\w.-]+/[\w.-]+:[\w./:@#+ -]+", text, re.ASCII))


def url_path(text: str) -> bool:
    """a path that begins with a slash, without blanks"""
    return bool(re.fullmatch(r"/[^\s?#]*", text))


def http_url(text: str) -> bool:
    """an address such as https://api.example.com"""
    return bool(re.fullmatch(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(/[^\s?#]*)?", text, re.ASCII | re.I))


def webhook(text: str) -> bool:
    """an https address, or http for this computer or a private IPv4 address, without user and password"""
    found = re.fullmatch(
        r"(https?)://([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:\d{1,5})?([/?][^\s#]*)?", text, re.ASCII
    )
    return found is not None and (found[1] == "https" or _near(found[2]))


def _near(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_private
    except ValueError:
        return False


def email(text: str) -> bool:
    """an e-mail address such as oncall@example.com"""
    return bool(re.fullmatch(r"[\w.%+-]+@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", text, re.ASCII | re.I))


def group_id(text: str) -> bool:
    """the id of a group of IAM Identity Center, such as 90676e5b-1c2d-4f3a-8b4c-5d6e7f809112"""
    return bool(re.fullmatch(r"([0-9a-f]{10}-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text))


def topic_arn(text: str) -> bool:
    """the ARN of an SNS topic such as arn:aws:sns:us-east-1:123456789012:releases"""
    return bool(re.fullmatch(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?", text, re.ASCII))


def ecr_url(text: str) -> bool:
    """an ECR repository without a tag, such as 123456789012.dkr.ecr.us-east-1.amazonaws.com/agent"""
    host, _, name = text.partition("/")
    at = re.fullmatch(r"\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?", host, re.ASCII)
    words = r"[a-z0-9]+([._-][a-z0-9]+)*"
    return at is not None and region(at[1]) and bool(re.fullmatch(f"{words}(/{words})*", name, re.ASCII))


def image(text: str) -> bool:
    """an image such as repository:tag or repository@sha256:…"""
    return bool(re.fullmatch(r"[a-z0-9][\w.:/-]*(@sha256:[0-9a-f]{64})?", text, re.ASCII))


def cpu(text: str) -> bool:
    """processor time in thousandths or whole processors, such as 500m or 2"""
    return bool(re.fullmatch(r"[1-9]\d{0,5}m|(?=.*[1-9])\d{1,3}(\.\d{1,3})?", text, re.ASCII))


def memory(text: str) -> bool:
    """an amount of memory such as 512Mi or 1Gi"""
    return bool(re.fullmatch(r"[1-9]\d{0,9}(Ki|Mi|Gi)", text, re.ASCII))


def variable(text: str) -> bool:
    """the name of an environment variable: letters, digits and underscores, not beginning with a digit"""
    return bool(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text))


def object_name(text: str) -> bool:
    """the name of a Kubernetes object: lower-case letters, digits, hyphens and dots"""
    return all(re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", part, re.ASCII) for part in text.split("."))


def recovery_days(days: int) -> bool:
    """0, or 7 to 30 days"""
    return days == 0 or 7 <= days <= 30


def secret_key(text: str) -> bool:
    """a key of a Kubernetes Secret: letters, digits, hyphens, underscores and dots"""
    return bool(re.fullmatch(r"[-._a-zA-Z0-9]+", text, re.ASCII)) and text not in (".", "..")


def tag(text: str) -> bool:
    """a tag key of at most 128 characters that does not begin with aws:"""
    return 1 <= len(text) <= 128 and not text.lower().startswith("aws:")


def tag_value(text: str) -> bool:
    """letters, digits, blanks and _ . : / = + - @"""
    return all(sign.isalnum() or sign in " _.:/=+-@" for sign in text)


def series(text: str) -> bool:
    """the name of a Prometheus series"""
    return bool(re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*", text))


def query(text: str) -> bool:
    """SOURCE: QUERY < NUMBER, such as `prometheus: sum(rate(errors_total[1m])) < 0.5`; also <=, > and >="""
    found = QUERY.fullmatch(text)
    if not found or not isfinite(float(found[4])):
        return False
    if found[1] == "prometheus":
        return True
    return bool(re.fullmatch(r"\S+ \S+ (Average|Maximum|Minimum|SampleCount|Sum)( [^\s=]+=\S+)*", found[2]))


def some(text: str) -> bool:
    """text that is not empty"""
    return bool(text.strip())


def day(text: str) -> bool:
    """a day such as 2026-12-31"""
    try:
        return datetime.strptime(text, "%Y-%m-%d").strftime("%Y-%m-%d") == text
    except ValueError:
        return False
