# Baton for `gate`, `monitor` and `start`: distroless, as an ordinary user, for a read-only file system.
#   docker build -t baton .
#   docker run --read-only -v baton:/data -v "$PWD/chain.json:/etc/baton/chain.json:ro" -e BATON_SECRET \
#     -p 127.0.0.1:8547:8547 baton gate --config /etc/baton/chain.json --node seq-a
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN ["sh", "build/image.sh", "/image"]

FROM gcr.io/distroless/nodejs24-debian12:nonroot
LABEL org.opencontainers.image.source="https://github.com/baton-conductor/baton" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /image/app /app
# All that is ever written: the local process's `.baton`, and the socket of its database.
COPY --from=build --chown=65532:65532 /image/data /data
WORKDIR /data
ENV NODE_ENV=production HOME=/data TMPDIR=/data
USER 65532:65532
EXPOSE 8547 8549
ENTRYPOINT ["/nodejs/bin/node", "/app/node_modules/rollup-baton/bin/baton.mjs"]
CMD ["--help"]
