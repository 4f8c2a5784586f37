#!/usr/bin/env bash
# Runs once on each new instance of a fleet, as the user that runs the servers, before any of them. It asks nothing, may
# run again, and ends with 1 and a sentence when the instance cannot run this build: the fleet then does not come up, and
# the sentence is in its installation log, in /local/game/logs/install.log, and behind "fleetroom install:".
set -euo pipefail

HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

say() { printf 'fleetroom install: %s\n' "$*"; }

fail() {
  say "FAILED: $*"
  exit 1
}

# What was uploaded is what was built: a file that is cut or changed would fail later, and somewhere else.
check_files() {
  command -v sha256sum >/dev/null 2>&1 || fail "there is no sha256sum here: is this Amazon Linux 2023?"
  local wrong
  if ! wrong="$(cd "$HERE" && sha256sum --quiet --check SHA256SUMS 2>&1)"; then
    say "$wrong"
    fail "files of this build are not what they were when it was made: upload it again"
  fi
}

check_node() {
  # An upload that lost the modes of files is no reason to fail.
  chmod u+x "$HERE/bin/node"
  local found
  found="$("$HERE/bin/node" --version 2>&1)" ||
    fail "bin/node does not run on this machine ($(uname -m)): $found. It needs glibc 2.28, so Amazon Linux 2023 and not 2, and instances of the build's own kind, x64 or arm64"
  [ "$found" = "v$NODE_VERSION" ] || fail "bin/node is $found, this build was made with v$NODE_VERSION"
}

make_folders() {
  mkdir -p "$HERE/logs"
  [ "$COLLECTORS" = off ] || mkdir -p "$HERE/targets"
}

install_agent() {
  case "$AGENT" in
    off)
      say "no CloudWatch agent, as this build wants it: metrics and logs stay on the instance"
      return
      ;;
    required | optional) ;;
    *) fail "install.conf has AGENT=$AGENT; allowed are required, optional and off" ;;
  esac
  # Its own words say what was in the way.
  if bash "$HERE/cloudwatch-agent/install.sh" --mode "$COLLECTORS" --root "$HERE"; then
    return
  fi
  [ "$AGENT" = optional ] ||
    fail "the CloudWatch agent could not be set up, and this build requires it: see the line above. A build made with --agent optional goes on without"
  say "WITHOUT THE CLOUDWATCH AGENT: see the line above. Servers will run; none of their metrics and logs will reach CloudWatch from this instance"
}

main() {
  # shellcheck source=/dev/null
  . "$HERE/install.conf"
  say "$(uname -s) $(uname -m), as $(id -un 2>/dev/null || id -u), in $HERE"
  check_files
  check_node
  make_folders
  install_agent
  say "done: Node v$NODE_VERSION"
}

mkdir -p "$HERE/logs"
# Whatever is said is kept as well: the service's own log is a way off.
main "$@" 2>&1 | tee -a "$HERE/logs/install.log"
exit "${PIPESTATUS[0]}"
