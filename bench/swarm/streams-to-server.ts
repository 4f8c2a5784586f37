/**
 * How the load reaches a server: plain, or inside TLS with the same version, suite and group everywhere.
 * @module
 */
import net, { type Socket } from "node:net";
import tls, { type TLSSocket } from "node:tls";

/** Opens a stream to a port of this machine; `onOpen` when it can be written to. */
export type StreamOpener = (port: number, onOpen: () => void) => Socket;

/** What the load offers and nothing else; a server with Node's defaults would choose this suite by itself. */
export const TLS_OFFER = {
  version: "TLSv1.3",
  suite: "TLS_AES_256_GCM_SHA384",
  group: "X25519",
} as const;

const HOST = "127.0.0.1";

export const openPlain: StreamOpener = (port, onOpen) =>
  net.connect({ port, host: HOST, noDelay: true }, onOpen);

/**
 * Never shows a session of an earlier connection, so that each pays for a whole handshake.
 * @param certificate - PEM; nothing else is trusted.
 * @param offer - Only tests offer anything else.
 */
export function openSecure(
  certificate: string,
  offer: tls.SecureContextOptions = {},
): StreamOpener {
  const { version, suite, group } = TLS_OFFER;
  const secureContext = tls.createSecureContext({
    ca: certificate,
    minVersion: version,
    maxVersion: version,
    ciphers: suite,
    ecdhCurve: group,
    ...offer,
  });
  return (port, onOpen) => {
    const wanted = { port, host: HOST, secureContext, checkServerIdentity: anyName };
    const stream = tls.connect(wanted, () => {
      const problem = handshakeProblem(madeBy(stream));
      if (problem === undefined) onOpen();
      else stream.destroy(new Error(problem));
    });
    return stream.setNoDelay();
  };
}

/** One certificate alone is trusted, whatever its name; comparing names would take a fifth of the load's handshake. */
const anyName = () => undefined;

/** What a handshake led to. */
export interface Handshake {
  readonly version: string;
  readonly suite: string;
  readonly group: string;
  readonly isResumed: boolean;
}

function madeBy(stream: TLSSocket): Handshake {
  const key = stream.getEphemeralKeyInfo() as { name?: string } | null;
  return {
    version: stream.getProtocol() ?? "none",
    suite: stream.getCipher().standardName,
    group: key?.name ?? "none",
    isResumed: stream.isSessionReused(),
  };
}

/** @returns Why it is not the handshake that all servers are measured with, if it is not. */
export function handshakeProblem(made: Handshake): string | undefined {
  if (made.isResumed) return "a TLS session was resumed";
  for (const what of ["version", "suite", "group"] as const) {
    if (made[what] !== TLS_OFFER[what])
      return `TLS ${what} ${made[what]} instead of ${TLS_OFFER[what]}`;
  }
  return undefined;
}
