import net from "node:net";
import type { Random } from "./seeded.ts";

/** What became of one stranger's connection. */
export interface Verdict {
  /** The server ended it, in time. */
  readonly isCut: boolean;
  /** What he was told that no stranger may be told, or too much of it; `""` for nothing. */
  readonly leak: string;
  readonly lastedMs: number;
}

/** A connection has 5 s to say what it wants; this much more for a busy machine. */
const CUT_WITHIN_MS = 9_000;
const REPLY_BYTES_MAX = 200;
const HTTP_PAGE_BYTES_MAX = 1_000;

/**
 * Writes bytes to a new connection and waits for its end.
 * @param patienceMs - After this he ends his side, as whoever hangs up; `undefined` waits for the server alone.
 */
export function visit(
  port: number,
  bytes: Buffer,
  random: Random,
  patienceMs: number | undefined,
): Promise<Verdict> {
  return new Promise((resolve) => {
    const startMs = performance.now();
    const replies: Buffer[] = [];
    let isLate = false;
    // Many addresses, for one has only so many ports.
    const localAddress = `127.0.${1 + random.below(8)}.1`;
    const socket = net.connect({ port, host: "127.0.0.1", localAddress, noDelay: true });
    const isPatient = patienceMs === undefined;
    let hangUp: NodeJS.Timeout | undefined;
    const late = setTimeout(() => {
      isLate = true;
      socket.destroy();
    }, CUT_WITHIN_MS);
    socket.on("connect", () => {
      socket.write(bytes);
      if (!isPatient) hangUp = setTimeout(() => socket.end(), patienceMs);
    });
    socket.on("data", (chunk) => replies.push(chunk));
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(late);
      clearTimeout(hangUp);
      resolve({
        isCut: !isLate,
        leak: leakIn(Buffer.concat(replies)),
        lastedMs: performance.now() - startMs,
      });
    });
  });
}

/** Judges all that the server wrote: closing words and HTTP errors, and nothing else. */
function leakIn(reply: Buffer): string {
  if (reply.length === 0) return "";
  if (reply.subarray(0, 5).toString("latin1") !== "HTTP/") {
    if (reply.length > REPLY_BYTES_MAX) return `${reply.length} bytes`;
    return leakInFrames(reply);
  }
  const status = Number(reply.subarray(9, 12).toString("latin1"));
  const end = reply.indexOf("\r\n\r\n") + 4;
  if (status === 101) {
    const frames = reply.subarray(end);
    if (frames.length > REPLY_BYTES_MAX) return `${frames.length} bytes`;
    return leakInWebSocket(frames);
  }
  if (status < 400 && status !== 204) return `status ${status}`;
  return reply.length > HTTP_PAGE_BYTES_MAX ? `${reply.length} bytes of HTTP` : "";
}

/** Over TCP: one CLOSE. */
function leakInFrames(reply: Buffer): string {
  const length = reply.length < 4 ? 0 : reply.readUInt32LE();
  const isClose = reply[4] === 3 && reply.length === 4 + length;
  return isClose ? "" : `payload ${reply[4]} of ${reply.length} bytes`;
}

/** Over WebSocket: control frames, at most one answer to a ping before the close frame. */
function leakInWebSocket(reply: Buffer): string {
  let rest = reply;
  while (rest.length > 0) {
    const opcode = rest[0] ?? 0;
    const length = rest[1] ?? 0;
    if (opcode !== 0x88 && opcode !== 0x8a) return `WebSocket opcode ${opcode}`;
    if (rest.length < 2 + length) return "half a frame";
    rest = rest.subarray(2 + length);
  }
  return "";
}
