# syntax=docker/dockerfile:1
# The service in a container: built with the compiler that rust-toolchain.toml names, run as nobody in particular on an image with the C library and little else.
#   docker build -t gcm-api .

FROM rust:1.95-bookworm AS build
WORKDIR /src
# The C compiler of the image and no system library: SQLite, TLS and cryptography are built from the sources that Cargo.lock names.
# rust-toolchain.toml stays outside: rustup would fetch its development components. A test holds the two versions together.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY benches benches
COPY migration migration
COPY openapi/openapi.json openapi/openapi.json
COPY src src
# The registry and what was compiled stay with the builder: a change of ours compiles ours.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --locked --release --bin gcm-api && \
    install -D --mode=0755 target/release/gcm-api /image/bin/gcm-api && \
    install --directory --mode=0700 /image/files/data

FROM gcr.io/distroless/cc-debian12:nonroot
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="gcm-api" \
      org.opencontainers.image.description="National system of record for implementing the Global Compact for Safe, Orderly and Regular Migration" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image/bin/gcm-api /usr/local/bin/gcm-api
COPY --from=build --chown=65532:65532 /image/files/ /
USER 65532:65532
ENV GCM_LISTEN=0.0.0.0:8080 \
    GCM_DATA_DIR=/data \
    GCM_LOG_FORMAT=json
# SQLite, and the secret key that it makes; with PostgreSQL nothing is written here.
VOLUME /data
WORKDIR /data
EXPOSE 8080
# Asks /health/ready of the address that it listens on; the image has no shell and no curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["/usr/local/bin/gcm-api", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/gcm-api"]
CMD ["serve"]
