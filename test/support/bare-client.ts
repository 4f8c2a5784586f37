import net from "node:net";
import {
  decoder,
  type Event,
  frame,
  type Greeting,
  preamble,
  type Transport,
  // biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
} from "./adapter.mjs";

/** A client of its own kind: bytes on a socket, nothing of ours or Colyseus's around it. */
export class BareClient {
  readonly socket: net.Socket;
  readonly events: Event[] = [];
  readonly #transport: Transport;
  isClosed = false;

  constructor(port: number, transport: Transport, greeting: Greeting) {
    this.#transport = transport;
    this.socket = net.connect(port, "127.0.0.1");
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.isClosed = true;
    });
    const read = decoder(transport);
    this.socket.write(Buffer.concat([preamble(transport), frame(transport, greeting.hello)]));
    this.socket.on("data", (bytes) => {
      for (const event of read.push(bytes)) this.#on(event, greeting.answers);
    });
  }

  get token(): string {
    return this.of("welcome")[0]?.token ?? "";
  }

  of(kind: Event["kind"]): Event[] {
    return this.events.filter((event) => event.kind === kind);
  }

  send(payload: Buffer): void {
    this.socket.write(frame(this.#transport, payload));
  }

  #on(event: Event, answers: Greeting["answers"]): void {
    this.events.push(event);
    if (event.code !== undefined) this.socket.end();
    if (event.reply !== undefined) this.send(event.reply);
    const hex = event.payload.toString("hex");
    for (const [prefix, reply] of answers) {
      if (hex.startsWith(prefix)) this.send(Buffer.from(reply, "hex"));
    }
  }
}
