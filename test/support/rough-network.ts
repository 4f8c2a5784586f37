import net from "node:net";

/**
 * What happens to bytes:
 *   clear    they pass
 *   reset    every connection is reset, also each that is made
 *   hole     nothing passes and nobody is told; connections that were open or made in it never carry a byte again
 *   sliced   a few bytes pass now and then, in segments that respect no frame
 */
type Weather = "clear" | "reset" | "hole" | "sliced";

const SLICE_EVERY_MS = 50;
const SLICE_BYTES = [1, 2, 5, 13] as const;
/** Of one direction, before its sender has to wait. */
const WAITING_BYTES_MAX = 64 * 1024;

/** The network between players and a server: a proxy on loopback whose weather the test makes. */
export class RoughNetwork implements AsyncDisposable {
  port = 0;
  #weather: Weather = "clear";
  readonly #server: net.Server;
  readonly #routes = new Set<Route>();
  readonly #slicing: NodeJS.Timeout;

  private constructor(targetPort: number) {
    this.#server = net.createServer({ noDelay: true }, (near) => {
      near.on("error", () => {});
      if (this.#weather === "reset") return void near.resetAndDestroy();
      const far = net.connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
      const route = new Route(near, far, this);
      if (this.#weather === "hole") route.lose();
      this.#routes.add(route);
      near.once("close", () => this.#routes.delete(route));
    });
    this.#slicing = setInterval(() => {
      if (this.#weather !== "sliced") return;
      for (const route of this.#routes) route.slice();
    }, SLICE_EVERY_MS);
  }

  static async open(targetPort: number): Promise<RoughNetwork> {
    const network = new RoughNetwork(targetPort);
    await new Promise<void>((resolve) =>
      network.#server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 }, resolve),
    );
    network.port = (network.#server.address() as net.AddressInfo).port;
    return network;
  }

  get isSliced(): boolean {
    return this.#weather === "sliced";
  }

  turn(weather: Weather): void {
    this.#weather = weather;
    for (const route of this.#routes) {
      if (weather === "reset") route.reset();
      else if (weather === "hole") route.lose();
      else if (weather === "clear") route.flush();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#slicing);
    for (const route of this.#routes) route.reset();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** One connection, both ways. */
class Route {
  readonly #ways: readonly OneWay[];
  readonly #sockets: readonly net.Socket[];

  constructor(near: net.Socket, far: net.Socket, network: RoughNetwork) {
    this.#sockets = [near, far];
    this.#ways = [new OneWay(near, far, network), new OneWay(far, near, network)];
    for (const socket of this.#sockets) {
      socket.on("error", () => {});
      socket.on("close", () => {
        near.destroy();
        far.destroy();
      });
    }
  }

  slice(): void {
    for (const way of this.#ways) way.slice();
  }

  flush(): void {
    for (const way of this.#ways) way.flush();
  }

  lose(): void {
    for (const way of this.#ways) way.lose();
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}

class OneWay {
  readonly #from: net.Socket;
  readonly #to: net.Socket;
  #waiting: Buffer = Buffer.alloc(0);
  #isLost = false;
  #slices = 0;

  constructor(from: net.Socket, to: net.Socket, network: RoughNetwork) {
    this.#from = from;
    this.#to = to;
    from.on("data", (bytes) => {
      if (this.#isLost) return;
      if (network.isSliced || this.#waiting.length > 0) this.#keep(bytes);
      else if (!to.write(bytes)) from.pause();
    });
    from.on("end", () => to.end());
    to.on("drain", () => {
      if (!this.#isLost) from.resume();
    });
  }

  slice(): void {
    const bytes = SLICE_BYTES[this.#slices++ % SLICE_BYTES.length] ?? 1;
    this.#pass(bytes);
  }

  flush(): void {
    this.#pass(this.#waiting.length);
  }

  /** As a dead route looks to its sender: nothing is taken any more. */
  lose(): void {
    this.#isLost = true;
    this.#waiting = Buffer.alloc(0);
    this.#from.pause();
  }

  #keep(bytes: Buffer): void {
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    if (this.#waiting.length > WAITING_BYTES_MAX) this.#from.pause();
  }

  #pass(bytes: number): void {
    if (this.#isLost || bytes === 0 || this.#to.destroyed) return;
    this.#to.write(this.#waiting.subarray(0, bytes));
    this.#waiting = this.#waiting.subarray(bytes);
    if (this.#waiting.length <= WAITING_BYTES_MAX) this.#from.resume();
  }
}
