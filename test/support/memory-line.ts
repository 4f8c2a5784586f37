import type { Line, LineListener } from "../../emulator/server-sdk/line.ts";
import { readUpgradeUrl } from "../../emulator/server-sdk/rules/upgrade-query.ts";
import type { ServerSdkService } from "../../emulator/server-sdk/service.ts";
import {
  ConnectFailure,
  type Connection,
  type ConnectionListener,
  type Dial,
} from "../../server/fleet/gamelift-server-sdk/connection.ts";

/** What either end hears, kept until somebody listens, and told one turn later, as a network would. */
class Ear<Listener> {
  #listener: Listener | undefined;
  readonly #early: ((listener: Listener) => void)[] = [];
  isDeaf = false;

  listen(listener: Listener): void {
    this.#listener = listener;
    for (const tell of this.#early.splice(0)) tell(listener);
  }

  tell(what: (listener: Listener) => void): void {
    queueMicrotask(() => {
      if (this.isDeaf) return;
      if (this.#listener === undefined) this.#early.push(what);
      else what(this.#listener);
    });
  }
}

/** A WebSocket without a network: the SDK's connection on one end, the emulator's line on the other. */
export class MemoryLine {
  readonly #atSdk = new Ear<ConnectionListener>();
  readonly #atService = new Ear<LineListener>();
  #isOver = false;

  readonly connection: Connection = {
    listen: (listener) => this.#atSdk.listen(listener),
    send: (text) => this.#atService.tell((listener) => listener.onText(text)),
    discard: () => {
      this.#atSdk.isDeaf = true;
      this.#end(1001);
    },
    cut: () => this.#end(1006),
  };

  readonly line: Line = {
    unreadBytes: 0,
    listen: (listener) => this.#atService.listen(listener),
    send: (text) => this.#atSdk.tell((listener) => listener.onText(text)),
    close: (code) => this.#end(code),
    terminate: () => this.#end(1006),
    goDead: () => {
      this.#atSdk.isDeaf = true;
      this.#atService.isDeaf = true;
    },
  };

  /** The network between them breaks. */
  cut(): void {
    this.#end(1006);
  }

  #end(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#atSdk.tell((listener) => listener.onEnd({ code }));
    this.#atService.tell((listener) => listener.onClose(code, ""));
  }
}

/** Dials a service in this process. @param onOpen - Is given every line that was taken. */
export function memoryDial(service: ServerSdkService, onOpen?: (line: MemoryLine) => void): Dial {
  return async (url) => {
    const pair = new MemoryLine();
    const { query } = readUpgradeUrl(url.slice(url.indexOf("/", "ws://".length)));
    const taken = service.accept(query, pair.line);
    if ("status" in taken) throw new ConnectFailure(taken.message, taken.status);
    onOpen?.(pair);
    return pair.connection;
  };
}
