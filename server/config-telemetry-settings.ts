import { isIP } from "node:net";
import { setting } from "./config-setting.ts";
import {
  addressBlocks,
  boolean,
  integer,
  LOG_PATHS_MAX,
  logPaths,
  matching,
  oneOf,
  PROXIES_MAX,
  path,
} from "./config-values.ts";

export type LogLevel = "error" | "warn" | "info" | "debug";
export type LogPlayerIds = "clear" | "hash" | "off";
export type Collectors = "off" | "agent" | "gl-otel" | "both" | "stdout";

/** Characters that a bearer token may have; short ones can be guessed. */
const ADMIN_TOKEN = /^([\x21-\x7e]{16,256})?$/;

/** Settings of what the server tells: logs, metrics, the admin port. */
export const telemetrySettings = {
  logLevel: setting({
    key: "logLevel",
    defaultText: "info",
    allowed: "error, warn, info or debug",
    meaning: "The least important log lines that are written.",
    parse: oneOf<LogLevel>("error", "warn", "info", "debug"),
  }),
  logDir: setting({
    key: "logDir",
    defaultText: "",
    defaultNote: "`logs` on a fleet, none with the local fleet",
    allowed: "the path of a directory, or nothing",
    meaning:
      "Where log files are written, beside standard output: `NN/server.jsonl` in it, where NN is the place of the game port in the list of `PORT`. `off` means none on a fleet, too.",
    parse: path,
  }),
  logStdout: setting({
    key: "logStdout",
    defaultText: "1",
    allowed: "0 or 1, also false or true",
    meaning:
      "Whether log lines go to standard output. The first one, which says where the server listens, always does.",
    parse: boolean,
  }),
  logFileBytes: setting({
    key: "logFileBytes",
    defaultText: "10485760",
    allowed: "a whole number 65536 to 104857600",
    meaning: "A log file that has so many bytes is put aside, and the next one begun.",
    parse: integer(65_536, 104_857_600),
  }),
  logFilesMax: setting({
    key: "logFilesMax",
    defaultText: "4",
    allowed: "a whole number 1 to 20",
    meaning:
      "Log files of one process that are kept, the present one included. GameLift keeps at most 200 MB of a game session's logs.",
    parse: integer(1, 20),
  }),
  logFileHours: setting({
    key: "logFileHours",
    defaultText: "24",
    allowed: "a whole number 1 to 168",
    meaning: "A log file that is so old, in hours, is put aside.",
    parse: integer(1, 168),
  }),
  logPlayerIds: setting({
    key: "logPlayerIds",
    defaultText: "clear",
    allowed: "clear, hash or off",
    meaning:
      "How log lines name players: by their ids, by the first 8 hex digits of the ids' SHA-256 (`npm run hash` makes them), or not at all.",
    parse: oneOf<LogPlayerIds>("clear", "hash", "off"),
  }),
  logPaths: setting({
    key: "logPaths",
    defaultText: "",
    defaultNote: "the process's own folder in `LOG_DIR`, or `logs` without one",
    allowed:
      `paths separated by commas, at most ${LOG_PATHS_MAX}, each at most 4096 characters without ` +
      "< > \" ' | * ? [ ], or nothing",
    meaning:
      "Files and folders that Amazon GameLift uploads when the process has ended, relative to the launch path or below `/local/game/`.",
    isList: true,
    parse: (text) => (text === "" ? [] : logPaths(text)),
  }),
  collectors: setting({
    key: "collectors",
    defaultText: "off",
    allowed: "off, agent, gl-otel, both or stdout",
    meaning:
      "Who collects on this machine: the CloudWatch agent, Amazon's collector for GameLift metrics (gl-otel), or both. `stdout`: CloudWatch metrics are log lines on standard output, as in containers. `/metrics` on the admin port is there in any case. See [SIDECAR.md](SIDECAR.md).",
    parse: oneOf<Collectors>("off", "agent", "gl-otel", "both", "stdout"),
  }),
  targetsDir: setting({
    key: "targetsDir",
    defaultText: "",
    defaultNote: "`targets` on a fleet whose `COLLECTORS` are `agent` or `both`, otherwise none",
    allowed: "the path of a directory, or nothing",
    meaning:
      "Where the process says, in a file of its own, which port its metrics are on; Prometheus and the CloudWatch agent find it there.",
    parse: path,
  }),
  adminHost: setting({
    key: "adminHost",
    defaultText: "127.0.0.1",
    allowed: "an IP address or localhost",
    meaning:
      "The address on which the admin port listens. Any other than this machine's own needs `ADMIN_TOKEN` and `ADMIN_PEERS`.",
    parse: (text) => (text === "localhost" || isIP(text) !== 0 ? text : undefined),
  }),
  adminPeers: setting({
    key: "adminPeers",
    defaultText: "",
    defaultNote: "none",
    allowed: `IP addresses, or blocks such as 10.0.0.0/8 or 2001:db8::/32, separated by commas, at most ${PROXIES_MAX}`,
    meaning: "Who else than this machine may connect to the admin port.",
    isList: true,
    parse: addressBlocks,
  }),
  adminToken: setting({
    key: "adminToken",
    defaultText: "",
    defaultNote: "none",
    allowed: "16 to 256 visible ASCII characters, or nothing",
    meaning:
      "What metrics and the live view ask for, as `Authorization: Bearer`; `/healthz` answers this machine without it.",
    isSecret: true,
    parse: matching(ADMIN_TOKEN),
  }),
};
