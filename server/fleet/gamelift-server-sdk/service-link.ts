import type { Endpoint } from "./connect-url.ts";
import type { ConnectFailure, Connection, ConnectionEnd, Dial } from "./connection.ts";
import { GameLiftError, GameLiftErrorName } from "./errors.ts";
import { SDK_LIMITS } from "./limits.ts";
import type { SdkClock } from "./sdk-clock.ts";

/** Closed on purpose by the service: it does not want this process back. */
const CLOSED_FOR_GOOD = new Set([1000, 1001]);

export interface LinkEvents {
  onText(text: string): void;
  /** Requests may be sent on `connection`. What was sent on others may never be answered there. */
  onOpen(connection: Connection): void;
  /** A connection is gone; its answers will not come. */
  onGone(connection: Connection): void;
  /** There is no connection and it is tried to get one. */
  onBroken(): void;
  /** There will be none ever again. */
  onDead(error: GameLiftError): void;
  /** A try failed; there may be another. */
  onTryFailed(failure: ConnectFailure): void;
  /** How many requests still wait for an answer on `connection`. */
  waitingOn(connection: Connection): number;
}

export interface LinkDeps {
  readonly clock: SdkClock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly dial: Dial;
  /** A secret. */
  readonly urlOf: (endpoint: Endpoint, idempotencyToken: string) => string;
}

/**
 * Keeps one connection to the service:
 *
 *   (connect) -> open --lost--> broken --came back--> open
 *                 |  \--moved by the service: the new one first, then the old one is left--> open
 *                 \--closed with 1000 or 1001--> dead          close() leads to `closed` from everywhere
 *
 * All tries of one connection, and those to get it back, carry one idempotency token; a move makes a new one.
 */
export class ServiceLink {
  readonly #deps: LinkDeps;
  readonly #events: LinkEvents;
  #endpoint: Endpoint;
  #idempotencyToken: string;
  #state: "new" | "open" | "broken" | "dead" | "closed" = "new";
  #current: Connection | undefined;
  /** Ends the rest before the next try. */
  #wake: () => void = () => {};
  #isMoving = false;
  /** Where the service wants the process to move once the move under way is over. */
  #nextMove: Endpoint | undefined;

  constructor(endpoint: Endpoint, deps: LinkDeps, events: LinkEvents) {
    this.#endpoint = endpoint;
    this.#deps = deps;
    this.#events = events;
    this.#idempotencyToken = deps.newId();
  }

  /** The connection to send on; there is none while the link is broken. */
  get current(): Connection | undefined {
    return this.#current;
  }

