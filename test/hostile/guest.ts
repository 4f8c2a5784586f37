import net from "node:net";
import * as adapter from "./adapter.ts";

/** A client on a bare socket, over either transport, that behaves until it is told not to. */
export class Guest {
  readonly transport: adapter.Transport;
  readonly socket: net.Socket;
  readonly events: adapter.Event[] = [];
  /** What it was ended with; `undefined` without a word. */
  code: number | undefined;
  token = "";
  isClosed = false;
  readonly closed: Promise<void>;
  readonly #read: ReturnType<typeof adapter.decoder>;
  readonly #decided = Promise.withResolvers<number | undefined>();

  private constructor(port: number, transport: adapter.Transport, greeting: adapter.Greeting) {
    this.transport = transport;
    this.#read = adapter.decoder(transport);
    this.socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    this.socket.on("error", () => {});
    this.socket.on("data", (bytes) => this.#hear(bytes, greeting));
    this.closed = new Promise((resolve) => {
      this.socket.once("close", () => {
        this.isClosed = true;
        this.#decided.resolve(this.code ?? 1006);
        resolve();
      });
    });
    const hello = adapter.frame(transport, greeting.hello);
    this.socket.write(Buffer.concat([adapter.preamble(transport), hello]));
  }

  /** @returns A seated guest, or the code that refused it; 1006 without a word. */
  static async join(port: number, transport: adapter.Transport, id: string) {
    return Guest.#in(new Guest(port, transport, adapter.join(transport, id)));
  }

  static async reconnect(port: number, transport: adapter.Transport, token: string) {
    return Guest.#in(new Guest(port, transport, adapter.reconnect(transport, token)));
  }

  static async #in(guest: Guest): Promise<Guest | number> {
    return (await guest.#decided.promise) ?? guest;
  }

  send(payload: Buffer): void {
    if (!this.isClosed) this.socket.write(adapter.frame(this.transport, payload));
  }

  /** Leaves the seat in good order. */
  async leave(): Promise<void> {
    this.send(adapter.leave());
    await this.closed;
  }

  #hear(bytes: Buffer, { answers }: adapter.Greeting): void {
    for (const event of this.#read.push(bytes)) {
      const prefix = event.payload.subarray(0, 1).toString("hex");
      for (const [begins, reply] of answers) {
        if (prefix === begins) this.send(Buffer.from(reply, "hex"));
      }
      if (event.reply !== undefined) this.send(event.reply);
      if (event.kind === "refused" || event.kind === "closed") {
        this.code = event.code;
        // A browser or library would answer the close frame; ours just hangs up.
        this.socket.end();
      }
      if (event.kind === "welcome") this.token = event.token ?? "";
      if (event.kind === "state") this.#decided.resolve(undefined);
      this.events.push({ ...event, payload: Buffer.alloc(0) });
    }
  }
}
