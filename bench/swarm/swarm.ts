import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import type { Dump } from "../match/conducted-match.ts";
import { pin, playerSessionId, type Subject, SWARM_CORE } from "../subjects/subject.ts";
import type { DialectName } from "./dialects.ts";
import type { Known, Played, Unknown } from "./match-load.ts";
import type { Answers, Numbered, Order, Reply } from "./orders.ts";
import type { Goal, Received, Way } from "./player.ts";
import type { SlowEnd } from "./slow-watch.ts";

/** Nothing that the swarm is asked for takes longer. */
const ORDER_TIMEOUT_MS = 60_000;

/** How players of the reference match come. */
export interface MatchGroup {
  readonly way: Way;
  readonly dialect: DialectName;
  readonly tickRateHz: number;
  readonly count: number;
  /** How many of them decode what they are sent. */
  readonly probes: number;
  readonly atOnce: number;
}

/** The bench's end of the load process. */
export class Swarm {
  readonly #child: ChildProcess;
  /** Player sessions of each server that were used; each serves once. */
  readonly #used = new Map<Subject, number>();
  #orders = 0;

  /** @param certFile - With it the load speaks TLS to every server, and trusts this certificate alone. */
  constructor(certFile: string | undefined) {
    const words = certFile === undefined ? [] : [certFile];
    this.#child = fork(path.join(import.meta.dirname, "main.ts"), words);
    // Every order under way listens.
    this.#child.setMaxListeners(0);
    if (this.#child.pid !== undefined) pin(this.#child.pid, SWARM_CORE);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Brings `count` clients in. @returns How long each took, milliseconds. */
  open(group: string, subject: Subject, way: Way, count: number, atOnce = count) {
    const goals = this.#goals(subject, way, count);
    return this.#order("open", { do: "open", group, goals, atOnce });
  }

  /** The same with players of the reference match. */
  openMatch(group: string, subject: Subject, how: MatchGroup) {
    const { way, count, ...rest } = how;
    const goals = this.#goals(subject, way, count);
    return this.#order("openMatch", { do: "openMatch", group, goals, ...rest });
  }

  /** @param forMs - Less than a minute. */
  playMatch(group: string, forMs: number): Promise<Played> {
    return this.#order("playMatch", { do: "playMatch", group, forMs });
  }

  /** Others join the match, whom the server may end. */
  async openSlow(
    group: string,
    subject: Subject,
    { way, count, decode }: { way: Way; count: number; decode: boolean },
  ): Promise<void> {
    const goals = this.#goals(subject, way, count).map((goal) => ({ ...goal, mayBeEnded: true }));
    await this.#order("openSlow", { do: "openSlow", group, goals, decode });
  }

  /** @param part - Of those: 0 for the first half, 1 for the second. */
  async stall(group: string, part: 0 | 1, forMs: number): Promise<void> {
    await this.#order("stall", { do: "stall", group, part, forMs });
  }

  slowEnds(group: string): Promise<readonly SlowEnd[]> {
    return this.#order("slowEnds", { do: "slowEnds", group });
  }

  async keepStates(group: string): Promise<void> {
    await this.#order("keepStates", { do: "keepStates", group });
  }

  /** What each probe knew at the tick of a dump. */
  async statesAt(group: string, dump: Dump): Promise<(Known | Unknown)[]> {
    const states = await this.#order("statesAt", { do: "statesAt", group, dump });
    return states.map((known) =>
      "why" in known ? known : { ownId: known.ownId, bodies: new Map(known.bodies) },
    );
  }

  #goals(subject: Subject, way: Way, count: number): Goal[] {
    const used = this.#used.get(subject) ?? 0;
    this.#used.set(subject, used + count);
    return Array.from({ length: count }, (_, index) => ({
      port: subject.port,
      roomId: subject.roomId,
      way,
      playerSessionId: subject.playerSessionIds?.[used + index] ?? playerSessionId(used + index),
    }));
  }

  async close(group: string): Promise<void> {
    await this.#order("close", { do: "close", group });
  }

  async run(group: string, messages: number): Promise<void> {
    await this.#order("run", { do: "run", group, isRunning: true, messages });
  }

  stand(group: string): Promise<Answers["run"]> {
    return this.#order("run", { do: "run", group, isRunning: false, messages: 0 });
  }

  /** @param isAwake - Whether the load spins, so that no server's write has to wake it. */
  async stayAwake(isAwake: boolean): Promise<void> {
    await this.#order("stayAwake", { do: "stayAwake", isAwake });
  }

  command(group: string, forMs: number): Promise<number> {
    return this.#order("command", { do: "command", group, forMs, plays: false });
  }

  /** @param forMs - Less than a minute. @returns How many commands were sent. */
  play(group: string, forMs: number): Promise<number> {
    return this.#order("command", { do: "command", group, forMs, plays: true });
  }

  count(group: string): Promise<Received> {
    return this.#order("count", { do: "count", group });
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  #order<Kind extends Order["do"]>(
    _kind: Kind,
    order: Order & { readonly do: Kind },
  ): Promise<Answers[Kind]> {
    const nth = ++this.#orders;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => done(new Error(`"${order.do}" took too long`)),
        ORDER_TIMEOUT_MS,
      );
      const onMessage = ({ nth: answered, message: reply }: Numbered<Reply>) => {
        if (answered !== nth) return;
        if (reply.outcome === "failed")
          done(new Error(`${"group" in order ? order.group : order.do}: ${reply.why}`));
        else done(undefined, reply.answer as Answers[Kind]);
      };
      const onExit = () => done(new Error("the swarm ended"));
      const done = (error: Error | undefined, answer?: Answers[Kind]) => {
        clearTimeout(timer);
        this.#child.off("message", onMessage);
        this.#child.off("exit", onExit);
        if (error === undefined) resolve(answer as Answers[Kind]);
        else reject(error);
      };
      this.#child.on("message", onMessage);
      this.#child.on("exit", onExit);
      this.#child.send({ nth, message: order } satisfies Numbered<Order>);
    });
  }
}
