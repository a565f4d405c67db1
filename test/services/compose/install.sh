#!/bin/bash
# Docker, Compose and a base image for machines that can pull none: ./install.sh DIR leaves DIR/base.tar, a Debian without Node. Installs
# only what is missing, as root on Debian.
set -euo pipefail
target=$1
wanted=()
command -v docker > /dev/null && docker version --format '{{.Server.Version}}' > /dev/null 2>&1 || command -v dockerd > /dev/null || wanted+=(docker.io fuse-overlayfs)
docker compose version > /dev/null 2>&1 || command -v docker-compose > /dev/null || wanted+=(docker-compose)
command -v debootstrap > /dev/null || wanted+=(debootstrap)
if [ ${#wanted[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "expected ${wanted[*]}, or root on Debian to install them" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  install() { apt-get install -y -qq --no-install-recommends "${wanted[@]}" iptables > /dev/null; }
  install || { apt-get update -qq && install; }
fi

base=$target/base.tar
if [ -f "$base" ]; then exit 0; fi
mkdir -p "$target"
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
debootstrap --variant=minbase --include=ca-certificates,libstdc++6 bookworm "$root" > "$target/debootstrap.log" || {
  tail -n 1 "$target/debootstrap.log" >&2
  exit 1
}
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,info,locale,man}/*
# Whom this machine trusts and where it gets packages from, so that a build in a container reaches the same registries.
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"; fi
tar -C "$root" -c . > "$base.partial"
mv "$base.partial" "$base"
