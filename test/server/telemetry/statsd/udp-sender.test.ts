import { createSocket, type Socket } from "node:dgram";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { StatsdTelemetry } from "../../../../server/telemetry/statsd/statsd-telemetry.ts";
import { UdpSender } from "../../../../server/telemetry/statsd/udp-sender.ts";
import { everyEvent } from "../../../contract/telemetry-contract.ts";
import {
  StatsdListener,
  type StatsdListenerOptions,
} from "../../../support/collectors/statsd-listener.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { ARN, readingOf } from "./statsd-world.ts";

async function listening(options: StatsdListenerOptions): Promise<StatsdListener> {
  const listener = await StatsdListener.open(options);
  onTestFinished(() => listener.close());
  return listener;
}

function senderTo(port: number, host = "127.0.0.1"): { sender: UdpSender; said: string[] } {
  const said: string[] = [];
  const vendorMessage = ({ message }: { message: string }) => said.push(message);
  const sender = new UdpSender({ host, port, telemetry: { vendorMessage } });
  onTestFinished(() => sender.close());
  return { sender, said };
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe("UdpSender", () => {
  it.each(["127.0.0.1", "localhost"])("[SX7] brings packets to %s, in order", async (host) => {
    const listener = await listening({ mode: "agent" });
    const { sender, said } = senderTo(listener.port, host);
    for (let n = 0; n < 5; n++) sender.send(Buffer.from(`n:${n}|c\n`));
    await listener.waitFor(5);
    sender.send(Buffer.from("n:5|c\n"));
    await listener.waitFor(6);
    expect(listener.metrics.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, 5]);
    expect([sender.lostPackets, said, listener.problems]).toEqual([0, [], []]);
  });

  it("[SX7] sends what was given before it is closed, and nothing after", async () => {
    const listener = await listening({ mode: "agent" });
    const sockets: Socket[] = [];
    const opened = (message: unknown) => sockets.push((message as { socket: Socket }).socket);
    subscribe("udp.socket", opened);
    const { sender } = senderTo(listener.port);
    sender.send(Buffer.from("n:1|c\n"));
    unsubscribe("udp.socket", opened);
    const closed = once(sockets[0]!, "close");
    sender.close();
    sender.close();
    sender.send(Buffer.from("n:2|c\n"));
    await Promise.all([listener.waitFor(1), closed]);
    expect([listener.total("n"), sender.lostPackets]).toEqual([1, 1]);
  });

  it("[SX7] counts packets that nobody takes, tells it once, and goes on when somebody does", async () => {
    const port = await freePort();
    const { sender, said } = senderTo(port);
    const send = async () => {
      const before = sender.lostPackets;
      sender.send(Buffer.from("n:1|c\n"));
      await until(() => sender.lostPackets > before);
    };
    await send();
    await send();
    expect(said).toEqual([expect.stringContaining("ECONNREFUSED")]);
    const listener = await listening({ mode: "agent", port });
    sender.send(Buffer.from("n:7|c\n"));
    await listener.waitFor(1);
    expect(listener.total("n")).toBe(7);
  });

  it("[SX7] counts a packet that is longer than a datagram", async () => {
    const listener = await listening({ mode: "agent" });
    const { sender, said } = senderTo(listener.port);
    sender.send(Buffer.alloc(70_000, 97));
    sender.send(Buffer.from("n:1|c\n"));
    await listener.waitFor(1);
    await until(() => sender.lostPackets === 1);
    expect(said).toEqual([expect.stringContaining("EMSGSIZE")]);
  });

  it("[SX7] loses what it has for a name that is nobody's, and asks for it again with the next", async () => {
    // A part of a name has 63 characters at most, so nobody outside is asked.
    const { sender, said } = senderTo(8_125, "x".repeat(64));
    sender.send(Buffer.from("n:1|c\n"));
    sender.send(Buffer.from("n:2|c\n"));
    await until(() => sender.lostPackets === 2);
    sender.send(Buffer.from("n:3|c\n"));
    await until(() => sender.lostPackets === 3);
    expect(said).toHaveLength(1);
  });

  it("[SX7] holds a bounded number of packets while the name is looked for", async () => {
    const listener = await listening({ mode: "agent" });
    const { sender } = senderTo(listener.port);
    for (let n = 0; n < 70; n++) sender.send(Buffer.from("n:1|c\n"));
    expect(sender.lostPackets).toBe(6);
    await listener.waitFor(64);
    expect(listener.total("n")).toBe(64);
  });
});

describe.each(["gl-otel", "agent"] as const)("StatsdTelemetry over UDP to %s", (collector) => {
  it("[SX1] keeps to what is documented through a whole game session", async () => {
    const listener = await listening({ mode: collector });
    const { sender } = senderTo(listener.port);
    const clock = new FakeClock();
    let receivedBytes = 0;
    const telemetry = new StatsdTelemetry({
      clock,
      readings: () => {
        receivedBytes += 1_000;
        const traffic = { receivedBytes, receivedFrames: 5, sentBytes: 6, sentFrames: 7 };
        return readingOf({ traffic });
      },
      sender,
      telemetry: { vendorMessage() {} },
      collector,
      processPid: process.pid,
      gameLiftProcessId: "process-1",
    });
    telemetry.serverListening(everyEvent.serverListening);
    clock.advance(10_000);
    telemetry.gameSessionPlaced({ ...everyEvent.gameSessionPlaced, gameSessionId: ARN });
    for (let tick = 0; tick < 400; tick++) {
      telemetry.tickRan({ durationMs: tick / 100, intervalMs: 50, lateMs: 0, commands: 3 });
      clock.advance(50);
    }
    telemetry.gameSessionEnded(everyEvent.gameSessionEnded);
    telemetry.serverStopped({ exitCode: 0 });
    await until(() => listener.last("server_up")?.value === 0 && listener.metrics.length > 60);
    await until(() => listener.total("server_bytes_in") === receivedBytes);
    expect(listener.problems).toEqual([]);
    expect(sender.lostPackets).toBe(0);
    expect(
      listener.metrics.filter(({ name }) => name === "server_tick_time").length,
    ).toBeGreaterThan(1);
    const sessions = new Set(listener.metrics.map(({ tags }) => tags["session_id"]));
    expect(sessions).toEqual(new Set(collector === "agent" ? [undefined] : [undefined, ARN]));
  });
});
