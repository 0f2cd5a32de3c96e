# opsctl's guard: the pod that goes on with a release when whoever began it is gone (docs/guard.md).
#   docker build -t REGISTRY/opsctl:VERSION . && docker push REGISTRY/opsctl:VERSION
# and in the environment file: release.guard_image. Its version has to be that of the opsctl that releases.
FROM python:3.11-slim AS build
COPY pyproject.toml README.md LICENSE /source/
COPY opsctl /source/opsctl
COPY terraform /source/terraform
COPY helm /source/helm
COPY templates /source/templates
# Nothing of what a person's opsctl needs beyond these: the guard stays small, and so does what can go wrong in it.
RUN pip install --no-cache-dir --target /app --no-deps /source \
    && pip install --no-cache-dir --target /app "annotated-types>=0.7" "urllib3>=2.6" "websocket-client>=1.9"

FROM python:3.11-slim
COPY --from=build /app /app
ENV PYTHONPATH=/app PYTHONUNBUFFERED=1
USER 10001:10001
ENTRYPOINT ["python3", "-m", "opsctl.guard"]
