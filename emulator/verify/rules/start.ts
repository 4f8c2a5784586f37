import { VERIFY_LIMITS } from "../limits.ts";
import type { Reading, RequestEntry } from "../reading.ts";
import {
  broken,
  exitText,
  type Finding,
  kept,
  notReached,
  type Rule,
  timeText,
  warning,
} from "../rule.ts";

const PARAMETERS = ["pID", "sdkVersion", "sdkLanguage", "ComputeId", "FleetId", "Authorization"];
/** Since SDK 5.3; the service's use of it is not documented. */
const SINCE_5_3 = "IdempotencyToken";
const LOG_PATH_FORBIDDEN = /[<>"'|*?[\]]/;
const ABSOLUTE = /^(\/|[A-Za-z]:[\\/])/;
const GAME_FOLDER = /^(\/local\/game(\/|$)|[Cc]:[\\/]game([\\/]|$))/;

const connectsInTime: Rule = {
  id: "V1",
  name: "connects-in-time",
  demand:
    "A process connects to GAMELIFT_SDK_WEBSOCKET_URL (InitSDK) within 5 minutes of its start.",
  lives: ["match"],
  judge(reading) {
    const { terms, exited } = reading;
    const connected = reading.first("connected");
    if (connected !== undefined) return kept(`connected after ${timeText(connected.atMs)}`);
    const refused = reading.all("connection-refused").at(-1);
    const why = refused && `; its connection was refused with ${refused.status}: ${refused.why}`;
    if (exited !== undefined && reading.step("kill") === undefined)
      return broken(`it ended before it had connected (${exitText(exited)})${why ?? ""}`);
    return broken(`no connection within ${timeText(terms.initializationMs)}${why ?? ""}`);
  },
};

const identifiesItself: Rule = {
  id: "V2",
  name: "identifies-itself",
  demand:
    "Every connection names pID, ComputeId, FleetId and the token as the GAMELIFT_SDK_* variables give them, sdkVersion, sdkLanguage and an IdempotencyToken.",
  lives: ["match"],
  judge(reading) {
    const refused = reading
      .all("connection-refused")
      .find(({ atMs }) => atMs <= (reading.goodbye?.atMs ?? reading.endMs));
    if (refused !== undefined) return broken(`refused with ${refused.status}: ${refused.why}`);
    const connections = reading.all("connected");
    if (connections.length === 0) return notReached(reading);
    const missing = (name: string) =>
      connections.some(({ parameters }) => !parameters.includes(name));
    const without = PARAMETERS.filter(missing);
    if (without.length > 0) return broken(`a connection without ${without.join(", ")}`);
    if (missing(SINCE_5_3)) return warning(`a connection without ${SINCE_5_3}`);
    const { sdkLanguage, sdkVersion } = connections[0] ?? { sdkLanguage: "", sdkVersion: "" };
    return kept(`${connections.length} connections of SDK ${sdkLanguage} ${sdkVersion}`);
  },
};

const activatesProcess: Rule = {
  id: "V3",
  name: "activates-process",
  demand:
    "A process says that it is ready (ActivateServerProcess) within 5 minutes of its connection.",
  lives: ["match"],
  judge(reading) {
    const connected = reading.first("connected");
    if (connected === undefined) return notReached(reading);
    const { ready, exited, terms } = reading;
    if (ready !== undefined)
      return kept(`ready ${timeText(ready.atMs - connected.atMs)} after its connection`);
    const refused = reading.requests("ActivateServerProcess").at(-1);
    if (refused !== undefined)
      return broken(`the service answered ${refused.statusCode ?? "nothing"}`);
    if (exited !== undefined && reading.step("kill") === undefined)
      return broken(`it ended before it was ready (${exitText(exited)})`);
    return broken(`no ActivateServerProcess within ${timeText(terms.readyMs)}`);
  },
};

/** A rule about the members of the first ActivateServerProcess, granted or not. */
function ofActivation(
  rule: Omit<Rule, "judge" | "lives">,
  judge: (of: Members, reading: Reading) => Finding,
): Rule {
  return {
    ...rule,
    lives: ["match"],
    judge(reading) {
      const [request] = reading.requests("ActivateServerProcess");
      return request === undefined ? notReached(reading) : judge(request.members, reading);
    },
  };
}
type Members = RequestEntry["members"];

const namesValidPort = ofActivation(
  {
    id: "V4",
    name: "names-valid-port",
    demand: "ActivateServerProcess names a port from 1026 to 60000 which the fleet opens.",
  },
  ({ Port }, { terms: { openPorts } }) => {
    const { portMin, portMax } = VERIFY_LIMITS;
    const isPort = Number.isInteger(Port) && Number(Port) >= portMin && Number(Port) <= portMax;
    if (!isPort) return broken(`Port is ${JSON.stringify(Port)}`);
    const isOpen = openPorts.some(({ from, to }) => from <= Number(Port) && Number(Port) <= to);
    if (openPorts.length === 0 || isOpen) return kept(`port ${Port}`);
    const ranges = openPorts.map(({ from, to }) => (from === to ? from : `${from}-${to}`));
    return broken(`port ${Port}; the fleet opens ${ranges.join(", ")}`);
  },
);

const namesLogPaths = ofActivation(
  {
    id: "V5",
    name: "names-log-paths",
    demand:
      "ActivateServerProcess names at least one log path, relative or below /local/game/: GameLift's agent takes a process without one for one that never became ready.",
  },
  ({ LogPaths }) => {
    const paths: readonly unknown[] = Array.isArray(LogPaths) ? LogPaths : [];
    if (paths.length === 0) return broken(`LogPaths is ${JSON.stringify(LogPaths) ?? "missing"}`);
    const isBad = (path: unknown) =>
      typeof path !== "string" ||
      path === "" ||
      path.length > VERIFY_LIMITS.logPathCharsMax ||
      LOG_PATH_FORBIDDEN.test(path);
    const bad = paths.find(isBad);
    if (bad !== undefined)
      return broken(`the service does not take the path ${JSON.stringify(bad)}`);
    const elsewhere = paths.find(
      (path) => ABSOLUTE.test(String(path)) && !GAME_FOLDER.test(String(path)),
    );
    if (elsewhere !== undefined)
      return warning(`${JSON.stringify(elsewhere)} is below neither /local/game/ nor C:\\game\\`);
    return kept(paths.join(", "));
  },
);

const namesSdkVersion = ofActivation(
  {
    id: "V6",
    name: "names-sdk-version",
    demand: "ActivateServerProcess names SdkVersion, a 5.x, and SdkLanguage.",
  },
  ({ SdkVersion, SdkLanguage }) => {
    const isRight =
      typeof SdkVersion === "string" &&
      /^5\.\d+/.test(SdkVersion) &&
      typeof SdkLanguage === "string" &&
      SdkLanguage !== "";
    const text = `SdkVersion ${JSON.stringify(SdkVersion) ?? "missing"}, SdkLanguage ${JSON.stringify(SdkLanguage) ?? "missing"}`;
    return isRight ? kept(`${SdkLanguage} ${SdkVersion}`) : broken(text);
  },
);

const listensOnPort: Rule = {
  id: "V7",
  name: "listens-on-port",
  demand: "A process that is ready listens on the port that it named.",
  lives: ["match"],
  judge(reading) {
    const probed = reading.first("probed");
    if (probed === undefined) return notReached(reading);
    const { port, found } = probed;
    if (found === "nothing") return broken(`nobody listens on ${port}, neither TCP nor UDP`);
    return kept(found === "tcp" ? `${port} takes TCP connections` : `${port} is taken by UDP`);
  },
};

export const startRules = [
  connectsInTime,
  identifiesItself,
  activatesProcess,
  namesValidPort,
  namesLogPaths,
  namesSdkVersion,
  listensOnPort,
] as const;
