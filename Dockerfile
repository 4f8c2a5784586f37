# The server for container fleets: what `npm run build` makes, a Node, and nothing else. Facts and limits: docs/INFRA.md.
#
#   docker build -t fleetroom:0.1.0 --build-arg VERSION=0.1.0 --build-arg REVISION=$(git rev-parse HEAD) .
#
# Tags can be moved. A release names both images by digest, as docs/INFRA.md has it:
#   --build-arg NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim@sha256:...
ARG NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim
# glibc, libstdc++, a user who is not root; no shell and no package manager.
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
# What the lock file names, by its hashes; nothing that a package would like to run.
RUN ["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
COPY LICENSE NOTICE tsconfig.json ./
COPY protocol/ protocol/
COPY rooms/ rooms/
COPY server/ server/
COPY scripts/ scripts/
# A project's own rooms, as a file below rooms/: --build-arg ROOMS=rooms/mine/rooms.ts
ARG ROOMS=
RUN node scripts/build.ts --out /out/dist ${ROOMS:+--rooms "$ROOMS"}

FROM ${BASE_IMAGE}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="fleetroom" \
      org.opencontainers.image.description="Authoritative game server with session validation, for Amazon GameLift container fleets" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
WORKDIR /app
COPY --from=build /usr/local/bin/node bin/node
COPY --from=build /usr/local/LICENSE bin/LICENSE
COPY --from=build /out/dist/ dist/
COPY scripts/container/health.ts health.mts
COPY infra/container/fleetroom.json fleetroom.json
# By number, so that a host which forbids root can see that it is none.
USER 65532:65532
# Keeps the local fleet, which admits strangers, from starting.
ENV NODE_ENV=production
EXPOSE 7000/tcp
STOPSIGNAL SIGTERM
# For other hosts: GameLift asks the server itself, by its Server SDK.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["/app/bin/node", "/app/health.mts"]
# No shell between: the server is process 1 and hears SIGTERM itself.
ENTRYPOINT ["/app/bin/node", "/app/dist/server.mjs"]
