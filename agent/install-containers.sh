#!/bin/sh
# The container engine of Amazon Linux 2023, when the first task asks for an image. Usage: install-containers.sh [ipv6]
set -eu
if [ "${1:-}" = ipv6 ]; then
  mkdir -p /etc/docker
  # Docker 25 masks IPv6 addresses of bridges only so; later ones do it by themselves.
  echo '{ "experimental": true, "ip6tables": true }' > /etc/docker/daemon.json
fi
dnf install -y docker
systemctl enable --now docker
