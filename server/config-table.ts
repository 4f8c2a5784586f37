/**
 * Every setting of the server: its name, default, what is allowed and what it means.
 * The reader (`config.ts`) and the page (`docs/CONFIGURATION.md`) are both driven by this table.
 * @module
 */
import { isIP } from "node:net";
import { awsSettings } from "./config-aws-settings.ts";
import { replicationSettings } from "./config-replication-settings.ts";
import { setting } from "./config-setting.ts";
import { telemetrySettings } from "./config-telemetry-settings.ts";
import {
  addressBlocks,
  boolean,
  integer,
  matching,
  ORIGINS_MAX,
  oneOf,
  origins,
  PORT_CANDIDATES_MAX,
  PROXIES_MAX,
  path,
  ports,
  resultsUrl,
} from "./config-values.ts";

export type TlsMode = "off" | "optional" | "required";
export type BackfillMode = "auto" | "off";
export type FleetKind = "local" | "gamelift";

const PORTS_ALLOWED =
  `a port 1 to 65535, a range or a list such as 8443,2083,7000-7049 ` +
  `(at most ${PORT_CANDIDATES_MAX} ports), or 0 for any free one`;

/** In the order of the page. */
export const settings = {
  config: setting({
    key: "config",
    defaultText: "fleetroom.json",
    allowed: "the path of a JSON file",
    meaning:
      "The configuration file, relative to the working directory. The default one may be missing; a named one may not.",
    isInFile: false,
    parse: (text) => (text === "" ? undefined : path(text)),
  }),
  fleet: setting({
    key: "fleet",
    defaultText: "",
    defaultNote:
      "`gamelift` when a `GAMELIFT_SDK_*` or container variable is set, otherwise `local`",
    allowed: "local or gamelift",
    meaning:
      "Who says which players may join: Amazon GameLift, or the fake validator inside the process.",
    parse: oneOf<FleetKind>("local", "gamelift"),
  }),
  room: setting({
    key: "room",
    defaultText: "",
    defaultNote: "the first of the rooms; `arena` of the built-in ones",
    allowed: "a room's name: 1 to 64 of A-Z a-z 0-9 _ -",
    meaning:
      "The game that this process hosts, unless the game property `room` of a game session names another of the rooms.",
    parse: matching(/^[A-Za-z0-9_-]{1,64}$/),
  }),
  rooms: setting({
    key: "rooms",
    defaultText: "",
    defaultNote: "the built-in rooms",
    allowed: "the path of a module, or nothing",
    meaning: "A module that maps names to Simulations or Colyseus Room classes.",
    parse: path,
  }),
  host: setting({
    key: "host",
    defaultText: "",
    defaultNote: "`127.0.0.1` with the local fleet, otherwise `0.0.0.0`",
    allowed: "an IP address or localhost",
    meaning: "The address on which the game port listens.",
    parse: (text) => (text === "localhost" || isIP(text) !== 0 ? text : undefined),
  }),
  port: setting({
    key: "port",
    defaultText: "7000-7049",
    allowed: PORTS_ALLOWED,
    meaning:
      "The game port; the first free one is taken. `0` only with the local fleet: a fleet opens chosen ports, at most 60000.",
    isList: true,
    parse: ports,
  }),
  adminPort: setting({
    key: "adminPort",
    defaultText: "0",
    allowed: PORTS_ALLOWED,
    meaning: "The port for health checks, metrics and the live view; the first free one is taken.",
    isList: true,
    parse: ports,
  }),
  tickRateHz: setting({
    key: "tickRateHz",
    defaultText: "",
    defaultNote: "the game's own rate",
    allowed: "a whole number 10 to 128, or nothing",
    meaning: "Steps of the game per second.",
    parse: (text): number | "game" | undefined => (text === "" ? "game" : integer(10, 128)(text)),
  }),
  ...replicationSettings,
  origins: setting({
    key: "origins",
    defaultText: "",
    defaultNote: "none",
    allowed: `web origins such as https://play.example.com, separated by commas, at most ${ORIGINS_MAX}`,
    meaning:
      "Web pages that may join, by origin. Clients that are no web page send none and may always try; with the local fleet pages from this machine may too.",
    isList: true,
    parse: origins,
  }),
  reconnectSeconds: setting({
    key: "reconnectSeconds",
    defaultText: "20",
    allowed: "a whole number 0 to 120",
    meaning: "How long a dropped player's seat is kept, in seconds; `0` disables reconnection.",
    parse: integer(0, 120),
  }),
  drainMs: setting({
    key: "drainMs",
    defaultText: "10000",
    allowed: "a whole number 1000 to 300000",
    meaning: "How long the server may take to stop after SIGTERM or SIGINT, in milliseconds.",
    parse: integer(1_000, 300_000),
  }),
  resultsSeconds: setting({
    key: "resultsSeconds",
    defaultText: "10",
    allowed: "a whole number 0 to 60",
    meaning: "How long players see the results before they are disconnected, in seconds.",
    parse: integer(0, 60),
  }),
  activationSeconds: setting({
    key: "activationSeconds",
    defaultText: "50",
    allowed: "a whole number 1 to 600",
    meaning:
      "A game session whose room is not open after so long, in seconds, or which the fleet could not be told of, has failed. Keep it below what the fleet allows an activation.",
    parse: integer(1, 600),
  }),
  nobodyCameSeconds: setting({
    key: "nobodyCameSeconds",
    defaultText: "",
    defaultNote: "`120` on a fleet, `0` with the local fleet",
    allowed: "a whole number 0 to 86400",
    meaning:
      "A game session to which no player has come is ended after so long, in seconds; `0` means never. A fleet keeps a player's reservation for 60 seconds, so at twice that nobody is on the way.",
    parse: integer(0, 86_400),
  }),
  emptySeconds: setting({
    key: "emptySeconds",
    defaultText: "30",
    allowed: "a whole number 0 to 86400",
    meaning:
      "A match that all players have left for good is ended after so long, in seconds; `0` means never. A hosted Colyseus room ends by its own rule.",
    parse: integer(0, 86_400),
  }),
  matchSecondsMax: setting({
    key: "matchSecondsMax",
    defaultText: "0",
    allowed: "a whole number 0 to 604800",
    meaning:
      "A match that is still played after so long, in seconds, is ended as `aborted`; `0` means never.",
    parse: integer(0, 604_800),
  }),
  backfill: setting({
    key: "backfill",
    defaultText: "auto",
    allowed: "auto or off",
    meaning:
      "Whether a matchmaker is asked for others in place of players who left: `auto` does so in matches that a matchmaker made whose configuration leaves it to the game (manual backfill).",
    parse: oneOf<BackfillMode>("auto", "off"),
  }),
  acceptTimeoutMs: setting({
    key: "acceptTimeoutMs",
    defaultText: "2000",
    allowed: "a whole number 100 to 10000",
    meaning:
      "How long the fleet may take to accept a player session, in milliseconds; then the join is refused.",
    parse: integer(100, 10_000),
  }),
  journalDir: setting({
    key: "journalDir",
    defaultText: ".fleetroom/journals",
    allowed: "the path of a directory, or nothing",
    meaning: "Where matches are recorded for replay, one file each; empty disables it.",
    parse: path,
  }),
  resultsDir: setting({
    key: "resultsDir",
    defaultText: ".fleetroom/results",
    allowed: "the path of a directory, or nothing",
    meaning: "Where match results are written, one JSON file each; empty disables it.",
    parse: path,
  }),
  resultsUrl: setting({
    key: "resultsUrl",
    defaultText: "",
    defaultNote: "none",
    allowed: "an http or https URL without user name, password or fragment, or nothing",
    meaning: "Where match results are posted as JSON.",
    isHidden: true,
    parse: resultsUrl,
  }),
  resultsToken: setting({
    key: "resultsToken",
    defaultText: "",
    defaultNote: "none",
    allowed: "1 to 1024 visible ASCII characters, or nothing",
    meaning: "Sent with each posted result as `Authorization: Bearer`.",
    isSecret: true,
    parse: matching(/^[\x21-\x7e]{0,1024}$/),
  }),
  localSession: setting({
    key: "localSession",
    defaultText: "",
    defaultNote: "`MAX_PLAYERS` generated ids",
    allowed: "the path of a JSON file, or nothing",
    meaning:
      "Describes the local fleet's game session, player sessions and faults; watched for edits. Only with the local fleet.",
    parse: path,
  }),
  maxPlayers: setting({
    key: "maxPlayers",
    defaultText: "32",
    allowed: "a whole number 1 to 1024",
    meaning:
      "Player sessions of the local fleet's game session; without effect when the file of `LOCAL_SESSION` lists them.",
    parse: integer(1, 1024),
  }),
  ...awsSettings,
  unadmittedPerAddress: setting({
    key: "unadmittedPerAddress",
    defaultText: "64",
    allowed: "a whole number 1 to 4096",
    meaning:
      "Connections from one address (IPv4, or IPv6 /64) that have no seat yet, at once; more are dropped. Players do not count.",
    parse: integer(1, 4096),
  }),
  joinsPerAddress: setting({
    key: "joinsPerAddress",
    defaultText: "40",
    allowed: "a whole number 1 to 100000",
    meaning:
      "Joins from one address that are under way or led to nothing within 10 seconds; one more is told to try again. Joins that led to a seat do not count.",
    parse: integer(1, 100_000),
  }),
  trustedProxies: setting({
    key: "trustedProxies",
    defaultText: "",
    defaultNote: "none",
    allowed: `IP addresses, or blocks such as 10.0.0.0/8 or 2001:db8::/32, separated by commas, at most ${PROXIES_MAX}`,
    meaning:
      "Whose `X-Forwarded-For` is believed: the visitor of an HTTP request or upgrade is then the rightmost address in it that is none of these. A proxy must append the address that it sees. Without it, and over TCP, the socket's address counts.",
    isList: true,
    parse: addressBlocks,
  }),
  limitLoopback: setting({
    key: "limitLoopback",
    defaultText: "0",
    allowed: "0 or 1, also false or true",
    meaning: "`1` applies the limits per address to connections from this machine, too.",
    parse: boolean,
  }),
  tls: setting({
    key: "tls",
    defaultText: "",
    defaultNote: "`required` with a certificate, otherwise `off`",
    allowed: "off, optional or required",
    meaning:
      "Whether the game port speaks TLS (https, wss, or TCP inside TLS). `optional` takes plain connections beside it, on which player session ids can be read on the way.",
    parse: oneOf<TlsMode>("off", "optional", "required"),
  }),
  tlsCert: setting({
    key: "tlsCert",
    defaultText: "",
    defaultNote: "none",
    allowed: "the path of a file, or nothing",
    meaning:
      "The certificate of the game port in PEM, followed by those that lead to a root; together with `TLS_KEY`. Both are watched: a changed pair is taken within seconds.",
    parse: path,
  }),
  tlsKey: setting({
    key: "tlsKey",
    defaultText: "",
    defaultNote: "none",
    allowed: "the path of a file, or nothing",
    meaning: "The private key of `TLS_CERT` in PEM, without a password.",
    parse: path,
  }),
  tlsDir: setting({
    key: "tlsDir",
    defaultText: "",
    defaultNote: "none",
    allowed: "the path of a directory, or nothing",
    meaning:
      "Instead of `TLS_CERT` and `TLS_KEY`: a directory as GameLift's GetComputeCertificate names it, with `certificate.pem`, `privateKey.pem` and perhaps `certificateChain.pem`.",
    parse: path,
  }),
  tlsHandshakesPerSecond: setting({
    key: "tlsHandshakesPerSecond",
    defaultText: "100",
    allowed: "a whole number 1 to 10000",
    meaning:
      "TLS handshakes that may begin in a second, twice as many at once; more connections are dropped before any cryptography. One address may have half of what may be at once, then a quarter a second. One costs up to a millisecond of CPU, so 100 take a tenth of a core.",
    parse: integer(1, 10_000),
  }),
  clientMessagesPerSecond: setting({
    key: "clientMessagesPerSecond",
    defaultText: "400",
    allowed: "a whole number 10 to 10000",
    meaning:
      "Messages, pings and pongs of one client in a second, and as many at once; one more closes it with 4416. The default is three a step at the highest tick rate.",
    parse: integer(10, 10_000),
  }),
  clientBytesPerSecond: setting({
    key: "clientBytesPerSecond",
    defaultText: "65536",
    allowed: "a whole number 4096 to 67108864",
    meaning:
      "Bytes of one client's messages in a second, twice as many at once; more close it with 4416.",
    parse: integer(4096, 64 * 1024 * 1024),
  }),
  idleSeconds: setting({
    key: "idleSeconds",
    defaultText: "900",
    allowed: "a whole number 0 to 86400",
    meaning:
      "A client that sends no message for so long, in seconds, is closed with 4417 and gives its seat up; pings and answers to them are no messages. `0` turns it off, for games whose players may merely watch.",
    parse: integer(0, 86_400),
  }),
  sendQueueBytes: setting({
    key: "sendQueueBytes",
    defaultText: "262144",
    allowed: "a whole number 4096 to 67108864",
    meaning:
      "Bytes that may wait in this process for one client; beyond them it is closed with 4415. One full state on its way does not count.",
    parse: integer(4096, 64 * 1024 * 1024),
  }),
  sendQueueSoftBytes: setting({
    key: "sendQueueSoftBytes",
    defaultText: "65536",
    allowed: "a whole number 4096 to 67108864",
    meaning: "Bytes of which more may wait for one client for 5 seconds only.",
    parse: integer(4096, 64 * 1024 * 1024),
  }),
  ...telemetrySettings,
  allowInsecure: setting({
    key: "allowInsecure",
    defaultText: "0",
    allowed: "0 or 1, also false or true",
    meaning: "`1` lets the local fleet listen on addresses that other machines reach.",
    parse: boolean,
  }),
};

export type SettingName = keyof typeof settings;
/** What a setting's parser gives. */
export type SettingValue<Name extends SettingName> = Exclude<
  ReturnType<(typeof settings)[Name]["parse"]>,
  undefined
>;

/** `adminPort` -> `FLEETROOM_ADMIN_PORT`. */
export function environmentName(key: string): string {
  return `FLEETROOM_${key.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
}

/** `adminPort` -> `--admin-port`. */
export function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, "-$&").toLowerCase()}`;
}
