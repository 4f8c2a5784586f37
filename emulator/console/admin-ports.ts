/**
 * How servers on this machine are, in their own words. A server may answer `GET /healthz` on an admin port with a JSON
 * object; its member `port` says which server process it is, by the port that the process gave at ProcessReady. Nothing of
 * the kind is asked of a server: one that has no such port is shown without. Only ports that the operator named are asked,
 * on 127.0.0.1 alone.
 * @module
 */
import { get } from "node:http";
import type { Clock } from "../clock.ts";
import type { ServerProcess } from "../plane/records.ts";
import { CONSOLE_LIMITS } from "./limits.ts";

/** Flat, and bounded in count and length. */
type AdminAnswer = Readonly<Record<string, string | number | boolean>>;

export interface ProcessIdentity {
  readonly fleetId: string;
  readonly computeName: string;
  readonly processId: string;
}

export interface ServerHealth extends ProcessIdentity {
  readonly adminPort: number;
  readonly health: AdminAnswer;
}

interface Answered {
  readonly adminPort: number;
  readonly health: AdminAnswer;
}

export interface AdminPortsOptions {
  /** At most 200. */
  readonly ports: readonly number[];
  readonly clock: Clock;
  readonly processes: () => readonly ServerProcess[];
}

/** Asks the admin ports, at most once a second however many ask for it. */
export class AdminPorts {
  readonly #options: AdminPortsOptions;
  #asked: { readonly atMs: number; readonly answers: Promise<readonly Answered[]> } | undefined;

  constructor(options: AdminPortsOptions) {
    this.#options = options;
  }

  /** Never rejects; a port that does not answer in time is left out. */
  async read(): Promise<readonly ServerHealth[]> {
    const { clock, processes } = this.#options;
    const nowMs = clock.nowMs();
    if (this.#asked === undefined || nowMs - this.#asked.atMs >= CONSOLE_LIMITS.adminKeptMs) {
      this.#asked = { atMs: nowMs, answers: this.#ask() };
    }
    const answers = await this.#asked.answers;
    const living = processes().filter(({ state }) => state !== "ENDED");
    return answers.flatMap(({ adminPort, health }) => {
      // Two processes on two machines may have the same port: then nobody knows whose answer it is.
      const [process, another] = living.filter(({ port }) => port !== 0 && port === health["port"]);
      if (process === undefined || another !== undefined) return [];
      const { fleetId, computeName, processId } = process;
      return [{ fleetId, computeName, processId, adminPort, health }];
    });
  }

  /** Of a living process, from what was answered last; `undefined` when none of its own is known. */
  async portOf({ fleetId, computeName, processId }: ProcessIdentity): Promise<number | undefined> {
    const servers = await this.read();
    const found = servers.find(
      (server) =>
        server.processId === processId &&
        server.fleetId === fleetId &&
        server.computeName === computeName,
    );
    return found?.adminPort;
  }

  async #ask(): Promise<readonly Answered[]> {
    const ports = this.#options.ports.slice(0, CONSOLE_LIMITS.adminPortsMax);
    const answers: Answered[] = [];
    const waiting = [...ports];
    const askers = ports.slice(0, CONSOLE_LIMITS.adminAskedAtOnceMax).map(async () => {
      for (let port = waiting.shift(); port !== undefined; port = waiting.shift()) {
        const health = await askAdminPort(port, this.#options.clock);
        if (health !== undefined) answers.push({ adminPort: port, health });
      }
    });
    await Promise.all(askers);
    return answers;
  }
}

/** @returns `undefined` for what is no answer of an admin port, or comes too late. */
async function askAdminPort(port: number, clock: Clock): Promise<AdminAnswer | undefined> {
  const text = await new Promise<string | undefined>((resolve) => {
    const request = get({ host: "127.0.0.1", port, path: "/healthz", agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        body += piece;
        if (body.length <= CONSOLE_LIMITS.adminAnswerBytesMax) return;
        resolve(undefined);
        request.destroy();
      });
      response.on("end", () => resolve(body));
      response.on("error", () => resolve(undefined));
    });
    // Nobody listens there, or he is too slow.
    request.on("error", () => resolve(undefined));
    const cancel = clock.after(CONSOLE_LIMITS.adminTimeoutMs, () => request.destroy());
    request.on("close", () => {
      cancel();
      resolve(undefined);
    });
  });
  return text === undefined ? undefined : flatMembers(text);
}

function flatMembers(text: string): AdminAnswer | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const max = CONSOLE_LIMITS.adminTextCharsMax;
  const answer: Record<string, string | number | boolean> = {};
  for (const [name, member] of Object.entries(value).slice(0, CONSOLE_LIMITS.adminMembersMax)) {
    if (name.length > max || name === "__proto__") continue;
    if (typeof member === "string") answer[name] = member.slice(0, max);
    else if (typeof member === "number" || typeof member === "boolean") answer[name] = member;
  }
  return answer;
}
