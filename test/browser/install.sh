#!/bin/bash
# Debian's chromium at /usr/bin/chromium, with fonts for Latin, Hebrew and Arabic. Does nothing where it is there.
set -euo pipefail
packages=(chromium fonts-inter fonts-jetbrains-mono fonts-dejavu-core)
if [ -x /usr/bin/chromium ] && dpkg -s "${packages[@]}" > /dev/null 2>&1; then exit 0; fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
  [ -x /usr/bin/chromium ] && exit 0
  echo 'this is not root on Debian' >&2
  exit 1
fi
install=(apt-get install -y -qq --no-install-recommends "${packages[@]}")
DEBIAN_FRONTEND=noninteractive "${install[@]}" > /dev/null 2>&1 || { apt-get update -qq > /dev/null && DEBIAN_FRONTEND=noninteractive "${install[@]}" > /dev/null; }
