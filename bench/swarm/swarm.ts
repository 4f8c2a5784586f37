import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import { pin, playerSessionId, type Subject, SWARM_CORE } from "../subjects/subject.ts";
import type { Answers, Order, Reply } from "./orders.ts";
import type { Received, Way } from "./player.ts";

/** Nothing that the swarm is asked for takes longer. */
const ORDER_TIMEOUT_MS = 60_000;

/** The bench's end of the load process. One order at a time. */
export class Swarm {
  readonly #child: ChildProcess;
  /** Player sessions of each server that were used; each serves once. */
  readonly #used = new Map<Subject, number>();

  /** @param certFile - With it the load speaks TLS to every server, and trusts this certificate alone. */
  constructor(certFile: string | undefined) {
    const words = certFile === undefined ? [] : [certFile];
    this.#child = fork(path.join(import.meta.dirname, "main.ts"), words);
    if (this.#child.pid !== undefined) pin(this.#child.pid, SWARM_CORE);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Brings `count` clients in. @returns How long each took, milliseconds. */
  open(group: string, subject: Subject, way: Way, count: number, atOnce = count) {
    const used = this.#used.get(subject) ?? 0;
    this.#used.set(subject, used + count);
    const goals = Array.from({ length: count }, (_, index) => ({
      port: subject.port,
      roomId: subject.roomId,
      way,
      playerSessionId: subject.playerSessionIds?.[used + index] ?? playerSessionId(used + index),
    }));
    return this.#order("open", { do: "open", group, goals, atOnce });
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
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => done(new Error(`"${order.do}" took too long`)),
        ORDER_TIMEOUT_MS,
      );
      const onMessage = (reply: Reply) => {
        if (reply.outcome === "failed") done(new Error(`${order.group}: ${reply.why}`));
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
      this.#child.send(order);
    });
  }
}
