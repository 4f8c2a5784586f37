#!/usr/bin/env bash
# Installs and starts the CloudWatch agent beside the game server. A fleet build's own install.sh calls it; see
# docs/SIDECAR.md. It asks nothing, may run again, and ends with 1 and a sentence when something is in the way.
set -euo pipefail

# The agent whose published configuration schema ours is checked against.
AGENT_VERSION="${CLOUDWATCH_AGENT_VERSION:-1.300071.0}"
AGENT_DIR="${CLOUDWATCH_AGENT_DIR:-/opt/aws/amazon-cloudwatch-agent}"
METADATA_FILE="${GAMELIFT_METADATA_FILE:-/local/gamemetadata/gamelift-metadata.json}"
NET_DIR="${PROC_NET_DIR:-/proc/net}"
CREDENTIALS_FILE="${FLEET_CREDENTIALS_FILE:-/local/credentials/credentials}"
AGENT_USER=cwagent

# What the files beside this script have where another fleet needs its own.
WRITTEN_ROOT=/local/game
WRITTEN_FLEET_ID=FLEET_ID
WRITTEN_STATSD=127.0.0.1:8125

HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

usage() {
  cat <<'TEXT'
usage: install.sh [--mode agent|gl-otel|both] [--target ec2|anywhere] [--root DIR] [--fleet-id ID] [--server-user USER]

  --mode         what FLEETROOM_COLLECTORS is on the servers (default: that variable, or agent)
  --target       ec2: a managed EC2 fleet (default); anywhere: a machine of your own
  --root         where the servers keep logs/ and targets/ (default: /local/game)
  --fleet-id     default: what GameLift's metadata file on the instance says
  --server-user  whose files the agent has to read (default: who runs this)
TEXT
}

say() { printf 'fleetroom sidecar: %s\n' "$*"; }

fail() {
  printf 'fleetroom sidecar: %s\n' "$*" >&2
  exit 1
}

misused() {
  printf 'fleetroom sidecar: %s\n' "$1" >&2
  usage >&2
  exit 2
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

read_arguments() {
  MODE="${FLEETROOM_COLLECTORS:-agent}"
  TARGET=ec2
  ROOT="$WRITTEN_ROOT"
  FLEET_ID=""
  SERVER_USER="$(id -un)"
  while [ $# -gt 0 ]; do
    case "$1" in
      --help) usage; exit 0 ;;
      --mode | --target | --root | --fleet-id | --server-user)
        [ $# -ge 2 ] || misused "$1 needs a value"
        case "$1" in
          --mode) MODE="$2" ;;
          --target) TARGET="$2" ;;
          --root) ROOT="${2%/}" ;;
          --fleet-id) FLEET_ID="$2" ;;
          --server-user) SERVER_USER="$2" ;;
        esac
        shift 2
        ;;
      *) misused "$1 is unknown" ;;
    esac
  done
  case "$MODE" in agent | gl-otel | both) ;; *) misused "--mode $MODE: agent, gl-otel or both" ;; esac
  case "$TARGET" in ec2 | anywhere) ;; *) misused "--target $TARGET: ec2 or anywhere" ;; esac
  # They are put into JSON and YAML as they are.
  [[ "$ROOT" =~ ^/[A-Za-z0-9._/-]+$ ]] || misused "--root $ROOT: an absolute path of letters, digits and . _ / -"
  # Without the agent there is nothing to install that has a fleet.
  [ "$MODE" != gl-otel ] || return 0
  [ -n "$FLEET_ID" ] || FLEET_ID="$(fleet_id_of_instance)"
  [[ "$FLEET_ID" =~ ^[A-Za-z0-9:._/-]+$ ]] || misused "--fleet-id: letters, digits and : . _ / -"
}

# One fleet's machine metrics must not be taken for another's, so that there is no fleet id to fall back on.
fleet_id_of_instance() {
  local found=""
  [ ! -r "$METADATA_FILE" ] || found="$(sed -n 's/.*"fleetId" *: *"\([^"]*\)".*/\1/p' "$METADATA_FILE" | head -n 1)"
  [ -n "$found" ] || fail "no fleet id: $METADATA_FILE has none; give it with --fleet-id"
  printf '%s' "$found"
}

# Whether something on this machine has the port: udp or tcp (where it listens), any address.
is_bound() {
  local protocol="$1" hex file
  hex="$(printf '%04X' "$2")"
  for file in "$NET_DIR/$protocol" "$NET_DIR/${protocol}6"; do
    [ -r "$file" ] || continue
    # Fields: number, local address:port, remote address:port, state; 0A is LISTEN, and a UDP socket has no other way.
    if awk -v port=":$hex" -v protocol="$protocol" \
      'NR > 1 && substr($2, length($2) - 4) == port && (protocol == "udp" || $4 == "0A") { found = 1 } END { exit !found }' "$file"; then
      return 0
    fi
  done
  return 1
}

has_amazon_collector() {
  command -v gl-otel-collector >/dev/null 2>&1 || rpm -q gl-otel-collector >/dev/null 2>&1
}

# Amazon's collector for GameLift metrics and the CloudWatch agent both want UDP 8125.
check_collectors() {
  case "$MODE" in
    agent)
      ! has_amazon_collector ||
        fail "gl-otel-collector is installed here and takes UDP 8125, which the CloudWatch agent wants in mode agent; set FLEETROOM_COLLECTORS (and --mode) to both"
      ;;
    gl-otel)
      if ! has_amazon_collector && is_bound udp 8125; then
        fail "UDP 8125 is taken, and not by gl-otel-collector, which is not installed; end what holds it, or set FLEETROOM_COLLECTORS (and --mode) to agent"
      fi
      ;;
    both)
      has_amazon_collector ||
        say "gl-otel-collector is not installed yet; until it is, nobody reads what goes to UDP 8125"
      ;;
  esac
}

