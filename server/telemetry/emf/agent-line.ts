import { connect, type Socket } from "node:net";
import type { CancelTimer, Clock } from "../../clock.ts";
import type { Telemetry } from "../telemetry.ts";
import type { EmfOut } from "./emf-telemetry.ts";
import { EMF_LIMITS } from "./limits.ts";

export interface EmfAgentOptions {
  readonly clock: Clock;
  /** `localhost` is 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  /** Told of the first loss, and of no other. */
  readonly telemetry: Pick<Telemetry, "vendorMessage">;
}

interface Delivery {
  readonly socket: Socket;
  readonly cancelTimeout: CancelTimer;
  /** The whole line is the kernel's. */
  isWritten: boolean;
}

/**
 * Brings lines to the CloudWatch agent on this machine, each over a connection of its own: they are a minute apart, and
 * so none is written into a connection whose agent is long gone. One line is on its way at most; the next one ends it.
 */
export class EmfAgentLine implements EmfOut {
  readonly #options: EmfAgentOptions;
  #delivery: Delivery | undefined;
  #lostLines = 0;
  #isClosed = false;
  #onIdle: (() => void) | undefined;

  constructor(options: EmfAgentOptions) {
    this.#options = options;
  }

  /** Lines that the agent did not take. */
  get lostLines(): number {
    return this.#lostLines;
  }

  write(line: string): void {
    if (this.#isClosed) {
      this.#lose("it is closed");
      return;
    }
    this.#delivery?.socket.destroy();
    const host = this.#options.host === "localhost" ? "127.0.0.1" : this.#options.host;
    try {
      this.#deliver(connect({ host, port: this.#options.port }), line);
    } catch (error) {
      this.#lose(reasonOf(error));
    }
  }

  /** Resolves when the last line is out, after half a second at the latest. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#delivery === undefined) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(EMF_LIMITS.agentCloseMs, resolve);
      this.#onIdle = () => {
        cancel();
        resolve();
      };
    });
    this.#delivery?.socket.destroy();
  }

  #deliver(socket: Socket, line: string): void {
    const cancelTimeout = this.#options.clock.after(EMF_LIMITS.agentTimeoutMs, () =>
      socket.destroy(),
    );
    const delivery: Delivery = { socket, cancelTimeout, isWritten: false };
    this.#delivery = delivery;
    let why = "the agent did not take it in time";
    socket.unref();
    socket.on("finish", () => {
      delivery.isWritten = true;
    });
    socket.on("error", (error) => {
      why = reasonOf(error);
    });
    socket.on("close", () => {
      cancelTimeout();
      if (!delivery.isWritten) this.#lose(why);
      if (this.#delivery !== delivery) return;
      this.#delivery = undefined;
      this.#onIdle?.();
    });
    // Nobody answers; unread bytes would keep the connection from being seen to end.
    socket.resume();
    socket.end(`${line}\n`);
  }

  #lose(why: string): void {
    this.#lostLines++;
    if (this.#lostLines > 1) return;
    const { host, port, telemetry } = this.#options;
    const message = `EMF: lines to ${host}, port ${port}, are lost: ${why}. This is told once`;
    telemetry.vendorMessage({ level: "warn", message });
  }
}

function reasonOf(error: unknown): string {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code ?? (error instanceof Error ? error.message : String(error));
}
