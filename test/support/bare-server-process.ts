import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import type { GameLiftService } from "./gamelift-service/service.ts";

export type Frame = Readonly<Record<string, unknown>>;

interface Waiter {
  readonly isWanted: (frame: Frame) => boolean;
  readonly resolve: (frame: Frame) => void;
}

/** A server process that says what a test has it say, with nothing between it and the WebSocket. */
export class BareServerProcess {
  readonly socket: WebSocket;
  /** Everything it heard, oldest first. */
  readonly frames: Frame[] = [];
  readonly #waiters = new Set<Waiter>();

  private constructor(url: string) {
    this.socket = new WebSocket(url, { perMessageDeflate: false, rejectUnauthorized: false });
    this.socket.on("error", () => {});
    this.socket.on("message", (data) => {
      const frame = read(data.toString());
      this.frames.push(frame);
      for (const waiter of this.#waiters) {
        if (!waiter.isWanted(frame)) continue;
        this.#waiters.delete(waiter);
        waiter.resolve(frame);
      }
    });
  }

  /** @throws Error when the upgrade is refused; the message has the status. */
  static async connect(
    service: GameLiftService,
    over: Readonly<Record<string, string>> = {},
  ): Promise<BareServerProcess> {
    const process = BareServerProcess.dial(service, over);
    const [refused] = await Promise.race([
      once(process.socket, "open"),
      once(process.socket, "error"),
    ]);
    if (refused instanceof Error) throw refused;
    return process;
  }

  /** Begins to connect. */
  static dial(
    service: GameLiftService,
    over: Readonly<Record<string, string>> = {},
  ): BareServerProcess {
    const query = { ...queryFor(service), ...over };
    const pairs = Object.entries(query).map(
      ([key, value]) => `${key}=${encodeURIComponent(value)}`,
    );
    return new BareServerProcess(`${service.url}/?${pairs.join("&")}`);
  }

  /** Connected, active and past its first heartbeat. */
  static async ready(
    service: GameLiftService,
    over: Readonly<Record<string, string>> = {},
    port = 7777,
  ): Promise<BareServerProcess> {
    const process = await BareServerProcess.connect(service, over);
    await process.ask("ActivateServerProcess", activation(port));
    await process.ask("HeartbeatServerProcess", { HealthStatus: true });
    return process;
  }

  /** Sends a request and resolves with its answer. */
  ask(action: string, members: object = {}, requestId: string = randomUUID()): Promise<Frame> {
    const answer = this.next((frame) => frame["RequestId"] === requestId);
    this.tell(action, members, requestId);
    return answer;
  }

  /** Sends a request. */
  tell(action: string, members: object = {}, requestId: string = randomUUID()): void {
    this.socket.send(JSON.stringify({ Action: action, RequestId: requestId, ...members }));
  }

  /** Resolves with the next frame that is wanted: a push by its action, or by a predicate. */
  next(wanted: string | ((frame: Frame) => boolean)): Promise<Frame> {
    const isWanted =
      typeof wanted === "string" ? (frame: Frame) => frame["Action"] === wanted : wanted;
    return new Promise((resolve) => this.#waiters.add({ isWanted, resolve }));
  }

  /** Resolves with the code its connection ends with. */
  closed(): Promise<number> {
    return new Promise((resolve) => this.socket.once("close", resolve));
  }

  close(): void {
    this.socket.terminate();
  }
}

/** What is no JSON is kept as it came, under `raw`. */
function read(text: string): Frame {
  try {
    return JSON.parse(text) as Frame;
  } catch {
    return { raw: text };
  }
}

export function activation(port = 7777): object {
  return { SdkVersion: "5.6.0", SdkLanguage: "TypeScript", Port: port, LogPaths: ["logs"] };
}

/** The seven parameters of an upgrade. */
export function queryFor(service: GameLiftService): Record<string, string> {
  return {
    pID: "process-1",
    sdkVersion: "5.6.0",
    sdkLanguage: "TypeScript",
    ComputeId: service.computeId,
    FleetId: service.fleetId,
    IdempotencyToken: randomUUID(),
    Authorization: service.authToken,
  };
}
