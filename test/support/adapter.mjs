/**
 * Drives any build of this server with clients and faults written by others. Plain ESM; nothing is built. Everything it
 * speaks is drawn in docs/PROTOCOL.md.
 *
 *   import { start, join, reconnect, command, ping, leave, preamble, frame, decoder } from "./adapter.mjs";
 *   const server = await start({ dir, room: "arena", maxPlayers: 32 });
 *   const { hello, answers } = join("tcp", "psess-local-1");      // or "ws"
 *   const socket = net.connect(server.port, server.host);
 *   socket.write(Buffer.concat([preamble("tcp"), frame("tcp", hello)]));
 *   const read = decoder("tcp");
 *   socket.on("data", (bytes) => {
 *     for (const event of read.push(bytes)) {
 *       if (event.reply) socket.write(frame("tcp", event.reply));
 *       if (event.kind === "state") socket.write(frame("tcp", command(1, { buttons: 1, aimRadians: 0 })));
 *     }
 *   });
 *   await server.stop("SIGTERM");
 *
 * `start({ dir, program, room, tickRateHz, maxPlayers, env, session, resultsUrl })` starts `server/main.ts` of the build in `dir`,
 *   with the local fleet, on free ports, and resolves once it listens: `{ pid, host, port, adminPort, stop(signal) }`.
 *   `program` is `{ file, cwd }` of another program than that, such as a built server; its Node is still that of `dir`.
 *   `session` is the object of FLEETROOM_LOCAL_SESSION; `env` goes on top. `stop` resolves with `{ code, signal }`.
 *   Everything is in the state, with a patch for each tick; with `FLEETROOM_REPLICATION: "snapshots"` in `env` what moves
 *   comes as messages of the type `s`, which are `other` events here.
 * `join(transport, playerSessionId)`, `reconnect(transport, token)`: `{ path, hello, answers }`. `path` is the target of
 *   the WebSocket. `answers` are `[prefixHex, replyHex]`: to a payload that begins so, an honest client replies so. They
 *   hold for the whole connection. The server also asks for life signs, and by them knows what was read; each is an event
 *   with a `reply`. A WebSocket library that is given the socket answers by itself. Over TCP a client that has never
 *   answered stays for as long as it sends any message every few seconds, such as `ping()`.
 * `command(seq, { buttons, aimRadians })` is one of the arena; `seq` rises by one. `ping()` is answered, `leave()` gives
 *   the seat up.
 * All of these Buffers are unframed payloads. `frame(transport, payload)` adds transport bytes, `preamble(transport)` is
 *   what comes before the first frame: the WebSocket's request, or the TCP protocol's magic.
 * `decoder(transport)` makes one per connection; `push(bytes)` takes what came from the socket, in any pieces, and gives
 *   `{ kind, tick?, state?, token?, code?, payload, reply? }`: `welcome` has the `token` of the seat, `state` and `patch`
 *   the `tick` that they lead to and the `state`, one object that goes on changing; `refused` (before the welcome) and
 *   `closed` (after it) the `code`. Over `ws` it takes either the bytes of the socket, the server's answer to the request
 *   included, or single messages of a WebSocket library.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { Decoder, Reflection } from "@colyseus/schema";

const PLAY_PATH = "/play";
const START_TIMEOUT_MS = 20_000;
const CONTROL = { HELLO: 1, SEAT: 2, CLOSE: 3, PING: 4, PONG: 5 };
const COLYSEUS = { JOIN_ROOM: 10, LEAVE_ROOM: 12, STATE: 14, PATCH: 15, BYTES: 17, PING: 18 };

export async function start({
  dir,
  program,
  room,
  tickRateHz,
  maxPlayers,
  env,
  session,
  resultsUrl,
}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "fleetroom-adapter-"));
  const settings = {
    PATH: process.env["PATH"] ?? "",
    FLEETROOM_FLEET: "local",
    FLEETROOM_PORT: "0",
    FLEETROOM_REPLICATION: "schema",
    FLEETROOM_JOURNAL_DIR: path.join(folder, "journals"),
    FLEETROOM_RESULTS_DIR: path.join(folder, "results"),
  };
  if (room !== undefined) settings.FLEETROOM_ROOM = room;
  if (tickRateHz !== undefined) settings.FLEETROOM_TICK_RATE_HZ = String(tickRateHz);
  if (maxPlayers !== undefined) settings.FLEETROOM_MAX_PLAYERS = String(maxPlayers);
  if (resultsUrl !== undefined) settings.FLEETROOM_RESULTS_URL = resultsUrl;
  if (session !== undefined) {
    settings.FLEETROOM_LOCAL_SESSION = path.join(folder, "session.json");
    writeFileSync(settings.FLEETROOM_LOCAL_SESSION, JSON.stringify(session));
  }
  // The Node that the build brings, whatever this file runs on.
  const own = path.join(dir, "node_modules", ".bin", "node");
  const child = spawn(existsSync(own) ? own : process.execPath, [program?.file ?? "server/main.ts"], {
    cwd: program?.cwd ?? dir,
    env: { ...settings, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said = `${said}${chunk}`.slice(-10_000);
  });
  const exited = new Promise((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  const first = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`the server did not listen within ${START_TIMEOUT_MS} ms: ${said}`));
    }, START_TIMEOUT_MS);
    createInterface({ input: child.stdout }).on("line", (line) => {
      clearTimeout(timer);
      resolve(JSON.parse(line));
    });
    void exited.then(({ code }) => {
      clearTimeout(timer);
      reject(new Error(`the server ended with ${code}: ${said}`));
    });
  });
  const stop = (signal = "SIGTERM") => {
    child.kill(signal);
    return exited;
  };
  return { pid: first.pid, host: "127.0.0.1", port: first.port, adminPort: first.adminPort, stop };
}

export const join = (_transport, playerSessionId) => greeting(1, playerSessionId, []);

/** Whoever returns says that he has his new token. */
export const reconnect = (_transport, token) => greeting(2, token, [["0a", "0a"]]);

