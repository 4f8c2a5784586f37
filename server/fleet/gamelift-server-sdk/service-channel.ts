import { connectUrl } from "./connect-url.ts";
import { type Dial, dialWebSocket } from "./connection.ts";
import type { GameLiftError } from "./errors.ts";
import {
  type Call,
  type RequestMembers,
  type RequestOptions,
  RequestTable,
} from "./request-table.ts";
import type { SdkClock } from "./sdk-clock.ts";
import type { ProcessIdentity } from "./sdk-environment.ts";
import type { SdkEvent } from "./server-callbacks.ts";
import { ServiceLink } from "./service-link.ts";
import { checkWebSocketUrl } from "./validation.ts";
import { textMember } from "./wire-members.ts";

export interface ChannelDeps {
  readonly clock: SdkClock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly dial?: Dial | undefined;
}

export interface ChannelEvents {
  onPush(action: string, message: object): void;
  onOpen(): void;
  onDead(error: GameLiftError): void;
  onEvent(event: SdkEvent): void;
}

/** Requests and their answers, and what the service says unasked, over one connection after the other. */
export class ServiceChannel {
  readonly #requests: RequestTable;
  readonly #link: ServiceLink;
  readonly #events: ChannelEvents;

  constructor(identity: ProcessIdentity, deps: ChannelDeps, events: ChannelEvents) {
    const { clock, random, newId, dial = dialWebSocket } = deps;
    this.#events = events;
    this.#requests = new RequestTable(
      { clock, newId },
      { onUnresponsive: () => this.#link.cutDead() },
    );
    const urlOf = (endpoint: Parameters<typeof connectUrl>[0], idempotencyToken: string) =>
      connectUrl(endpoint, identity, idempotencyToken, clock.wallMs());
    this.#link = new ServiceLink(
      { url: identity.webSocketUrl, authorization: identity.authorization },
      { clock, random, newId, dial, urlOf },
      {
        onText: (text) => this.#heard(text),
        onOpen: (connection) => {
          events.onEvent({ type: "connected" });
          this.#requests.opened(connection);
          events.onOpen();
        },
        onGone: (connection) => this.#requests.gone(connection),
        onBroken: () => events.onEvent({ type: "disconnected" }),
        onDead: (error) => {
          this.#requests.end(error);
          events.onDead(error);
          events.onEvent({ type: "dead", cause: error });
        },
        onTryFailed: (cause) =>
          events.onEvent({ type: "connect_failed", status: cause.status, cause }),
        waitingOn: (connection) => this.#requests.waitingOn(connection),
      },
    );
  }

  get isOpen(): boolean {
    return this.#link.current !== undefined;
  }

  /** @throws GameLiftError WebsocketConnectFailure, LocalConnectionFailed */
  connect(): Promise<void> {
    return this.#link.connect();
  }

  begin(action: string, members: RequestMembers, options: RequestOptions): Call {
    return this.#requests.begin(action, members, options);
  }

  /** Asks something that may be asked again on the next connection. @returns The answer's members. */
  ask(action: string, members: RequestMembers, onAnswer?: () => void): Promise<object> {
    const options = { isRepeatable: true, ...(onAnswer && { onAnswer }) };
    return this.begin(action, members, options).answer;
  }

  close(error: GameLiftError): void {
    this.#link.close("Websocket client closing");
    this.#requests.end(error);
  }

  #heard(text: string): void {
    this.#requests.heard();
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return void this.#ignored("not_json");
    }
    if (textMember(message, "RequestId") !== "") {
      if (!this.#requests.answered(message)) this.#ignored("unknown_request");
      return;
    }
    const action = textMember(message, "Action");
    if (action === "RefreshConnection") this.#refresh(message);
    else if (action !== "") this.#events.onPush(action, message as object);
    else this.#ignored("unknown_action");
  }

  #refresh(message: unknown): void {
    const url = textMember(message, "RefreshConnectionEndpoint");
    const token = textMember(message, "AuthToken");
    try {
      checkWebSocketUrl(url);
    } catch {
      return void this.#ignored("unknown_action");
    }
    this.#link.moveTo({ url, authorization: { kind: "token", token } });
  }

  #ignored(why: Extract<SdkEvent, { type: "frame_ignored" }>["why"]): void {
    this.#events.onEvent({ type: "frame_ignored", why });
  }
}
