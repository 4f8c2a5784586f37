import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AGENT_PORTS } from "../../../server/telemetry/catalogue/cloudwatch.ts";

const SOURCE = path.join(import.meta.dirname, "../../../infra/cloudwatch-agent");

/** As Linux writes it. */
const NET_HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "fleetroom-install-"));
  cpSync(SOURCE, path.join(dir, "build"), { recursive: true });
  for (const each of ["bin", "agent", "net", "game"]) mkdirSync(path.join(dir, each));
  writeFileSync(path.join(dir, "metadata.json"), '{"fleetName":"x", "fleetId" : "fleet-77"}');
  bound("udp", []);
  bound("tcp", []);
  // Each notes how it was called. The package brings the agent's control program.
  fake("sudo", 'shift; exec "$@"');
  fake(
    "dnf",
    `mkdir -p "${dir}/agent/bin" && cp "${dir}/control" "${dir}/agent/bin/amazon-cloudwatch-agent-ctl"`,
  );
  fake("rpm", 'case "$1" in -q) exit 1 ;; --checksig) echo "$2: digests signatures OK" ;; esac');
  fake("usermod", "");
  fake("runuser", "");
  // Only root may give a directory away.
  fake("install", 'for last; do :; done; mkdir -p "$last"');
  control('[ "$2" != status ] || echo \'{ "status": "running" }\'');
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

function fake(name: string, body: string): void {
  executable(path.join(dir, "bin", name), `echo "${name} $*" >> "${dir}/calls"\n${body}\n`);
}

function control(body: string): void {
  executable(path.join(dir, "control"), `echo "control $*" >> "${dir}/calls"\n${body}\n`);
}

function executable(file: string, body: string): void {
  writeFileSync(file, `#!/bin/bash\n${body}`);
  chmodSync(file, 0o755);
}

/** Sockets that are there: address and port in hex, state. */
function bound(protocol: "udp" | "tcp", sockets: readonly string[]): void {
  const lines = sockets.map((each, index) => {
    const [local, state] = each.split(" ");
    return `  ${index}: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000 0 0 1\n`;
  });
  writeFileSync(path.join(dir, "net", protocol), NET_HEAD + lines.join(""));
}

function install(...flags: string[]): { status: number | null; stdout: string; stderr: string } {
  // As a machine that is closed to all but its owner has it.
  const closed = ["-c", 'umask 077; exec bash "$0" "$@"'];
  return spawnSync("sh", [...closed, path.join(dir, "build/install.sh"), ...flags], {
    encoding: "utf8",
    env: {
      PATH: `${dir}/bin:/usr/bin:/bin`,
      CLOUDWATCH_AGENT_DIR: path.join(dir, "agent"),
      GAMELIFT_METADATA_FILE: path.join(dir, "metadata.json"),
      PROC_NET_DIR: path.join(dir, "net"),
    },
  });
}

const placed = (file: string) => readFileSync(path.join(dir, "agent/etc", file), "utf8");
const calls = () => readFileSync(path.join(dir, "calls"), "utf8");
const game = () => path.join(dir, "game");