export function command(seq, { buttons, aimRadians }) {
  const body = Buffer.alloc(11);
  body.writeUInt32LE(seq, 0);
  body.writeUInt8(buttons, 4);
  body.writeFloatLE(aimRadians, 5);
  body.writeUInt16LE((8 * seq) % 0x10000, 9);
  return Buffer.concat([Buffer.from([COLYSEUS.BYTES, 0xa1]), Buffer.from("c"), body]);
}

export const leave = () => Buffer.from([COLYSEUS.LEAVE_ROOM]);

export const ping = () => Buffer.from([COLYSEUS.PING]);

export function preamble(transport) {
  if (transport === "tcp") return Buffer.from([0xc5, 0x46, 0x4c, 0x52]);
  const lines = [
    `GET ${PLAY_PATH} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}

export function frame(transport, payload) {
  if (transport === "tcp") return tcpFrame(payload);
  return webSocketFrame(pongs.has(payload) ? 0xa : 0x2, payload);
}

/** Replies that are control frames of the WebSocket, and no messages. */
const pongs = new WeakSet();

export function decoder(transport) {
  const events = eventsOf();
  const read = transport === "tcp" ? tcpReader() : webSocketReader();
  return {
    push: (bytes) =>
      read(Buffer.from(bytes)).map(({ payload, code, isPing }) =>
        isPing ? pinged(payload) : events(payload, code),
      ),
  };
}

function greeting(kind, credential, answers) {
  const text = Buffer.from(credential, "latin1");
  const head = Buffer.from([CONTROL.HELLO, 1, kind, text.length & 0xff, text.length >> 8]);
  // An empty client version, no options.
  return { path: PLAY_PATH, hello: Buffer.concat([head, text, Buffer.from([0])]), answers };
}

function tcpFrame(payload) {
  const header = Buffer.alloc(4);
  header.writeUInt32LE(payload.length);
  return Buffer.concat([header, payload]);
}

/** A whole message or control frame of a client, masked. */
function webSocketFrame(opcode, payload) {
  const mask = randomBytes(4);
  const { length } = payload;
  const head = length < 126 ? [length | 0x80] : [126 | 0x80, length >> 8, length & 0xff];
  const masked = Buffer.from(payload.map((byte, at) => byte ^ mask[at & 3]));
  return Buffer.concat([Buffer.from([0x80 | opcode, ...head]), mask, masked]);
}

/** A ping of the WebSocket, answered with the same bytes. */
function pinged(payload) {
  const reply = Buffer.from(payload);
  pongs.add(reply);
  return { kind: "other", payload, reply };
}

function tcpReader() {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const found = [];
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32LE()) {
      const end = 4 + rest.readUInt32LE();
      const payload = rest.subarray(4, end);
      const code = payload[0] === CONTROL.CLOSE ? payload.readUInt16LE(1) : undefined;
      found.push({ payload, code });
      rest = rest.subarray(end);
    }
    return found;
  };
}

function webSocketReader() {
  let rest = Buffer.alloc(0);
  let mode;
  return (bytes) => {
    mode ??= bytes[0] === 0x48 ? "handshake" : bytes[0] >= 0x80 ? "frames" : "messages";
    if (mode === "messages") return [{ payload: bytes, code: undefined }];
    rest = Buffer.concat([rest, bytes]);
    if (mode === "handshake") {
      const end = rest.indexOf("\r\n\r\n");
      if (end === -1) return [];
      const status = Number(rest.toString("latin1", 9, 12));
      rest = rest.subarray(end + 4);
      mode = "frames";
      if (status !== 101) return [{ payload: Buffer.alloc(0), code: status }];
    }
    const found = [];
    for (;;) {
      const one = firstFrame(rest);
      if (one === undefined) return found;
      rest = rest.subarray(one.end);
      if (one.opcode === 0x9) found.push({ payload: one.payload, isPing: true });
      const isClose = one.opcode === 0x8;
      if (one.opcode === 0x2 || isClose) {
        const code = isClose ? (one.payload.length < 2 ? 1005 : one.payload.readUInt16BE()) : undefined;
        found.push({ payload: one.payload, code });
      }
    }
  };
}

function firstFrame(bytes) {
  if (bytes.length < 2) return undefined;
  const short = bytes[1] & 0x7f;
  const at = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < at) return undefined;
  const length = at === 2 ? short : at === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < at + length) return undefined;
  return { opcode: bytes[0] & 0x0f, payload: bytes.subarray(at, at + length), end: at + length };
}

/** Tells what a payload is, and keeps the state, since a patch says its tick only together with what it patches. */
function eventsOf() {
  let isWelcome = false;
  let state;
  return (payload, code) => {
    if (code !== undefined) return { kind: isWelcome ? "closed" : "refused", code, payload };
    switch (payload[0]) {
      case COLYSEUS.JOIN_ROOM: {
        const { token, reflection } = joinRoom(payload);
        if (reflection.length > 0) state = Reflection.decode(reflection);
        isWelcome = true;
        return { kind: "welcome", token, payload };
      }
      case COLYSEUS.STATE:
      case COLYSEUS.PATCH: {
        if (state === undefined) throw new Error("a state came before its schema");
        const kind = payload[0] === COLYSEUS.STATE ? "state" : "patch";
        // A whole state is all there is: what it lacks is gone.
        if (kind === "state" && state.root.refs.size > 1) state.decodeResync(payload, { offset: 1 });
        else state.decode(payload, { offset: 1 });
        return { kind, tick: state.state.tick, state: state.state, payload };
      }
      case CONTROL.PING:
        return { kind: "other", payload, reply: Buffer.from([CONTROL.PONG, ...payload.subarray(1)]) };
      default:
        return { kind: "other", payload };
    }
  };
}

/** `0a | u8 n | token (n) | u8 n | serializer's name (n) | number n | reflection (n) | ...` */
function joinRoom(payload) {
  const tokenEnd = 2 + payload[1];
  const nameEnd = tokenEnd + 1 + payload[tokenEnd];
  const it = { offset: nameEnd };
  const length = it.offset < payload.length ? number(payload, it) : 0;
  return {
    token: payload.toString("latin1", 2, tokenEnd),
    reflection: payload.subarray(it.offset, it.offset + length),
  };
}

/** A Colyseus number: below 0x80 itself, else a type byte and a little-endian value. */
function number(bytes, it) {
  const first = bytes[it.offset++];
  if (first < 0x80) return first;
  const size = { 0xcc: 1, 0xcd: 2, 0xce: 4 }[first];
  if (size === undefined) throw new Error(`no length: ${first}`);
  it.offset += size;
  return bytes.readUIntLE(it.offset - size, size);
}
