# One image per service, the same layers up to the last:
#
#   docker build --build-arg SERVICE=catalog       --tag vitrine/catalog:0.1.0 .
#   docker build --build-arg SERVICE=visual_search --tag vitrine/visual-search:0.1.0 .
#   docker build --build-arg SERVICE=scanning      --tag vitrine/scanning:0.1.0 .
#   docker build --build-arg SERVICE=pose          --tag vitrine/pose:0.1.0 .
#   docker build --build-arg SERVICE=gateway       --tag vitrine/gateway:0.1.0 .
#
# SERVICE is the name of a package in services/. The image runs as user 10001 on a
# read-only root file system; it writes to /var/lib/vitrine (state) and /tmp.
# Health is asked over gRPC (grpc.health.v1), the gateway's at /healthz and /readyz, so
# there is no HEALTHCHECK. The image of pose holds the face, hand and body models.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv /opt/vitrine
# The dependencies alone first: they change less often than the code.
COPY pyproject.toml .constraints.txt ./
RUN python -c 'import pathlib, tomllib; project = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]; pathlib.Path("requirements.txt").write_text("\n".join(project["dependencies"]))' \
 && /opt/vitrine/bin/pip install --constraint .constraints.txt --requirement requirements.txt
COPY LICENSE README.md ./
COPY protos protos
COPY shared shared
COPY services services
RUN /opt/vitrine/bin/pip install --no-deps . \
 && cp .constraints.txt LICENSE /opt/vitrine/

FROM python:3.11-slim-bookworm
# What the wheels of OpenCV and MediaPipe link to and do not carry.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      libegl1 libgl1 libgles2 libglib2.0-0 libsm6 libxext6 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/vitrine /opt/vitrine
RUN install --directory --owner=10001 --group=10001 /var/lib/vitrine
ENV PATH=/opt/vitrine/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ORT_DISABLE_TELEMETRY=1 \
    VITRINE_STATE_DIR=/var/lib/vitrine \
    VITRINE_LOG_JSON=true
USER 10001:10001
WORKDIR /var/lib/vitrine
ARG SERVICE
ENV SERVICE=${SERVICE}
# A wrong name or a missing system library fails here, not in the cluster.
RUN python -c 'import importlib, os; importlib.import_module("services." + os.environ["SERVICE"] + ".__main__")'
RUN if [ "$SERVICE" = pose ]; then vitrine models; fi
ENTRYPOINT ["sh", "-c", "exec python -m services.$SERVICE"]
