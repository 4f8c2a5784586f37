import { randomUUID } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { selfSigned } from "../../../emulator/front/self-signed.ts";
import { activation, BareServerProcess, queryFor } from "../../support/bare-server-process.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { Line } from "../../support/gamelift-service/line.ts";
import { GameLiftService } from "../../support/gamelift-service/service.ts";

const HEALTHY = { HealthStatus: true };

let clock: FakeClock;
let service: GameLiftService;

beforeEach(async () => {
  clock = new FakeClock();
  service = await GameLiftService.open({ clock });
});

afterEach(() => service[Symbol.asyncDispose]());

/** Resolves when the peer has taken all it was sent so far and its answers are here. */
async function roundTrip(process: BareServerProcess): Promise<void> {
  process.socket.ping();
  await once(process.socket, "pong");
}

/** A TCP connection that asks for a WebSocket and shows how it ends. */
async function rawConnection(): Promise<{ socket: net.Socket; ended: Promise<string> }> {
  const socket = net.connect(service.port, "127.0.0.1");
  const query = new URLSearchParams(queryFor(service));
  const headers = ["Host: localhost", "Connection: Upgrade", "Upgrade: websocket"];
  const key = ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"];
  socket.write(`${[`GET /?${query} HTTP/1.1`, ...headers, ...key].join("\r\n")}\r\n\r\n`);
  const ended = new Promise<string>((resolve) => {
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
    socket.on("end", () => resolve("end"));
  });
  await once(socket, "data");
  return { socket, ended };
}

/** Sends something and resolves when it got lost. */
async function lost<T>(send: () => T): Promise<T> {
  const before = service.lostByteCount;
  const sent = send();
  await service.until(() => service.lostByteCount > before);
  return sent;
}

describe("a faulty answer", () => {
  it("[GP11] is late, and its request has its effect at once", async () => {
    const process = await BareServerProcess.connect(service);
    service.faults.delay(1_000);
    service.faults.delay(0, "GetComputeCertificate");
    const answer = process.ask("ActivateServerProcess", activation());
    await service.waitFor("ActivateServerProcess");
    expect(service.processes.get("process-1")).toMatchObject({ ready: true });
    clock.advance(999);
    await process.ask("GetComputeCertificate");
    expect(process.frames).toHaveLength(1);
    clock.advance(1);
    expect(await answer).toMatchObject({ StatusCode: 200 });
    service.faults.delay(0);
    await process.ask("HeartbeatServerProcess", HEALTHY);
  });

  it("[GP11] never comes, whether the request was lost or its answer", async () => {
    const process = await BareServerProcess.connect(service);
    const id = randomUUID();
    service.faults.silence({ applies: false });
    process.tell("ActivateServerProcess", activation(), id);
    await roundTrip(process);
    expect(service.processes.get("process-1")).toMatchObject({ ready: false });
    expect(service.requests).toMatchObject([{ statusCode: undefined, isDuplicate: false }]);

    service.faults.silence({ applies: true });
    process.tell("ActivateServerProcess", activation(), id);
    await roundTrip(process);
    expect(service.processes.get("process-1")).toMatchObject({ ready: true });
    expect(service.requests[1]).toMatchObject({ statusCode: 200, isDuplicate: true });
    expect(process.frames).toEqual([]);

    service.faults.silence("off");
    expect(await process.ask("ActivateServerProcess", activation(), id)).toMatchObject({
      StatusCode: 200,
    });
    service.faults.silence({ applies: true }, "GetComputeCertificate");
    process.tell("GetComputeCertificate");
    await process.ask("HeartbeatServerProcess", HEALTHY);
    expect(process.frames).toHaveLength(2);
  });

  it("[GP11] is the scripted one, so many times, and the request has no effect", async () => {
    const process = await BareServerProcess.connect(service);
    const throttled = { statusCode: 429, errorMessage: "Rate exceeded" };
    service.faults.answerWith("ActivateServerProcess", throttled, 2);
    for (const _ of [1, 2]) {
      expect(await process.ask("ActivateServerProcess", activation())).toMatchObject({
        StatusCode: 429,
        ErrorMessage: "Rate exceeded",
      });
    }
    expect(service.processes.get("process-1")).toMatchObject({ ready: false });
    await process.ask("ActivateServerProcess", activation());
    service.faults.answerWith("*", { statusCode: 500, errorMessage: "Internal" });
    const id = randomUUID();
    for (const _ of [1, 2]) {
      expect(await process.ask("HeartbeatServerProcess", HEALTHY, id)).toMatchObject({
        StatusCode: 500,
      });
    }
    service.faults.clear();
    expect(await process.ask("HeartbeatServerProcess", HEALTHY)).toMatchObject({
      StatusCode: 200,
    });
    expect(service.processes.get("process-1")?.healthReports).toHaveLength(1);
  });

  it("[GP11] comes twice, or to a request that nobody made", async () => {
    const process = await BareServerProcess.connect(service);
    const id = randomUUID();
    service.faults.duplicateAnswers = true;
    process.tell("ActivateServerProcess", activation(), id);
    await roundTrip(process);
    expect(process.frames.map((frame) => frame["RequestId"])).toEqual([id, id]);
    service.faults.duplicateAnswers = false;
    service.faults.wrongRequestIds = true;
    process.tell("HeartbeatServerProcess", HEALTHY, id.replace("4", "5"));
    await roundTrip(process);
    const [, , last] = process.frames;
    expect(last).toMatchObject({ Action: "HeartbeatServerProcess", StatusCode: 200 });
    expect(last?.["RequestId"]).not.toBe(id.replace("4", "5"));
  });

  it("[GP11] is preceded by whatever a test sends", async () => {
    const process = await BareServerProcess.connect(service);
    service.pushRaw("{garbage");
    service.pushRaw(Buffer.from("bytes"));
    service.pushRaw('{"Action":"NewInVersion6"}');
    await process.ask("GetComputeCertificate");
    expect(process.frames.slice(0, 3)).toEqual([
      { raw: "{garbage" },
      { raw: "bytes" },
      { Action: "NewInVersion6" },
    ]);
  });
});

