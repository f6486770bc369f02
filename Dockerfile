# A static binary in an image that holds nothing else but the certificates that it trusts: no shell, no libraries, not
# root.
#
#   docker build -t planctl .
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/project" planctl check
FROM rust:1.95-slim-bookworm AS build
WORKDIR /planctl
COPY . .
RUN .ci/package \
    && mkdir -p /image/tmp /image/project \
    && chmod 1777 /image/tmp \
    && tar -xzf dist/planctl-*.tar.gz -C /image planctl

FROM scratch
# For databases on servers, over HTTPS.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
# /tmp is for `migrate up --rehearse`, which works on a copy of the database.
COPY --from=build --chown=65532:65532 /image /
USER 65532:65532
WORKDIR /project
ENTRYPOINT ["/planctl"]
