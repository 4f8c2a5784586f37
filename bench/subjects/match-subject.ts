import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
// biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
import { start } from "../../test/support/adapter.mjs";
import { answerFileOf, type Dump, type Order, type OrderAnswer } from "../match/conducted-match.ts";
import type { MatchPlan } from "../match/match-plan.ts";
import type { DialectName } from "../swarm/dialects.ts";
import type { Way } from "../swarm/player.ts";
import type { CertificateFiles } from "./certificate-files.ts";
import { ourProgram } from "./programs.ts";
import {
  COLLECT,
  pin,
  playerSessions,
  ROOT,
  SERVER_CORE,
  type Subject,
  startPeer,
  tlsSettings,
} from "./subject.ts";

const ANSWER_TIMEOUT_MS = 5_000;
const ANSWER_LOOK_MS = 5;

/** Which server plays the reference match, and how. */
export type Side =
  | "ours"
  | "ours-schema"
  | "colyseus"
  | "colyseus-input"
  | "colyseus-views"
  | "ws"
  | "ws-delta"
  | "socket.io"
  | "floor";

/** How clients speak to each. */
export const SPOKEN: Readonly<Record<Side, { way: Way; dialect: DialectName }>> = {
  ours: { way: "play", dialect: "ours" },
  "ours-schema": { way: "play", dialect: "ours-schema" },
  colyseus: { way: "stock", dialect: "colyseus" },
  "colyseus-input": { way: "stock", dialect: "colyseus-input" },
  "colyseus-views": { way: "stock", dialect: "colyseus" },
  ws: { way: "plain", dialect: "float32" },
  "ws-delta": { way: "plain", dialect: "deltas" },
  "socket.io": { way: "socket.io", dialect: "socket.io" },
  floor: { way: "plain", dialect: "float32" },
};

const PROGRAMS: Readonly<Partial<Record<Side, readonly [file: string, ...words: string[]]>>> = {
  colyseus: ["match-colyseus.ts", "messages"],
  "colyseus-input": ["match-colyseus.ts", "inputs"],
  "colyseus-views": ["match-colyseus.ts", "views"],
  ws: ["match-ws.ts", "floats"],
  "ws-delta": ["match-ws.ts", "deltas"],
  "socket.io": ["match-socket-io.ts"],
  floor: ["match-floor.ts"],
};

export interface MatchSettings extends Omit<MatchPlan, "orderFile"> {
  /** Of snapshots for one client, on ours; the server's own default if it is missing. */
  readonly bytesPerSecond?: number;
}

/** A server that hosts one reference match, and does as it is told. */
export interface MatchSubject extends Subject {
  /** Where its metrics are, if it has any. */
  readonly adminPort: number | undefined;
  /** @param messageBytes - Of each message, for a server that sends nothing of its own. */
  run(messageBytes?: number): Promise<void>;
  /** @returns When each step since `run` began, milliseconds. */
  stand(): Promise<readonly number[]>;
  /** What the next step makes. The match must run. */
  dump(): Promise<Dump>;
}

export async function startMatch(
  side: Side,
  settings: MatchSettings,
  tls: CertificateFiles | undefined,
): Promise<MatchSubject> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-bench-match-"));
  const plan: MatchPlan = { ...settings, orderFile: path.join(folder, "order.json") };
  const server = await startSide(side, plan, settings, tls);
  const orders = new Orders(server.pid, plan.orderFile);
  return {
    ...server,
    run: async (messageBytes) =>
      void (await orders.give("run", messageBytes === undefined ? {} : { messageBytes })),
    stand: async () => (await orders.give("stand")).beganMs,
    dump: async () => (await orders.give("dump")).dump,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function startSide(
  side: Side,
  plan: MatchPlan,
  { bytesPerSecond }: MatchSettings,
  tls: CertificateFiles | undefined,
): Promise<Subject & { adminPort: number | undefined }> {
  const [file, ...words] = PROGRAMS[side] ?? [];
  if (file === undefined) {
    const replication = side === "ours-schema" ? "schema" : "snapshots";
    return startOurs(plan, { replication, bytesPerSecond }, tls);
  }
  const peer = await startPeer(file, [JSON.stringify(plan), ...words], tls);
  return { ...peer, adminPort: undefined };
}

/** Our own server, as it was built, with the local fleet. */
async function startOurs(
  plan: MatchPlan,
  how: { replication: "snapshots" | "schema"; bytesPerSecond: number | undefined },
  tls: CertificateFiles | undefined,
): Promise<Subject & { adminPort: number }> {
  const server = await start({
    dir: ROOT,
    program: ourProgram(),
    room: "match",
    tickRateHz: plan.tickRateHz,
    session: {
      gameSession: {
        gameSessionData: JSON.stringify(plan),
        maximumPlayerSessionCount: Math.max(2, plan.players),
      },
      playerSessions: playerSessions(plan.players),
    },
    env: {
      FLEETROOM_REPLICATION: how.replication,
      ...(how.bytesPerSecond !== undefined && {
        FLEETROOM_SNAPSHOT_BYTES_PER_SECOND: String(how.bytesPerSecond),
      }),
      NODE_OPTIONS: COLLECT,
      ...tlsSettings(tls),
    },
  });
  pin(server.pid, SERVER_CORE);
  const stop = async () => void (await server.stop("SIGKILL"));
  return { pid: server.pid, port: server.port, adminPort: server.adminPort, roomId: "match", stop };
}

type AnswerTo<Kind extends Order["do"]> = OrderAnswer & { readonly did: Kind };

/** The bench's end of the order file. */
class Orders {
  readonly #pid: number;
  readonly #file: string;
  #nth = 0;

  constructor(pid: number, file: string) {
    this.#pid = pid;
    this.#file = file;
  }

  async give<Kind extends Order["do"]>(
    kind: Kind,
    more: Pick<Order, "messageBytes"> = {},
  ): Promise<AnswerTo<Kind>> {
    const nth = ++this.#nth;
    writeFileSync(this.#file, JSON.stringify({ nth, do: kind, ...more } satisfies Order));
    process.kill(this.#pid, "SIGUSR2");
    const deadlineMs = performance.now() + ANSWER_TIMEOUT_MS;
    for (;;) {
      const answer = this.#answer();
      if (answer?.nth === nth) return answer as AnswerTo<Kind>;
      if (performance.now() > deadlineMs) throw new Error(`the match did not ${kind}`);
      await delay(ANSWER_LOOK_MS);
    }
  }

  #answer(): OrderAnswer | undefined {
    const file = answerFileOf(this.#file);
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as OrderAnswer) : undefined;
  }
}
