import dgram from "node:dgram";
import { once } from "node:events";
import net from "node:net";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../emulator/clock.ts";
import type { ServerProcess } from "../../../emulator/plane/records.ts";
import type { Sighting } from "../../../emulator/server-sdk/wire-hooks.ts";
import { VERIFY_LIMITS } from "../../../emulator/verify/limits.ts";
import { probePort } from "../../../emulator/verify/port-probe.ts";
import { WireTrace } from "../../../emulator/verify/wire-trace.ts";

const ours = { processId: "process-1" } as ServerProcess;
const QUERY = {
  pID: "process-1",
  Authorization: "token-one",
  IdempotencyToken: "idempotency-one",
  sdkVersion: "5.6.0",
  sdkLanguage: "Go",
};

function connected(connection: number, over: Partial<typeof QUERY> = {}): Sighting {
  const query = { ...QUERY, ...over };
  return { kind: "connected", connection, process: ours, query, as: "first" };
}

function request(message: Record<string, unknown>, process = ours): Sighting {
  return {
    kind: "request",
    connection: 9,
    process,
    action: String(message["Action"]),
    requestId: "r",
    message,
    statusCode: 200,
    problems: [],
    isRepeat: false,
  };
}

describe("the trace of the wire", () => {
  it("[EY9] tells tokens apart and shows none of them", () => {
    const wire = new WireTrace("process-1");
    const entries = [
      wire.entryOf(connected(4)),
      wire.entryOf(connected(7)),
      wire.entryOf(connected(8, { Authorization: "token-two", IdempotencyToken: "two" })),
    ];
    expect(entries).toMatchObject([
      { connection: 1, idempotencyToken: 1, authToken: 1 },
      { connection: 2, idempotencyToken: 1, authToken: 1 },
      { connection: 3, idempotencyToken: 2, authToken: 2 },
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/token-one|token-two|idempotency-one/);
  });

  it("[EY9] leaves out what is another process's", () => {
    const wire = new WireTrace("process-1");
    const theirs = { processId: "process-2" } as ServerProcess;
    expect(wire.entryOf(request({ Action: "ActivateGameSession" }, theirs))).toBeUndefined();
    const refused = { kind: "refused", status: 403, message: "no" } as const;
    expect(wire.entryOf({ ...refused, query: { pID: "process-2" } })).toBeUndefined();
    expect(wire.entryOf({ ...refused, query: {} })).toMatchObject({ status: 403, why: "no" });
  });

  it("[EY9] is bounded, whatever a server sends", () => {
    const wire = new WireTrace("process-1");
    const long = { Action: "X", RequestId: "r", A: "a".repeat(9_999), B: Array(999).fill([{}]) };
    const { memberCharsMax, memberItemsMax, sameEntriesMax } = VERIFY_LIMITS;
    const entry = wire.entryOf(request(long));
    const members = (entry as { members: Record<string, string | unknown[]> }).members;
    expect(members["A"]?.length).toBe(memberCharsMax);
    expect(members["B"]?.length).toBe(memberItemsMax);
    const describe = () => wire.entryOf(request({ Action: "DescribePlayerSessions" }));
    for (let count = 0; count < sameEntriesMax; count++) expect(describe()?.kind).toBe("request");
    expect(describe()?.kind).toBe("note");
    expect(describe()).toBeUndefined();
    expect(wire.entryOf(request({ Action: "TerminateServerProcess" }))?.kind).toBe("request");
  });
});

describe("the probe of a port", () => {
  it("[EY10] finds a TCP listener, also one that is a moment late", async () => {
    const server = net.createServer((socket) => socket.on("error", () => {}));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as net.AddressInfo;
    expect(await probePort(port, systemClock)).toBe("tcp");
    server.close();
    await once(server, "close");
    const late = probePort(port, systemClock);
    await new Promise((resolve) => setImmediate(resolve));
    server.listen(port, "127.0.0.1");
    expect(await late).toBe("tcp");
    server.close();
  });

  it("[EY10] finds a UDP socket", async () => {
    const socket = dgram.createSocket("udp4");
    socket.bind(0, "0.0.0.0");
    await once(socket, "listening");
    expect(await probePort(socket.address().port, systemClock)).toBe("udp");
    socket.close();
  });

  it("[EY10] finds nothing where nobody listens, and at what is no port", async () => {
    const hasty = { ...systemClock, nowMs: () => systemClock.nowMs() * 100 };
    const server = net.createServer();
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as net.AddressInfo;
    server.close();
    await once(server, "close");
    expect(await probePort(port, hasty)).toBe("nothing");
    for (const odd of [0, 65_536, 1.5, Number.NaN])
      expect(await probePort(odd, systemClock)).toBe("nothing");
  });
});
