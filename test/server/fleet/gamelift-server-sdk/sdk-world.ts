import {
  ConnectFailure,
  type Connection,
  type ConnectionListener,
} from "../../../../server/fleet/gamelift-server-sdk/connection.ts";
import {
  type ProcessParameters,
  type SdkEvent,
  ServerSdk,
  type ServerSdkOptions,
} from "../../../../server/fleet/gamelift-server-sdk/index.ts";
import { FakeClock, settle } from "../../../support/fake-clock.ts";

export const FLEET_ID = "fleet-11111111-2222-3333-4444-555555555555";
export const GAME_SESSION_ID = `arn:aws:gamelift:us-west-2::gamesession/${FLEET_ID}/gsess-1`;
export const TOKEN = "secret-token";
export const ENVIRONMENT = {
  GAMELIFT_SDK_WEBSOCKET_URL: "wss://service.example",
  GAMELIFT_SDK_AUTH_TOKEN: TOKEN,
  GAMELIFT_SDK_PROCESS_ID: "process-1",
  GAMELIFT_SDK_HOST_ID: "host-1",
  GAMELIFT_SDK_FLEET_ID: FLEET_ID,
};

export interface SentRequest {
  readonly Action: string;
  readonly RequestId: string;
  readonly [member: string]: unknown;
}

/** The service's end of one connection; the test says what it answers. */
export class ServiceEnd implements Connection {
  readonly url: URL;
  readonly sent: SentRequest[] = [];
  isDiscarded = false;
  isCut = false;
  answersHeartbeats = true;
  #listener: ConnectionListener | undefined;
  readonly #early: string[] = [];

  constructor(url: string) {
    this.url = new URL(url);
  }

  listen(listener: ConnectionListener): void {
    this.#listener = listener;
    for (const text of this.#early) listener.onText(text);
  }

  send(text: string): void {
    const request: SentRequest = JSON.parse(text);
    this.sent.push(request);
    const { Action, RequestId } = request;
    if (Action !== "HeartbeatServerProcess" || !this.answersHeartbeats) return;
    queueMicrotask(() => this.say({ Action, RequestId, StatusCode: 200 }));
  }

  discard(): void {
    this.isDiscarded = true;
  }

  cut(): void {
    this.isCut = true;
    this.end(1006);
  }

  end(code: number): void {
    this.#listener?.onEnd({ code });
  }

  say(message: object | string): void {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    if (this.#listener === undefined) this.#early.push(text);
    else this.#listener.onText(text);
  }

  /** The last request of that action. */
  last(action: string): SentRequest {
    const found = this.sent.findLast((each) => each.Action === action);
    if (found === undefined) throw new Error(`no ${action} was sent`);
    return found;
  }

  count(action: string): number {
    return this.sent.filter((each) => each.Action === action).length;
  }

  async answer(action: string, members: object = {}): Promise<void> {
    const { RequestId } = this.last(action);
    this.say({ Action: action, RequestId, StatusCode: 200, ...members });
    await settle();
  }

  async refuse(action: string, StatusCode: number, ErrorMessage = "no"): Promise<void> {
    const { RequestId } = this.last(action);
    this.say({ Action: action, RequestId, StatusCode, ErrorMessage });
    await settle();
  }
}

/** An SDK whose clock, chance and network are the test's. */
export class SdkWorld {
  readonly clock = new FakeClock();
  readonly events: SdkEvent[] = [];
  readonly ends: ServiceEnd[] = [];
  /** What becomes of the next tries to connect; without one they succeed. */
  readonly tries: (number | "no answer" | "pending")[] = [];
  readonly exits: number[] = [];
  /** When each try began. */
  readonly triedAtMs: number[] = [];
  readonly urls: string[] = [];
  randomValue = 0.5;
  #ids = 0;

  options(over: Partial<ServerSdkOptions> = {}): ServerSdkOptions {
    return {
      environment: ENVIRONMENT,
      clock: this.clock,
      random: () => this.randomValue,
      newId: () => `id-${++this.#ids}`,
      onEvent: (event) => this.events.push(event),
      exit: (code) => this.exits.push(code),
      dial: (url) => this.#dial(url),
      ...over,
    };
  }

  init(over: Partial<ServerSdkOptions> = {}): Promise<ServerSdk> {
    return ServerSdk.initSdk({}, this.options(over));
  }

  /** The newest connection. */
  get service(): ServiceEnd {
    return this.ends.at(-1)!;
  }

  eventTypes(): string[] {
    return this.events.map(({ type }) => type);
  }

  /** A process that said it is ready. */
  async ready(over: Partial<ProcessParameters> = {}): Promise<ServerSdk> {
    const sdk = await this.init();
    const ready = sdk.processReady({
      port: 7777,
      logPaths: ["logs"],
      onStartGameSession() {},
      ...over,
    });
    await this.service.answer("ActivateServerProcess");
    await ready;
    return sdk;
  }

  /** A process with a game session. */
  async hosting(over: Partial<ProcessParameters> = {}): Promise<ServerSdk> {
    const sdk = await this.ready(over);
    this.service.say({ Action: "CreateGameSession", GameSessionId: GAME_SESSION_ID });
    return sdk;
  }

  async #dial(url: string): Promise<Connection> {
    this.triedAtMs.push(this.clock.nowMs());
    this.urls.push(url);
    const outcome = this.tries.shift();
    if (outcome === "pending") return new Promise(() => {});
    if (outcome === "no answer") throw new ConnectFailure("ECONNREFUSED", undefined);
    if (outcome !== undefined) throw new ConnectFailure(`answered ${outcome}`, outcome);
    const end = new ServiceEnd(url);
    this.ends.push(end);
    return end;
  }
}

/** How a promise that must fail failed. */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<{ name: string; message: string; isOutcomeUnknown: boolean }> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome === undefined) throw new Error("it did not fail");
  return outcome as { name: string; message: string; isOutcomeUnknown: boolean };
}
