import { constants } from "node:crypto";
import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { Clock } from "../clock.ts";
import type { HandshakeFailure, Telemetry } from "../telemetry/telemetry.ts";
import { HandshakeBudget } from "./handshake-budget.ts";
import { TRANSPORT_LIMITS } from "./limits.ts";
import { type CertificatePlace, CertificateWatch, type KeyPair } from "./tls-certificate.ts";

export interface TlsSettings extends CertificatePlace {
  /** `optional` takes plain connections beside those with TLS. */
  readonly mode: "off" | "optional" | "required";
  /** 1 or more. */
  readonly handshakesPerSecond: number;
}

export interface TlsDoorDeps {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly tls: TlsSettings;
}

/** What holds for every connection, whatever the certificate. */
const RULES = {
  minVersion: "TLSv1.2",
  // One handshake per connection is budgeted; a client could ask for more on the same one.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  sessionTimeout: TRANSPORT_LIMITS.tlsSessionSeconds,
} as const;

/**
 * The part of the game port that makes a secure stream of a connection. It bounds how many handshakes begin; how long
 * one may take is the caller's affair, who destroys the connection.
 */
export class TlsDoor {
  readonly #telemetry: Telemetry;
  readonly #server: Server;
  readonly #certificate: CertificateWatch;
  readonly #budget: HandshakeBudget;
  /** Whose handshake begins in one of the next turns; as many as the budget lets in at most. */
  readonly #waiting: Socket[] = [];

  /** @param onSecure - Gets each secure stream and the connection it was made of. */
  constructor(deps: TlsDoorDeps, onSecure: (stream: TLSSocket, connection: Socket) => void) {
    const { clock, telemetry, tls } = deps;
    this.#telemetry = telemetry;
    this.#budget = new HandshakeBudget(clock, tls.handshakesPerSecond);
    this.#server = createServer({ ...RULES, ALPNProtocols: ["http/1.1"] });
    this.#server.on("secureConnection", (stream) => onSecure(stream, connectionUnder(stream)));
    // Node destroys the stream after this.
    this.#server.on("tlsClientError", (error) => {
      telemetry.handshakeFailed({ reason: reasonOf(error) });
    });
    this.#certificate = new CertificateWatch({ clock, telemetry, place: tls }, (pair) =>
      this.#use(pair),
    );
  }

  /** Loads the certificate and watches it from now on. @throws GameServerError TLS_CERTIFICATE_INVALID */
  async open(): Promise<void> {
    await this.#certificate.open();
  }

  /** Looks for no further certificate. */
  close(): void {
    this.#certificate.close();
  }

  /**
   * @param connection - Its first byte begins a handshake and is still to be read.
   * @param network - Whose share of the handshakes it takes; `undefined` for one without limits.
   */
  take(connection: Socket, network: string | undefined): void {
    const ruling = this.#budget.take(network);
    if (ruling !== "begins") {
      this.#telemetry.handshakeFailed({ reason: ruling });
      connection.resetAndDestroy();
      return;
    }
    this.#waiting.push(connection);
    if (this.#waiting.length === 1) setImmediate(() => this.#begin());
  }

  /** A few per turn of the event loop, so that a crowd at once does not hold up the match. */
  #begin(): void {
    const now = this.#waiting.splice(0, TRANSPORT_LIMITS.handshakesPerTurn);
    if (this.#waiting.length > 0) setImmediate(() => this.#begin());
    for (const connection of now) {
      if (connection.destroyed) continue;
      // A peer that ends its side in the middle of its handshake has left, and only the stream could notice.
      connection.allowHalfOpen = false;
      this.#server.emit("connection", connection);
    }
  }

  /** Open connections keep what they have. Sessions of the old certificate are not resumed. */
  #use({ certificates, key }: KeyPair): void {
    this.#server.setSecureContext({ ...RULES, cert: certificates, key });
  }
}

/** Node keeps it private, and says in no other way which connection became secure. */
function connectionUnder(stream: TLSSocket): Socket {
  return (stream as unknown as { _parent: Socket })._parent;
}

/** Ordered: the first that fits counts. */
const REASONS: readonly (readonly [RegExp, HandshakeFailure])[] = [
  [/^(ECONNRESET|EPIPE|ECONNABORTED|ETIMEDOUT)$|UNEXPECTED_EOF/, "unfinished"],
  [/UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|INAPPROPRIATE_FALLBACK/, "too_old"],
  [/_ALERT_/, "refused_by_client"],
  [/NO_SHARED|NO_SUITABLE|NO_COMMON|NO_APPLICATION_PROTOCOL/, "nothing_in_common"],
];

function reasonOf(error: Error): HandshakeFailure {
  const { code = "" } = error as NodeJS.ErrnoException;
  return REASONS.find(([pattern]) => pattern.test(code))?.[1] ?? "malformed";
}