describe("install.sh", () => {
  it("[SC6] is a script for bash with LF line ends that parses", () => {
    const text = readFileSync(path.join(SOURCE, "install.sh"), "utf8");
    expect(text).toMatch(/^#!\/usr\/bin\/env bash\n/);
    expect(text).not.toContain("\r");
    expect(spawnSync("bash", ["-n", path.join(SOURCE, "install.sh")]).status).toBe(0);
  });

  it("[SC6] installs a pinned agent from signed packages, configures and starts it", () => {
    expect(install("--root", game())).toMatchObject({ status: 0, stderr: "" });
    expect(calls()).toMatch(
      /dnf install -y --setopt=gpgcheck=1 amazon-cloudwatch-agent-1\.\d+\.\d+\*/,
    );
    expect(calls()).toContain(
      `control -a fetch-config -m ec2 -c file:${dir}/agent/etc/fleetroom.json -s`,
    );
    expect(calls()).toMatch(/usermod -a -G \S+ cwagent/);
    const written = placed("fleetroom.json");
    expect(written).toContain(`"file_path": "${game()}/logs/*/server.jsonl"`);
    expect(written).toContain('"FleetId": "fleet-77"');
    expect(written).not.toContain("FLEET_ID");
    expect(written).toContain("127.0.0.1:8125");
    expect(placed("prometheus.yaml")).toContain(`${game()}/targets/server-*.json`);
    expect(placed("common-config.toml")).toContain('"FleetRoleCredentials"');
    for (const name of ["prometheus.yaml", "common-config.toml"]) {
      expect(statSync(path.join(dir, "agent/etc", name)).mode & 0o777, name).toBe(0o644);
    }
    expect(existsSync(path.join(game(), "targets"))).toBe(true);
  });

  it("[SC6] leaves the paths of a managed fleet as they are written", () => {
    expect(install("--fleet-id", "fleet-1").status).toBe(0);
    const text = readFileSync(path.join(SOURCE, "ec2.json"), "utf8");
    expect(placed("fleetroom.json")).toBe(text.replaceAll("FLEET_ID", "fleet-1"));
  });

  it("[SC6] may run again: the agent of the last time is stopped before its ports are looked at", () => {
    expect(install("--root", game()).status).toBe(0);
    writeFileSync(path.join(dir, "calls"), "");
    expect(install("--root", game()).status).toBe(0);
    expect(calls()).not.toContain("dnf");
    expect(calls()).toMatch(/control -a stop[\s\S]*control -a fetch-config/);
  });

  it("[SC6] configures an Anywhere machine with its own paths, and leaves its credentials alone", () => {
    const flags = ["--target", "anywhere", "--fleet-id", "fleet-9", "--server-user"];
    const done = install("--root", game(), ...flags, userInfo().username);
    expect(done).toMatchObject({ status: 0, stderr: "" });
    expect(calls()).toContain("-m onPremise");
    expect(placed("fleetroom.json")).toContain('"{hostname}"');
    expect(existsSync(path.join(dir, "agent/etc/common-config.toml"))).toBe(false);
  });

  it("[SC7] moves the agent's StatsD out of the way of Amazon's collector in mode both", () => {
    fake("gl-otel-collector", "");
    bound("udp", ["0100007F:1FBD 07"]);
    expect(install("--root", game(), "--mode", "both")).toMatchObject({ status: 0, stderr: "" });
    expect(placed("fleetroom.json")).toContain(`127.0.0.1:${AGENT_PORTS.statsdBeside}`);
    expect(placed("fleetroom.json")).not.toContain("127.0.0.1:8125");
  });

  it("[SC7] installs nothing in mode gl-otel", () => {
    fake("gl-otel-collector", "");
    // What has no agent needs no fleet id, which a machine of one's own does not know.
    rmSync(path.join(dir, "metadata.json"));
    expect(install("--mode", "gl-otel")).toMatchObject({ status: 0, stderr: "" });
    expect(existsSync(path.join(dir, "agent/etc"))).toBe(false);
  });

  it.each([
    ["agent", "udp", "0100007F:1FBD 07", "UDP 8125 is taken.*set FLEETROOM_COLLECTORS.*to both"],
    ["agent", "udp", "00000000000000000000000000000000:1FBD 07", "UDP 8125 is taken"],
    ["both", "udp", "00000000:1FC7 07", "UDP 8135 is taken"],
    ["agent", "tcp", "0100007F:6520 0A", "TCP 25888 is taken"],
    ["gl-otel", "udp", "00000000:1FBD 07", "UDP 8125 is taken.*gl-otel-collector.*to agent"],
  ] as const)(
    "[SC7] says in mode %s which setting to change when %s %s is taken",
    (mode, protocol, socket, words) => {
      bound(protocol, [socket]);
      const { status, stderr } = install("--root", game(), "--mode", mode);
      expect(status).toBe(1);
      expect(stderr).toMatch(new RegExp(`^fleetroom sidecar: ${words}`));
      expect(existsSync(path.join(dir, "agent/etc/fleetroom.json"))).toBe(false);
    },
  );

  it("[SC7] does not take a connection that is not listening, or another port, for a collision", () => {
    bound("tcp", ["0100007F:6520 01"]);
    bound("udp", ["0100007F:1FBE 07", "0100007F:01FB 07"]);
    expect(install("--root", game())).toMatchObject({ status: 0, stderr: "" });
  });

  it("[SC7] says that Amazon's collector is installed in mode agent, before it runs", () => {
    fake("gl-otel-collector", "");
    const { status, stderr } = install("--root", game());
    expect(status).toBe(1);
    expect(stderr).toMatch(/gl-otel-collector is installed.*set FLEETROOM_COLLECTORS.*to both/);
  });

  it("[SC8] refuses a package beside it that is not signed", () => {
    writeFileSync(path.join(dir, "build/amazon-cloudwatch-agent.rpm"), "");
    fake("rpm", 'case "$1" in -q) exit 1 ;; --checksig) echo "$2: digests OK" ;; esac');
    const { status, stderr } = install("--root", game());
    expect(status).toBe(1);
    expect(stderr).toContain("not signed by a key that is known here");
    expect(calls()).not.toContain("dnf");
  });

  it.each([
    ["dnf fails", () => fake("dnf", "exit 1"), "dnf could not install"],
    [
      "the agent refuses its configuration",
      () => control('[ "$2" != fetch-config ]'),
      "did not take its configuration",
    ],
    ["the agent does not run", () => control(""), "does not run"],
    ["the agent cannot read the files", () => fake("runuser", "exit 1"), "cwagent cannot read"],
    ["nobody says which fleet it is", () => rmSync(path.join(dir, "metadata.json")), "no fleet id"],
  ] as const)("[SC8] ends with a sentence when %s", (_, breakIt, words) => {
    breakIt();
    const { status, stderr } = install("--root", game());
    expect(status).toBe(1);
    expect(stderr).toContain(words);
  });

  it("[SC8] goes on without credentials, and says what is missing", () => {
    fake("runuser", 'case "$*" in */credentials*) exit 1 ;; esac');
    const { status, stdout } = install("--root", game());
    expect(status).toBe(0);
    expect(stdout).toMatch(/cannot read \S+credentials: nothing gets to CloudWatch/);
    expect(install("--root", game(), "--target", "anywhere").stdout).not.toContain("credentials");
  });

  it.each([
    [["--mode", "stdout"]],
    [["--target", "ecs"]],
    [["--root", "logs"]],
    [["--root", "/a b"]],
    [["--fleet-id", 'x"y']],
    [["--fleet-id"]],
    [["--verbose"]],
  ])("[SC8] explains how it is used when it is given %j", (flags) => {
    const { status, stderr } = install(...flags);
    expect(status).toBe(2);
    expect(stderr).toContain("usage: install.sh");
    expect(existsSync(path.join(dir, "calls"))).toBe(false);
  });
});
