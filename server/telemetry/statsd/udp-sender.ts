import { createSocket, type Socket, type SocketOptions } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Telemetry } from "../telemetry.ts";
import { hostLookup } from "./host-lookup.ts";
import { STATSD_LIMITS } from "./limits.ts";

/** Where packets go. */
export interface PacketSender {
  /** Never throws and never waits. */
  send(packet: Buffer): void;
  /** What was sent before still goes out. A second call does nothing. */
  close(): void;
}

export interface UdpSenderOptions {
  /** `localhost` is 127.0.0.1; another name is resolved once, before the first packet. */
  readonly host: string;
  readonly port: number;
  /** Told of the first loss, and of no other. */
  readonly telemetry: Pick<Telemetry, "vendorMessage">;
}

/** Sends to one address over UDP. Opened by the first packet; keeps no process from ending. */
export class UdpSender implements PacketSender {
  readonly #options: UdpSenderOptions;
  /** `undefined` before the first packet, and after a name that could not be resolved. */
  #socket: Socket | undefined;
  #isConnected = false;
  #isClosed = false;
  #waiting: Buffer[] = [];
  #lostPackets = 0;

  constructor(options: UdpSenderOptions) {
    this.#options = options;
  }

  /** Packets that are known not to have arrived: nobody listened, they were too long, or their name was nobody's. */
  get lostPackets(): number {
    return this.#lostPackets;
  }

  send(packet: Buffer): void {
    if (this.#isClosed) this.#lose(1, "it is closed");
    else if (this.#isConnected) this.#write(packet);
    else if (this.#waiting.length >= STATSD_LIMITS.packetsWaitingMax) {
      this.#lose(1, "the name is not resolved yet");
    } else {
      this.#waiting.push(packet);
      this.#connect();
    }
  }

  close(): void {
    this.#isClosed = true;
    // While it connects the last packets still wait for it.
    if (this.#isConnected || this.#waiting.length === 0) this.#end();
  }

  #connect(): void {
    if (this.#socket !== undefined) return;
    const { port } = this.#options;
    const host = this.#options.host === "localhost" ? "127.0.0.1" : this.#options.host;
    try {
      const socket = createSocket({
        type: isIPv6(host) ? "udp6" : "udp4",
        lookup: hostLookup() as NonNullable<SocketOptions["lookup"]>,
      });
      socket.unref();
      this.#socket = socket;
      socket.on("error", (error) => {
        // Of a packet before: the kernel tells late that nobody listens.
        if (this.#isConnected) this.#lose(1, reasonOf(error));
        else if (this.#socket === socket) this.#connected(error);
      });
      // The typings know a callback without the error that it is given.
      const connected = (error?: Error) => this.#connected(error);
      socket.connect(port, host, connected);
    } catch (error) {
      this.#connected(error);
    }
  }

  #connected(error?: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (error === undefined || error === null) {
      this.#isConnected = true;
      for (const packet of waiting) this.#write(packet);
      if (this.#isClosed) this.#end();
      return;
    }
    this.#lose(waiting.length, reasonOf(error));
    this.#end();
  }

  #write(packet: Buffer): void {
    try {
      this.#socket?.send(packet, (error) => {
        if (error !== null) this.#lose(1, reasonOf(error));
      });
    } catch (error) {
      this.#lose(1, reasonOf(error));
    }
  }

  #end(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#isConnected = false;
    try {
      socket?.close();
    } catch {
      // It never opened, so there is nothing to close.
    }
  }

  #lose(packets: number, why: string): void {
    const isFirst = this.#lostPackets === 0;
    this.#lostPackets += packets;
    if (!isFirst || packets === 0) return;
    const { host, port, telemetry } = this.#options;
    const message = `StatsD: packets to ${host}, port ${port}, are lost: ${why}. This is told once`;
    telemetry.vendorMessage({ level: "warn", message });
  }
}

function reasonOf(error: unknown): string {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code ?? (error instanceof Error ? error.message : String(error));
}
