import { readUpgradeUrl } from "../../emulator/server-sdk/rules/upgrade-query.ts";
import type { ServerSdkService } from "../../emulator/server-sdk/service.ts";
import {
  ConnectFailure,
  type Connection,
  type ConnectionListener,
  type Dial,
} from "../../server/fleet/gamelift-server-sdk/connection.ts";
import { MemoryLine } from "./memory-line.ts";

/** Connects our Server SDK to the emulator's service without a network. */
export function emulatorDial(service: ServerSdkService): Dial {
  return async (url) => {
    const { searchParams, search } = new URL(url);
    const connection = new MemoryConnection();
    const { query } = readUpgradeUrl(`/${search}`);
    const accepted = service.accept(query, connection.line);
    if (!("status" in accepted)) return connection;
    const words = accepted.message.replaceAll(searchParams.get("Authorization") ?? "", "…");
    throw new ConnectFailure(words, accepted.status);
  };
}

class MemoryConnection implements Connection {
  readonly line = new MemoryLine({
    // A frame is never heard within the call that causes it.
    onText: (text) => queueMicrotask(() => this.#hear(text)),
    onEnd: (code) => queueMicrotask(() => this.#over(code)),
  });
  #listener: ConnectionListener | undefined;
  #early: string[] = [];
  #endCode: number | undefined;

  listen(listener: ConnectionListener): void {
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const text of early) listener.onText(text);
    if (this.#endCode !== undefined) listener.onEnd({ code: this.#endCode });
  }

  send(text: string): void {
    this.line.say(text);
  }

  discard(): void {
    this.#listener = { onText() {}, onEnd() {} };
    this.line.leave(1001);
  }

  cut(): void {
    this.line.leave(1006);
    this.#over(1006);
  }

  #hear(text: string): void {
    if (this.#listener === undefined) this.#early.push(text);
    else this.#listener.onText(text);
  }

  #over(code: number): void {
    if (this.#endCode !== undefined) return;
    this.#endCode = code;
    this.#listener?.onEnd({ code });
  }
}
