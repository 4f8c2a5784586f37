import * as adapter from "./adapter.ts";
import { tcpFrame, upgradeRequest, webSocketFrame } from "./raw-bytes.ts";
import type { Random } from "./seeded.ts";

/** What a stranger writes to one connection. None of it is a right to a seat. */
interface Hostility {
  readonly bytes: Buffer;
  /** Messages in it that a server could take for one. */
  readonly frames: number;
}

const MAGIC = adapter.preamble("tcp");
/** What an honest client says from HELLO to leaving, with an id that admits nobody. */
const traffic = (id: string): Buffer[] => [
  adapter.join("tcp", id).hello,
  Buffer.from([10]),
  adapter.command(1, { buttons: 17, aimRadians: -1 }),
  adapter.ping(),
  adapter.command(2, { buttons: 2, aimRadians: 3 }),
  adapter.leave(),
];

type Class = (random: Random, badId: string, frames: number) => Hostility;

function repeat(count: number, make: () => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: count }, make));
}

/** Frames of either kind behind what opens its transport. */
function framed(random: Random, payloads: readonly Buffer[]): Hostility {
  const isTcp = random.chance(0.5);
  const opening = isTcp ? MAGIC : upgradeRequest(random, "/play");
  const frames = payloads.map((each) => (isTcp ? tcpFrame(each) : webSocketFrame(random, each)));
  return { bytes: Buffer.concat([opening, ...frames]), frames: payloads.length };
}

const list = (count: number, make: (at: number) => Buffer) =>
  Array.from({ length: count }, (_, at) => make(at));

export const BEFORE_JOIN: Readonly<Record<string, Class>> = {
  "random bytes": (random) => ({ bytes: random.bytes(1 + random.length(600)), frames: 1 }),

  "random payloads": (random, _id, frames) =>
    framed(
      random,
      list(frames, () => random.bytes(1 + random.length(300))),
    ),

  "edited HELLOs": (random, id, frames) => {
    const kind = random.pick([adapter.join, adapter.reconnect]);
    const hello = kind("tcp", id).hello;
    return framed(
      random,
      list(frames, () => random.edited(hello)),
    );
  },

  "edited real traffic": (random, id) => {
    const messages = traffic(id);
    const { bytes } = framed(random, messages);
    return { bytes: random.edited(bytes), frames: messages.length };
  },

  "cut frames": (random, id) => {
    const { bytes } = framed(random, traffic(id).slice(0, 1 + random.below(6)));
    return { bytes: bytes.subarray(0, 1 + random.below(bytes.length)), frames: 1 };
  },

  "length bombs": (random, _id, frames) => {
    const lengths = [0, 4097, 65_536, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
    const announced = random.pick(lengths);
    const body = random.bytes(random.length(64));
    if (random.chance(0.5)) {
      return { bytes: Buffer.concat([MAGIC, tcpFrame(body, announced)]), frames: 1 };
    }
    const bomb = () =>
      webSocketFrame(random, body, { announced: random.pick([...lengths, 2 ** 53]) });
    return {
      bytes: Buffer.concat([upgradeRequest(random, "/play"), repeat(frames, bomb)]),
      frames,
    };
  },

  "wrong order": (random, id, frames) => {
    const messages = [
      ...traffic(id),
      Buffer.from([2, 1, 0, 0, 3, 0x61, 0x62, 0x63]),
      Buffer.from([3, 0xa0, 0x0f]),
      Buffer.from([4, 1, 2, 3, 4]),
      Buffer.from([5, 1, 2, 3, 4]),
    ];
    return framed(
      random,
      list(frames, () => random.pick(messages)),
    );
  },

  "bytes after the end": (random, id, frames) => {
    const more = list(frames, () => random.pick(traffic(id)));
    const isTcp = random.chance(0.5);
    const end = isTcp
      ? Buffer.concat([MAGIC, tcpFrame(Buffer.from([3, 0xa0, 0x0f]))])
      : Buffer.concat([
          upgradeRequest(random, "/play"),
          webSocketFrame(random, Buffer.from([0x03, 0xe8]), { opcode: 8 }),
        ]);
    const after = more.map((each) => (isTcp ? tcpFrame(each) : webSocketFrame(random, each)));
    return { bytes: Buffer.concat([end, ...after]), frames: frames + 1 };
  },

  "HTTP rubbish": (random, id) => {
    const method = random.pick(["GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "BREW", ""]);
    const target = random.pick([
      "/",
      "/matchmake/joinById/match",
      "/matchmake/create/arena",
      "/matchmake/reconnect/match",
      "/play",
      `/${random.word(9)}/match?sessionId=${random.word(22)}`,
      `/${random.bytes(random.length(40)).toString("latin1")}`,
      "*",
    ]);
    const body = random.pick([
      JSON.stringify({ playerSessionId: id }),
      JSON.stringify({ reconnectionToken: `match:${random.word(22)}` }),
      "[".repeat(random.length(4000)),
      random.bytes(random.length(500)).toString("latin1"),
      "",
    ]);
    const length = random.pick([body.length, body.length, 0, 5000, -1, 2 ** 53]);
    const headers = random.pick([
      `Content-Length: ${length}`,
      "Transfer-Encoding: chunked",
      `Content-Length: ${length}\r\nTransfer-Encoding: chunked`,
      `X-A: ${random.word(random.length(9000))}`,
      `${random.bytes(random.length(40)).toString("latin1")}`,
    ]);
    const request = Buffer.from(
      `${method} ${target} HTTP/1.1\r\nHost: a\r\n${headers}\r\n\r\n${body}`,
      "latin1",
    );
    return { bytes: random.chance(0.3) ? random.edited(request) : request, frames: 1 };
  },

  "half upgrades": (random) => {
    const over: Record<string, string | undefined> = {};
    const name = random.pick([
      "Connection",
      "Upgrade",
      "Sec-WebSocket-Version",
      "Sec-WebSocket-Key",
      "Sec-WebSocket-Protocol",
      "Sec-WebSocket-Extensions",
      "Origin",
    ]);
    over[name] = random.pick([
      undefined,
      "",
      random.word(random.length(30)),
      random.bytes(8).toString("latin1"),
    ]);
    const target = random.pick(["/play", "/play/", `/p/match?sessionId=${random.word(22)}`]);
    const request = upgradeRequest(random, target, over);
    return { bytes: random.chance(0.3) ? random.edited(request) : request, frames: 1 };
  },

  "odd WebSocket frames": (random, _id, frames) => {
    const odd = () =>
      webSocketFrame(random, random.bytes(random.length(200)), {
        opcode: random.below(16),
        isFinal: random.chance(0.6),
        reserved: random.chance(0.3) ? random.below(8) : 0,
        isMasked: random.chance(0.8),
      });
    const opening = upgradeRequest(random, "/play");
    return { bytes: Buffer.concat([opening, repeat(frames, odd)]), frames };
  },
};