check_ports() {
  if is_bound udp "$STATSD_PORT"; then
    if [ "$MODE" = agent ]; then
      fail "UDP 8125 is taken by another program; if that is Amazon's collector for GameLift, set FLEETROOM_COLLECTORS (and --mode) to both, otherwise end it"
    fi
    fail "UDP 8135 is taken by another program; in mode both the CloudWatch agent listens there: end that program"
  fi
  ! is_bound tcp 25888 ||
    fail "TCP 25888 is taken by another program, perhaps another CloudWatch agent: end it; the servers send embedded metrics there"
}

agent_control() { as_root "$AGENT_DIR/bin/amazon-cloudwatch-agent-ctl" "$@"; }

install_agent() {
  if [ -x "$AGENT_DIR/bin/amazon-cloudwatch-agent-ctl" ]; then
    # Ours from a run before holds the ports; any other would not know of the servers.
    agent_control -a stop >/dev/null 2>&1 || true
    return
  fi
  command -v dnf >/dev/null 2>&1 ||
    fail "there is no dnf here and the CloudWatch agent is not installed: install version $AGENT_VERSION of it first"
  local package
  for package in "$HERE"/amazon-cloudwatch-agent*.rpm; do
    [ -e "$package" ] || continue
    install_package "$package"
    return
  done
  say "installing amazon-cloudwatch-agent $AGENT_VERSION"
  as_root dnf install -y --setopt=gpgcheck=1 "amazon-cloudwatch-agent-$AGENT_VERSION*" ||
    fail "dnf could not install amazon-cloudwatch-agent $AGENT_VERSION; put its rpm beside this script, or name another version in CLOUDWATCH_AGENT_VERSION"
}

# A package that lies beside this script, with Amazon's public key (amazon-cloudwatch-agent.gpg).
install_package() {
  local package="$1" key="$HERE/amazon-cloudwatch-agent.gpg"
  [ ! -r "$key" ] || as_root rpm --import "$key"
  # An unsigned package is "digests OK", which is not enough.
  rpm --checksig "$package" | grep -q 'signatures OK$' ||
    fail "$package is not signed by a key that is known here; put Amazon's amazon-cloudwatch-agent.gpg beside it"
  say "installing $(basename "$package")"
  as_root dnf install -y --setopt=localpkg_gpgcheck=1 "$package" || fail "dnf could not install $package"
}

# The agent reads as a user of its own, so it is put into the group of whose files they are.
let_agent_read() {
  local group
  group="$(id -gn "$SERVER_USER")"
  as_root usermod -a -G "$group" "$AGENT_USER" || fail "$AGENT_USER could not be put into the group $group"
  local directory
  for directory in "$ROOT/logs" "$ROOT/targets"; do
    as_root install -d -m 0750 -o "$SERVER_USER" -g "$group" "$directory"
    as_root runuser -u "$AGENT_USER" -- test -r "$directory" -a -x "$directory" ||
      fail "$AGENT_USER cannot read $directory: a directory above it is closed to the group $group"
  done
}

# A fleet without them, or one that keeps them from the agent, has its servers all the same.
check_credentials() {
  as_root runuser -u "$AGENT_USER" -- test -r "$CREDENTIALS_FILE" ||
    say "$AGENT_USER cannot read $CREDENTIALS_FILE: nothing gets to CloudWatch until it can; is the fleet's InstanceRoleCredentialsProvider SHARED_CREDENTIAL_FILE?"
}

# Writes a file beside this script to where the agent reads it.
place() {
  sed -e "s|$WRITTEN_ROOT/|$ROOT/|g" -e "s|\"$WRITTEN_FLEET_ID\"|\"$FLEET_ID\"|g" \
    -e "s|$WRITTEN_STATSD|127.0.0.1:$STATSD_PORT|g" "$HERE/$1" | as_root tee "$2" >/dev/null
  # The agent reads some of them itself, whatever the umask here is.
  as_root chmod 0644 "$2"
}

main() {
  read_arguments "$@"
  check_collectors
  if [ "$MODE" = gl-otel ]; then
    say "mode gl-otel: the CloudWatch agent is not needed"
    return
  fi
  STATSD_PORT=8125
  [ "$MODE" = agent ] || STATSD_PORT=8135
  install_agent
  check_ports
  let_agent_read
  as_root install -d -m 0755 "$AGENT_DIR/etc"
  place prometheus.yaml "$AGENT_DIR/etc/prometheus.yaml"
  place "$TARGET.json" "$AGENT_DIR/etc/fleetroom.json"
  local run_mode=onPremise
  if [ "$TARGET" = ec2 ]; then
    run_mode=ec2
    place common-config.toml "$AGENT_DIR/etc/common-config.toml"
    check_credentials
  fi
  agent_control -a fetch-config -m "$run_mode" -c "file:$AGENT_DIR/etc/fleetroom.json" -s ||
    fail "the CloudWatch agent did not take its configuration; its log is in $AGENT_DIR/logs"
  agent_control -a status | grep -q '"status": "running"' ||
    fail "the CloudWatch agent was started and does not run; its log is in $AGENT_DIR/logs"
  say "the CloudWatch agent runs, mode $MODE, StatsD on UDP $STATSD_PORT"
}

main "$@"
