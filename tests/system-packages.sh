#!/bin/sh
# Installs the system packages that some tests want: real SIP software, a second opinion on captures, a browser.
# Does nothing unless root and CI (or SYSTEM_PACKAGES=1) is set: those tests then skip and say why.
set -eu
packages="tshark tcpdump sip-tester coturn stun-client iproute2 chromium ripgrep unzip openssl"
[ -n "${CI:-}${SYSTEM_PACKAGES:-}" ] || exit 0
[ "$(id -u)" = 0 ] || { echo "not root: system packages are not installed"; exit 0; }
command -v apt-get >/dev/null 2>&1 || { echo "no apt-get: system packages are not installed"; exit 0; }
missing=""
for package in $packages; do dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"; done
[ -n "$missing" ] || exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null || echo "could not install:$missing; the tests that want them skip"
