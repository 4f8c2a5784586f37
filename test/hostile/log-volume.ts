import { expect } from "vitest";
import * as adapter from "./adapter.ts";
import { BEFORE_JOIN } from "./before-join-inputs.ts";
import { HostileServer } from "./hostile-server.ts";
import { upgradeRequest, webSocketFrame } from "./raw-bytes.ts";
import { inParallel, report } from "./report.ts";
import { Random, seedOf } from "./seeded.ts";
import { visit } from "./stranger.ts";

const LOG_BYTES_MAX = 100_000;

/** A close code of the stranger's own choice, while his claim of no reservation is being judged. */
function closeOfOwnChoice(random: Random): Buffer {
  const code = Buffer.alloc(2);
  code.writeUInt16BE(3_000 + random.below(2_000));
  const target = `/p/match?sessionId=${random.word(22)}`;
  return Buffer.concat([
    upgradeRequest(random, target),
    webSocketFrame(random, code, { opcode: 8 }),
  ]);
}

/** Counts what strangers make the server write, at the level that writes most. */
export async function countLogBytes(options: { connections: number }): Promise<void> {
  const seed = seedOf("log volume");
  const random = new Random(seed);
  const server = await HostileServer.start(random, {
    players: 1,
    env: { FLEETROOM_LOG_LEVEL: "debug" },
  });
  const before = server.log.length;
  const ids: string[] = [];
  const kinds = Object.keys(BEFORE_JOIN);
  try {
    await inParallel(options.connections, 64, async (number) => {
      const id = `secret-${random.word(20)}`;
      ids.push(id);
      const bytes = [
        () => BEFORE_JOIN[random.pick(kinds)]!(random, id, 3).bytes,
        () =>
          Buffer.concat([
            adapter.preamble("tcp"),
            adapter.frame("tcp", random.pick([adapter.join, adapter.reconnect])("tcp", id).hello),
          ]),
        () => closeOfOwnChoice(random),
      ][number % 3]!();
      await visit(server.port, bytes, random, 100);
    });
    await server.process.stop();
    const bytes = server.log.length - before;
    report("log_volume", { connections: options.connections, logBytes: bytes });
    expect(server.log).toContain("join_refused");
    expect(bytes).toBeLessThan(LOG_BYTES_MAX);
    expect([...ids, ...server.ids].filter((id) => server.log.includes(id))).toEqual([]);
  } finally {
    await server.stop();
  }
}
