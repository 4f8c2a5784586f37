import { Reading } from "../../../emulator/verify/reading.ts";
import { Recorder } from "../../../emulator/verify/recorder.ts";
import type { Client, Stage } from "../../../emulator/verify/stage.ts";
import type { LifeName, Role, Step, Terms } from "../../../emulator/verify/trace.ts";
import type { FakeClock } from "../../support/fake-clock.ts";

/** What a server that is right does in a life; a scripted one leaves one of them out. */
export const DEEDS = [
  "connect",
  "be ready",
  "report",
  "activate",
  "accept",
  "refuse",
  "remove",
  "come back",
  "refresh",
  "close",
  "say goodbye",
  "exit",
] as const;
export type Deed = (typeof DEEDS)[number];

export const TERMS: Terms = {
  hasClient: true,
  initializationMs: 300_000,
  readyMs: 300_000,
  firstReportMs: 60_000,
  reportMs: 60_000,
  reportsWanted: 1,
  activationMs: 300_000,
  terminationMs: 30_000,
  exitMs: 30_000,
  patienceMs: 30_000,
  openPorts: [],
};

const SOON_MS = 10;
const ADMITTED: readonly Role[] = ["stays", "leaves", "after-link", "during-refresh"];

/** A server, a service and clients in a few lines: what they do comes 10 ms after its cause. */
export class ScriptedStage implements Stage {
  readonly recorder: Recorder;
  readonly reading: Reading;
  readonly calls: string[] = [];
  readonly #clock: FakeClock;
  readonly #missing: Deed | undefined;
  readonly #gone = new Set<number>();
  #clients = 0;
  #connections = 0;
  #ids = 0;
  #isCrashed = false;

  constructor(clock: FakeClock, life: LifeName, terms: Terms, missing?: Deed) {
    this.#clock = clock;
    this.#missing = missing;
    this.recorder = new Recorder(clock);
    this.reading = new Reading(this.recorder.trace(life, terms));
  }

  startServer(): void {
    this.#step("start-server");
    this.#soon("connect", () => {
      this.#connect();
      this.#soon("be ready", () => {
        this.#request("ActivateServerProcess", { Port: 7777 });
        this.#reportAgain();
      });
    });
  }

  async probe(port: number): Promise<void> {
    this.calls.push(`probe ${port}`);
    this.recorder.add({ kind: "probed", port, found: "tcp" });
  }

  createGameSession(): boolean {
    this.#step("create-game-session");
    this.#soon("activate", () => this.#request("ActivateGameSession"));
    return true;
  }

  reserve = (): string => `psess-${++this.#ids}`;
  expired = (): string => `expired-${++this.#ids}`;
  unknown = (): string => `unknown-${++this.#ids}`;
  foreign = (): string => `foreign-${++this.#ids}`;

  updateGameSession(reason: string): void {
    this.#step("update-game-session", reason);
  }

  cutLink(): void {
    this.#step("cut-link");
    this.recorder.add({ kind: "disconnected", connection: this.#connections, code: 1006 });
    this.#soon("come back", () => this.#connect());
  }

  refreshConnection(): void {
    this.#step("refresh-connection");
    const old = this.#connections;
    this.#soon("refresh", () => {
      this.#connect();
      this.#soon("close", () =>
        this.recorder.add({ kind: "disconnected", connection: old, code: 1001 }),
      );
    });
  }

  holdAnswers(action: string, delayMs: number): void {
    this.calls.push(`hold ${action} ${delayMs}`);
  }

  closeWith1001(): void {
    this.#step("close-1001");
    this.#exit();
  }

  terminateProcess(): void {
    this.#step("terminate-process");
    this.#soon("say goodbye", () => {
      this.#request("TerminateServerProcess");
      this.#exit();
    });
  }

  startClient(role: Role, playerSessionId: string): Client {
    const number = ++this.#clients;
    this.calls.push(`client ${role}`);
    this.recorder.add({ kind: "client-started", client: number, role, playerSessionId });
    const accept = () => this.#request("AcceptPlayerSession", { PlayerSessionId: playerSessionId });
    if (ADMITTED.includes(role)) this.#soon("accept", accept);
    else this.#soon("refuse", () => this.#leave(number, 1));
    return { number, role, playerSessionId };
  }

  async dismiss({ number, role, playerSessionId }: Client): Promise<void> {
    if (this.#gone.has(number)) return;
    this.recorder.add({ kind: "client-told-to-leave", client: number });
    this.#leave(number, 0);
    if (!ADMITTED.includes(role)) return;
    this.#soon("remove", () =>
      this.#request("RemovePlayerSession", { PlayerSessionId: playerSessionId }),
    );
  }

  async end(): Promise<void> {
    this.calls.push("end");
  }

  /** The server ends without a word. */
  crash(): void {
    this.#isCrashed = true;
    this.recorder.add({ kind: "exited", code: 1, signal: null });
  }

  #reportAgain(): void {
    this.#soon("report", () => this.#request("HeartbeatServerProcess", { HealthStatus: true }));
    this.#clock.after(TERMS.reportMs, () => this.#reportAgain());
  }

  #exit(): void {
    this.#soon("exit", () => this.recorder.add({ kind: "exited", code: 0, signal: null }));
  }

  #leave(client: number, code: number): void {
    this.#gone.add(client);
    this.recorder.add({ kind: "client-gone", client, code, signal: null });
  }

  #connect(): void {
    this.recorder.add({
      kind: "connected",
      connection: ++this.#connections,
      parameters: [],
      sdkVersion: "",
      sdkLanguage: "",
      idempotencyToken: 1,
      authToken: 1,
    });
  }

  #request(action: string, members: Readonly<Record<string, unknown>> = {}): void {
    this.recorder.add({
      kind: "request",
      connection: this.#connections,
      action,
      requestId: `${++this.#ids}`,
      members,
      statusCode: 200,
      problems: [],
      isRepeat: false,
    });
  }

  #soon(deed: Deed, act: () => void): void {
    if (deed === this.#missing) return;
    this.#clock.after(SOON_MS, () => {
      if (!this.#isCrashed) act();
    });
  }

  #step(step: Step, detail?: string): void {
    this.calls.push(step);
    this.recorder.add({ kind: "step", step, ...(detail !== undefined && { detail }) });
  }
}