  /**
   * Makes the first connection.
   * @throws GameLiftError WebsocketConnectFailure when the service refuses it; LocalConnectionFailed after the last try.
   */
  async connect(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        const connection = await this.#dial(this.#endpoint, this.#idempotencyToken);
        if (this.#isClosed()) return connection.discard("closing");
        return this.#use(connection);
      } catch (cause) {
        const failure = cause as ConnectFailure;
        this.#events.onTryFailed(failure);
        if (failure.isFinal) throw refused(failure);
        const restMs = SDK_LIMITS.connectRestsMs[tries];
        if (restMs === undefined) {
          const message = `no connection to the service after ${tries + 1} tries`;
          throw new GameLiftError(GameLiftErrorName.LocalConnectionFailed, message, { cause });
        }
        await this.#rest(restMs);
        if (this.#isClosed()) {
          throw new GameLiftError(GameLiftErrorName.NotInitialized, "destroyed while connecting");
        }
      }
    }
  }

  /** The service wants the process on another connection. Requests go on being sent meanwhile. */
  moveTo(endpoint: Endpoint): void {
    if (this.#state !== "open" && this.#state !== "broken") return;
    this.#nextMove = endpoint;
    if (!this.#isMoving) void this.#move();
  }

  /** The connection answers nothing any more. */
  cutDead(): void {
    this.#current?.cut();
  }

  close(reason: string): void {
    this.#state = "closed";
    this.#nextMove = undefined;
    this.#current?.discard(reason);
    this.#current = undefined;
    this.#wake();
  }

  async #move(): Promise<void> {
    this.#isMoving = true;
    for (let to = this.#takeMove(); to !== undefined; to = this.#takeMove()) {
      const idempotencyToken = this.#deps.newId();
      try {
        const connection = await this.#dial(to, idempotencyToken);
        if (this.#isClosed() || this.#isDead()) {
          connection.discard("closing");
          break;
        }
        const old = this.#current;
        this.#endpoint = to;
        this.#idempotencyToken = idempotencyToken;
        this.#use(connection);
        if (old !== undefined) void this.#leave(old);
      } catch (cause) {
        // The service asks again.
        this.#events.onTryFailed(cause as ConnectFailure);
      }
    }
    this.#isMoving = false;
    this.#wake();
  }

  #takeMove(): Endpoint | undefined {
    const to = this.#nextMove;
    this.#nextMove = undefined;
    return to;
  }

  /** Leaves a connection that was replaced once nothing waits on it any more. */
  async #leave(old: Connection): Promise<void> {
    const { clock } = this.#deps;
    const giveUpAtMs = clock.nowMs() + SDK_LIMITS.replacedMsMax;
    while (this.#events.waitingOn(old) > 0 && clock.nowMs() < giveUpAtMs && !this.#isClosed()) {
      await new Promise<void>((resolve) => clock.after(100, resolve));
    }
    old.discard("reconnecting");
    this.#events.onGone(old);
  }

  #use(connection: Connection): void {
    this.#state = "open";
    this.#current = connection;
    // Known as the current one before anything it brings is heard.
    this.#events.onOpen(connection);
    connection.listen({
      onText: (text) => this.#events.onText(text),
      onEnd: (end) => this.#ended(connection, end),
    });
  }

  #ended(connection: Connection, { code }: ConnectionEnd): void {
    const isCurrent = connection === this.#current;
    if (isCurrent) this.#current = undefined;
    if (!isCurrent || this.#isClosed()) return void this.#events.onGone(connection);
    if (CLOSED_FOR_GOOD.has(code) && !this.#isMoving) {
      this.#state = "dead";
      const message = `the service closed the connection with ${code}`;
      const error = new GameLiftError(GameLiftErrorName.NotInitialized, message);
      this.#events.onGone(connection);
      return void this.#events.onDead(error);
    }
    this.#state = "broken";
    this.#events.onGone(connection);
    this.#events.onBroken();
    void this.#comeBack();
  }

  async #comeBack(): Promise<void> {
    const rests = SDK_LIMITS.reconnectRestsMs;
    for (let tries = 0; this.#state === "broken"; tries++) {
      await this.#rest(rests[Math.min(tries, rests.length - 1)] ?? 0);
      // A move makes a connection of its own.
      while (this.#isMoving) await this.#rest(1_000);
      if (this.#state !== "broken") return;
      try {
        const connection = await this.#dial(this.#endpoint, this.#idempotencyToken);
        if (this.#state === "broken") this.#use(connection);
        else connection.discard("not needed");
      } catch (cause) {
        this.#events.onTryFailed(cause as ConnectFailure);
      }
    }
  }

  #dial(endpoint: Endpoint, idempotencyToken: string): Promise<Connection> {
    const { dial, urlOf, clock } = this.#deps;
    return dial(urlOf(endpoint, idempotencyToken), clock);
  }

  async #rest(ms: number): Promise<void> {
    const { clock, random } = this.#deps;
    const restMs = ms * (1 - random() * SDK_LIMITS.restJitterShare);
    await new Promise<void>((resolve) => {
      const cancel = clock.after(restMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }

  #isDead(): boolean {
    return this.#state === "dead";
  }
}

function refused(failure: ConnectFailure): GameLiftError {
  const { status = 0 } = failure;
  const message =
    `the service refused the connection with ${status}: check the auth token, which is valid for minutes only, ` +
    "and the ids of fleet, host and process";
  return new GameLiftError(GameLiftErrorName.WebsocketConnectFailure, message, {
    statusCode: status,
    cause: failure,
  });
}