describe("a cut", () => {
  it.each([
    ["reset", "ECONNRESET"],
    ["fin", "end"],
  ] as const)("[GP12] by %s shows as %s, and as 1006 above", async (how, shown) => {
    const { ended } = await rawConnection();
    const process = await BareServerProcess.connect(service);
    const closed = process.closed();
    service.cut(how);
    expect(await ended).toBe(shown);
    expect(await closed).toBe(1006);
    const closes = () => service.processes.get("process-1")!.connections.map((each) => each.closed);
    await service.until(() => closes().every((each) => each?.code === 1006));
  });

  it("[GP12] by a close frame has its code, and spares other processes", async () => {
    const process = await BareServerProcess.connect(service);
    const other = await BareServerProcess.connect(service, { pID: "process-2" });
    const closed = process.closed();
    service.cut({ code: 1011, reason: "going" }, "process-1");
    expect(await closed).toBe(1011);
    await other.ask("GetComputeCertificate");
  });
});

describe.each(["ws", "wss"])("over %s", (scheme) => {
  beforeEach(async () => {
    if (scheme === "ws") return;
    await service[Symbol.asyncDispose]();
    const { certificate: cert, key } = selfSigned("localhost");
    service = await GameLiftService.open({ clock, tls: { cert, key } });
  });

  it("[GP12] a black hole takes everything, gives nothing, and delivers none of it later", async () => {
    const idle = await BareServerProcess.ready(service);
    const busy = await BareServerProcess.ready(service, { pID: "process-2" });
    const before = service.requests.length;
    service.blackHole(true);
    const caller = await lost(() => BareServerProcess.dial(service, { pID: "process-3" }));
    await lost(() => busy.tell("GetComputeCertificate"));
    await lost(() => busy.socket.close(1001));

    service.blackHole(false);
    await idle.ask("GetComputeCertificate");
    const fresh = await BareServerProcess.connect(service, { pID: "process-2" });
    await fresh.ask("GetComputeCertificate");
    expect(service.requests.slice(before).map(({ connection }) => connection)).toEqual([1, 3]);
    expect(busy.socket.readyState).toBe(busy.socket.CLOSING);
    expect(caller.socket.readyState).toBe(caller.socket.CONNECTING);
    expect(service.tcpConnectionCount).toBe(4);
    expect(service.upgrades).toHaveLength(3);

    const reset = caller.closed();
    service.cut("reset");
    await reset;
  });

  it("[GP12] what is sent into a black hole is lost as well", async () => {
    const process = await BareServerProcess.ready(service);
    service.blackHole(true);
    service.terminateProcess(0);
    service.blackHole(false);
    await lost(() => process.tell("GetComputeCertificate"));
    const fresh = await BareServerProcess.connect(service);
    await fresh.ask("GetComputeCertificate");
    expect(process.frames.map((frame) => frame["Action"])).not.toContain("TerminateProcess");
    expect(service.count("GetComputeCertificate")).toBe(1);
  });

  it("[GP12] answers come in slices", async () => {
    const process = await BareServerProcess.connect(service);
    service.slice({ bytes: 8, everyMs: 10 });
    const answer = process.ask("GetComputeCertificate");
    await service.waitFor("GetComputeCertificate");
    await clock.advanceAsync(50);
    expect(process.frames).toEqual([]);
    await clock.advanceAsync(1_000);
    expect(await answer).toMatchObject({ StatusCode: 200 });
    service.slice("off");
    await process.ask("GetComputeCertificate");
  });
});

describe("a service", () => {
  it("[GP12] that went away leaves a connection open, whatever becomes of it above", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const line = new Line({
      clock,
      onChange: () => line.lostByteCount > 0 && resolve(),
      onStream(stream) {
        stream.die();
        stream.destroy();
      },
    });
    await line.listen();
    const socket = net.connect(line.port, "127.0.0.1", () => socket.write("anybody there?"));
    const ended = once(socket, "error");
    await promise;
    line.close();
    expect(await ended).toMatchObject([{ code: "ECONNRESET" }]);
  });

  it("[GP12] that went away without a word is there for new connections alone", async () => {
    const process = await BareServerProcess.connect(service);
    service.halfOpen();
    await lost(() => process.tell("GetComputeCertificate"));
    const fresh = await BareServerProcess.connect(service);
    await fresh.ask("GetComputeCertificate");
    expect(service.requests).toMatchObject([{ connection: 2 }]);
    expect(process.socket.readyState).toBe(process.socket.OPEN);
  });

  it("[GP12] refuses connections and takes them again at the same port", async () => {
    const process = await BareServerProcess.connect(service);
    const { url } = service;
    await service.refuse("connection");
    await expect(BareServerProcess.connect(service)).rejects.toThrow("ECONNREFUSED");
    await process.ask("GetComputeCertificate");
    await service.refuse("off");
    expect(service.url).toBe(url);
    await BareServerProcess.connect(service);
  });

  it("[GP12] refuses upgrades with any status", async () => {
    await service.refuse(503);
    await expect(BareServerProcess.connect(service)).rejects.toThrow("503");
    await service.refuse("off");
    await BareServerProcess.connect(service);
    expect(service.upgrades.map(({ status }) => status)).toEqual([503, 101]);
  });
});
