# The product's images, one target each: api, migrate, bot, simulator, operator.
#
#   docker build --target api .                              the usual base
#   docker build --target api --build-arg BASE=NAME .        another Debian image with Python 3.11 or newer
#
# What they install is locked with hashes in requirements/image-*.lock. They run as an account of their own, write nothing
# but to /tmp and what is mounted, and are healthy when /ready says so.
ARG BASE=python:3.13-slim

FROM ${BASE} AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/app:/packages

# -- what the lock files name, each image its own -----------------------------------------------------------------
# Nothing is compiled: whatever has compiled parts comes as a wheel, and what comes without one is plain Python.

FROM base AS packages
ENV PIP_CACHE_DIR=/var/cache/pip PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore \
    PIP_QUIET=1 PIP_REQUIRE_HASHES=1 PIP_NO_DEPS=1 PIP_NO_BUILD_ISOLATION=0 CC=/no-compiler
WORKDIR /locks
COPY requirements/image-build.lock tools/smaller.py ./
RUN --mount=type=cache,target=/var/cache/pip,sharing=locked python -m pip install -r image-build.lock

FROM packages AS packages-api
COPY requirements/image-api.lock ./
RUN --mount=type=cache,target=/var/cache/pip,sharing=locked \
    python -m pip install --target /packages -r image-api.lock && python smaller.py /packages

FROM packages AS packages-bot
COPY requirements/image-bot.lock ./
RUN --mount=type=cache,target=/var/cache/pip,sharing=locked \
    python -m pip install --target /packages -r image-bot.lock && python smaller.py /packages

FROM packages AS packages-simulator
COPY requirements/image-simulator.lock ./
RUN --mount=type=cache,target=/var/cache/pip,sharing=locked \
    python -m pip install --target /packages -r image-simulator.lock && python smaller.py /packages

FROM packages AS packages-operator
COPY requirements/image-operator.lock ./
RUN --mount=type=cache,target=/var/cache/pip,sharing=locked \
    python -m pip install --target /packages -r image-operator.lock && python smaller.py /packages

# -- our own sources, readable by everybody however they were checked out, with their bytecode -----------------------

FROM base AS sources-libs
COPY libs/contracts/src/ libs/service_kit/src/ /app/
RUN chmod -R a+rX /app && python -m compileall -q /app

FROM base AS sources-api
COPY services/api/src/ /app/
RUN chmod -R a+rX /app && python -m compileall -q /app

FROM base AS sources-bot
COPY services/telegram_bot/src/ /app/
RUN chmod -R a+rX /app && python -m compileall -q /app

FROM base AS sources-simulator
COPY libs/telegram_simulator/src/ /app/
RUN chmod -R a+rX /app && python -m compileall -q /app

FROM base AS sources-operator
COPY libs/local_servers/src/ tools/mutual_aid/src/ /app/
RUN chmod -R a+rX /app && python -m compileall -q /app

# -- the images ----------------------------------------------------------------------------------------------------

FROM base AS image
ARG VERSION=dev
LABEL org.opencontainers.image.vendor="Mutual Aid" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
COPY --chmod=0444 libs/service_kit/src/service_kit/probe.py /probe.py
WORKDIR /app
# A process that stops by itself within 25 seconds: see service_kit.process.
STOPSIGNAL SIGTERM

FROM image AS api
LABEL org.opencontainers.image.title="Mutual Aid: the api" \
      org.opencontainers.image.description="Keeps the ledger: every rule about help, PostgreSQL below, NATS around it"
COPY --from=packages-api /packages /packages
COPY --from=sources-libs /app /app
COPY --from=sources-api /app /app
ENV HEALTH_HOST=127.0.0.1 HEALTH_PORT=8080
USER 10001:10001
HEALTHCHECK --interval=5s --timeout=6s --start-period=60s --start-interval=1s --retries=6 CMD ["python", "-I", "-S", "/probe.py"]
ENTRYPOINT ["python", "-m", "api"]
CMD ["serve"]

FROM api AS migrate
LABEL org.opencontainers.image.title="Mutual Aid: migrations" \
      org.opencontainers.image.description="Brings the ledger's schema and the streams up to date, and ends"
HEALTHCHECK NONE
CMD ["migrate"]

FROM image AS bot
LABEL org.opencontainers.image.title="Mutual Aid: the bot" \
      org.opencontainers.image.description="Speaks to people on Telegram, and to the api for them"
COPY --from=packages-bot /packages /packages
COPY --from=sources-libs /app /app
COPY --from=sources-bot /app /app
ENV HEALTH_HOST=127.0.0.1 HEALTH_PORT=8080
USER 10002:10002
HEALTHCHECK --interval=5s --timeout=6s --start-period=60s --start-interval=1s --retries=6 CMD ["python", "-I", "-S", "/probe.py"]
ENTRYPOINT ["python", "-m", "telegram_bot"]

FROM image AS simulator
LABEL org.opencontainers.image.title="Mutual Aid: a simulated Telegram" \
      org.opencontainers.image.description="A strict Bot API server and a page to chat as several people, for trying things"
COPY --from=packages-simulator /packages /packages
COPY --from=sources-simulator /app /app
RUN install -d -m 0700 -o 10003 -g 10003 /state
ENV HEALTH_PORT=8081
USER 10003:10003
HEALTHCHECK --interval=5s --timeout=6s --start-period=30s --start-interval=1s --retries=6 CMD ["python", "-I", "-S", "/probe.py", "/"]
ENTRYPOINT ["python", "-m", "telegram_simulator", "--host", "0.0.0.0", "--port", "8081", "--state", "/state/simulator.json"]

FROM image AS operator
LABEL org.opencontainers.image.title="Mutual Aid: the operator's command" \
      org.opencontainers.image.description="Makes secrets, looks for what is wrong, creates the first admin, puts back what was parked"
COPY --from=packages-operator /packages /packages
COPY --from=sources-libs /app /app
COPY --from=sources-simulator /app /app
COPY --from=sources-api /app /app
COPY --from=sources-operator /app /app
ENV MUTUAL_AID_STATE=/tmp/state COLUMNS=120
USER 10004:10004
ENTRYPOINT ["python", "-m", "mutual_aid"]
