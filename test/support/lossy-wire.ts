/**
 * A wire that loses packets, for a real kernel's TCP: every packet that goes into the tun device of file descriptor 3 comes
 * out of it again later, with sender and receiver changed over, or never. A program beside the test, on an event loop of
 * its own: `lossy-wire.ts LOSS_SHARE DELAY_MS JITTER_MS SEED`.
 *
 * What connects to the other address of the device's network thus reaches its own machine. Changed over, both checksums
 * stay right: they are sums.
 * @module
 */
import { read, writeSync } from "node:fs";
import { createRandom, nextBetween } from "../../rooms/kernel/random.ts";

const TUN = 3;
const PACKET_BYTES_MAX = 65_536;
/** Of the IPv4 header. */
const SENDER_AT = 12;
const ADDRESS_BYTES = 4;

const [lossShare = 0, delayMs = 0, jitterMs = 0, seed = 1] = process.argv.slice(2).map(Number);
const random = createRandom(seed);
/** By sender: order is kept in each direction, as on most ways. */
const lastMs = new Map<number, number>();

function pass(packet: Buffer): void {
  if (packet.readUInt8(0) >> 4 !== 4 || nextBetween(random, 0, 1) < lossShare) return;
  const sender = packet.readUInt32BE(SENDER_AT);
  packet.writeUInt32BE(packet.readUInt32BE(SENDER_AT + ADDRESS_BYTES), SENDER_AT);
  packet.writeUInt32BE(sender, SENDER_AT + ADDRESS_BYTES);
  const port = packet.readUInt16BE((packet.readUInt8(0) & 15) * 4);
  const nowMs = performance.now();
  const dueMs = Math.max(
    lastMs.get(port) ?? 0,
    nowMs + delayMs + nextBetween(random, -jitterMs, jitterMs),
  );
  lastMs.set(port, dueMs);
  setTimeout(() => writeSync(TUN, packet), dueMs - nowMs);
}

function readOn(): void {
  read(
    TUN,
    Buffer.allocUnsafe(PACKET_BYTES_MAX),
    0,
    PACKET_BYTES_MAX,
    null,
    (error, bytes, buffer) => {
      if (error !== null) throw error;
      pass(buffer.subarray(0, bytes));
      readOn();
    },
  );
}

readOn();
