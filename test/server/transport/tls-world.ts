import { mkdtempSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import tls from "node:tls";
import { type SelfSigned, selfSigned } from "../../../emulator/front/self-signed.ts";
import type { TlsSettings } from "../../../server/transport/tls-door.ts";

/** A certificate on disk, as a door is told of it. */
export class TlsFiles {
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-tls-"));
  current: SelfSigned = selfSigned("one");

  constructor() {
    this.write(this.current);
  }

  write(pair: SelfSigned): void {
    this.current = pair;
    writeFileSync(this.#path("cert.pem"), pair.certificate);
    writeFileSync(this.#path("key.pem"), pair.key);
  }

  settings(mode: TlsSettings["mode"], handshakesPerSecond = 1_000): TlsSettings {
    const [certFile, keyFile] = [this.#path("cert.pem"), this.#path("key.pem")];
    return { mode, certFile, keyFile, dir: "", handshakesPerSecond };
  }

  #path(name: string): string {
    return path.join(this.#folder, name);
  }
}

/** What a connection got until it was closed. */
export interface Talk<S extends net.Socket = net.Socket> {
  readonly socket: S;
  got: string;
  isClosed: boolean;
  /** Code of the client's own error, such as that of an alert. */
  error: string;
  readonly closed: Promise<void>;
}

function talk<S extends net.Socket>(socket: S): Talk<S> {
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const said: Talk<S> = { socket, got: "", isClosed: false, error: "", closed };
  socket.on("data", (bytes) => {
    said.got += bytes.toString("latin1");
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    said.error = error.code ?? error.message;
  });
  socket.once("close", () => {
    said.isClosed = true;
  });
  return said;
}

export function plainTalk(port: number, bytes: string): Talk {
  const said = talk(net.connect(port, "127.0.0.1"));
  said.socket.write(bytes, "latin1");
  return said;
}

/** Trusts nothing unless told. */
export function secureTalk(port: number, options: tls.ConnectionOptions): Talk<tls.TLSSocket> {
  return talk(tls.connect({ port, host: "127.0.0.1", ...options }));
}

export function secured({ socket }: Talk<tls.TLSSocket>): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("secureConnect", () => resolve());
    socket.once("close", () => reject(new Error("closed before it was secure")));
  });
}

/** The ticket that resumes a session; comes after the handshake. */
export function ticketOf({ socket }: Talk<tls.TLSSocket>): Promise<Buffer> {
  return new Promise((resolve) => socket.once("session", resolve));
}
