import { createHash } from "node:crypto";
import type { ServerProcess } from "../plane/records.ts";
import { AnswerMemory } from "./answer-memory.ts";
import type { Connection } from "./connection.ts";
import type { Upgrade } from "./judge-upgrade.ts";
import { SERVICE_LIMITS } from "./limits.ts";
import { DocumentedRates } from "./rules/rates.ts";

type Credentials = Pick<Upgrade, "idempotencyToken" | "authorization">;

/** What the wire knows of a server process beside the control plane; it outlives every connection. */
export class ServedProcess {
  readonly process: ServerProcess;
  readonly answers = new AnswerMemory();
  readonly rates = new DocumentedRates();
  /** Open ones, oldest first. */
  readonly #connections = new Set<Connection>();
  /** IdempotencyTokens, oldest first, and the authorizations that came with them, as hashes. */
  readonly #upgrades = new Map<string, string>();
  #isAnswering = false;
  #afterAnswer: (() => void)[] = [];

  constructor(process: ServerProcess) {
    this.process = process;
  }

  get connections(): readonly Connection[] {
    return [...this.#connections];
  }

  /** Whether an upgrade goes on with a connection that was there before. */
  hasToken(idempotencyToken: string): boolean {
    return this.#upgrades.has(idempotencyToken);
  }

  /** The same, with the same right to it. */
  isKnown({ idempotencyToken, authorization }: Credentials): boolean {
    return this.#upgrades.get(idempotencyToken) === hashOf(authorization);
  }

  /** @returns The connection that must go for it, if there are too many. */
  connected(connection: Connection, { idempotencyToken, authorization }: Credentials) {
    this.#upgrades.delete(idempotencyToken);
    this.#upgrades.set(idempotencyToken, hashOf(authorization));
    if (this.#upgrades.size > SERVICE_LIMITS.upgradesKnownMax) {
      const [oldest = ""] = this.#upgrades.keys();
      this.#upgrades.delete(oldest);
    }
    this.#connections.add(connection);
    const [oldest] = this.#connections;
    return this.#connections.size > SERVICE_LIMITS.connectionsPerProcessMax ? oldest : undefined;
  }

  disconnected(connection: Connection): void {
    this.#connections.delete(connection);
  }

  /** Serves a request: what the control plane wants on the wire because of it goes out behind its answer. */
  answering(serve: () => void): void {
    this.#isAnswering = true;
    try {
      serve();
    } finally {
      this.#isAnswering = false;
    }
    const acts = this.#afterAnswer;
    this.#afterAnswer = [];
    for (const act of acts) act();
  }

  afterAnswer(act: () => void): void {
    if (this.#isAnswering) this.#afterAnswer.push(act);
    else act();
  }
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64");
}
