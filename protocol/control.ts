/**
 * The messages of the one-step join, the same over a byte stream (`frame.ts`) and a WebSocket (binary, at `/play`).
 * Little-endian; "text" is printable ASCII. The client speaks first:
 *
 *   1 HELLO  client   u8 1 | u8 version | u8 kind | u16 n | credential (n, text) | u8 n | client version (n, text)
 *                     | options (the rest: a JSON object in UTF-8, or nothing)
 *   2 SEAT   server   u8 2 | u8 version | u16 seat | u8 n | session id (n, text)
 *   3 CLOSE  both     u8 3 | u16 close code | reason (the rest, text)         byte stream only
 *   4 PING   server   u8 4 | u32 nonce                                        byte stream only
 *   5 PONG   client   u8 5 | u32 nonce                                        byte stream only
 *
 * After SEAT everything is Colyseus's own. What a WebSocket has of its own, it uses instead of 3, 4 and 5: a close frame
 * with the same code and reason, and pings whose four bytes are the nonce.
 * @module
 */

/** Of this layout. A server refuses others with `CloseCode.UPDATE_CLIENT`. */
export const PROTOCOL_VERSION = 1;

export const Control = { HELLO: 1, SEAT: 2, CLOSE: 3, PING: 4, PONG: 5 } as const;

/** What a HELLO brings to be let in. */
export const CredentialKind = {
  /** A player session id of the fleet. */
  PLAYER_SESSION: 1,
  /** A reconnection token; the client needs the state's schema again. */
  TOKEN: 2,
  /** A reconnection token; the client still has the schema. */
  TOKEN_WITH_SCHEMA: 3,
} as const;
export type CredentialKind = (typeof CredentialKind)[keyof typeof CredentialKind];

export interface Hello {
  /** Of the client, 0 to 255. */
  readonly protocolVersion: number;
  readonly kind: CredentialKind;
  /** A secret. 1 to 256 characters, as long as a player session id may be. */
  readonly credential: string;
  /** Of the game, as its makers count; up to 64 characters, `""` if the client does not say. */
  readonly clientVersion: string;
  /** JSON for the room's own `onJoin`, UTF-8; empty for none. Borrowed from the message. */
  readonly options: Uint8Array;
}

export interface SeatGiven {
  readonly protocolVersion: number;
  /** From 0. */
  readonly seat: number;
  /** Names the player in the room; no secret. */
  readonly sessionId: string;
}

export const CLIENT_VERSION_CHARS_MAX = 64;
/** Of `schemaVersion` among the options: which schema of the state the client was built for. */
export const SCHEMA_VERSION_CHARS_MAX = 64;
const CREDENTIAL_CHARS_MAX = 256;

/** @throws RangeError when a field is longer than the layout holds, or is no text. */
export function encodeHello(hello: Hello): Uint8Array {
  const credential = asciiBytes(hello.credential, CREDENTIAL_CHARS_MAX);
  const version = asciiBytes(hello.clientVersion, CLIENT_VERSION_CHARS_MAX);
  return Uint8Array.from([
    Control.HELLO,
    hello.protocolVersion,
    hello.kind,
    credential.length & 0xff,
    credential.length >> 8,
    ...credential,
    version.length,
    ...version,
    ...hello.options,
  ]);
}

/** @returns `undefined` for anything that is no HELLO. Of another version only `protocolVersion` is read. */
export function decodeHello(
  message: Uint8Array,
): Hello | { readonly otherVersion: number } | undefined {
  if (message[0] !== Control.HELLO || message.length < 2) return undefined;
  const protocolVersion = message[1] ?? 0;
  if (protocolVersion !== PROTOCOL_VERSION) return { otherVersion: protocolVersion };
  const kind = message[2];
  if (kind !== 1 && kind !== 2 && kind !== 3) return undefined;
  const credentialChars = (message[3] ?? 0) | ((message[4] ?? 0) << 8);
  if (credentialChars === 0 || credentialChars > CREDENTIAL_CHARS_MAX) return undefined;
  const credential = textOf(message, 5, credentialChars);
  if (credential === undefined) return undefined;
  const versionAt = 5 + credentialChars;
  const clientVersion = textAt(message, versionAt);
  if (clientVersion === undefined || clientVersion.length > CLIENT_VERSION_CHARS_MAX)
    return undefined;
  const options = message.subarray(versionAt + 1 + clientVersion.length);
  return { protocolVersion, kind, credential, clientVersion, options };
}

export function encodeSeat(seat: SeatGiven): Uint8Array {
  const sessionId = asciiBytes(seat.sessionId, 255);
  const message = new Uint8Array(5 + sessionId.length);
  message[0] = Control.SEAT;
  message[1] = seat.protocolVersion;
  message[2] = seat.seat & 0xff;
  message[3] = seat.seat >> 8;
  message[4] = sessionId.length;
  message.set(sessionId, 5);
  return message;
}

/** @returns `undefined` for anything that is no SEAT. */
export function decodeSeat(message: Uint8Array): SeatGiven | undefined {
  if (message[0] !== Control.SEAT || message.length < 5) return undefined;
  const sessionId = textAt(message, 4);
  if (sessionId === undefined) return undefined;
  return {
    protocolVersion: message[1] ?? 0,
    seat: (message[2] ?? 0) | ((message[3] ?? 0) << 8),
    sessionId,
  };
}

/** @param reason - Text; longer than 123 characters it is cut, as a WebSocket's would have to be. */
export function encodeClose(code: number, reason: string): Uint8Array {
  const text = asciiBytes(reason.slice(0, 123), 123);
  return Uint8Array.from([Control.CLOSE, code & 0xff, (code >> 8) & 0xff, ...text]);
}

/** @returns `undefined` for anything that is no CLOSE. */
export function decodeClose(message: Uint8Array): { code: number; reason: string } | undefined {
  if (message[0] !== Control.CLOSE || message.length < 3) return undefined;
  const reason = asciiText(message.subarray(3));
  if (reason === undefined) return undefined;
  return { code: (message[1] ?? 0) | ((message[2] ?? 0) << 8), reason };
}

/** @param nonce - Unsigned 32-bit. */
export function encodeNonce(
  control: typeof Control.PING | typeof Control.PONG,
  nonce: number,
): Uint8Array {
  const message = new Uint8Array(5);
  message[0] = control;
  new DataView(message.buffer).setUint32(1, nonce, true);
  return message;
}

/** @returns The nonce of a PING or PONG, `undefined` if it is not exactly that message. */
export function decodeNonce(
  control: typeof Control.PING | typeof Control.PONG,
  message: Uint8Array,
): number | undefined {
  if (message[0] !== control || message.length !== 5) return undefined;
  return new DataView(message.buffer, message.byteOffset, message.byteLength).getUint32(1, true);
}

/** Text behind a byte that counts its characters. */
function textAt(message: Uint8Array, at: number): string | undefined {
  const chars = message[at];
  return chars === undefined ? undefined : textOf(message, at + 1, chars);
}

function textOf(message: Uint8Array, at: number, chars: number): string | undefined {
  return at + chars > message.length ? undefined : asciiText(message.subarray(at, at + chars));
}

function asciiText(bytes: Uint8Array): string | undefined {
  let text = "";
  for (const byte of bytes) {
    if (byte < 0x20 || byte > 0x7e) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function asciiBytes(text: string, charsMax: number): Uint8Array {
  if (text.length > charsMax) throw new RangeError(`longer than ${charsMax} characters`);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) throw new RangeError("only printable ASCII");
    bytes[at] = code;
  }
  return bytes;
}
