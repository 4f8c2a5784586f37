import { createSocket } from "node:dgram";
import { get } from "node:http";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { CrashReporterStandIn } from "../support/collectors/crash-reporter.ts";
import { EmfListener } from "../support/collectors/emf-listener.ts";
import { readEmfLine } from "../support/collectors/emf-rules.ts";
import { readDatagram } from "../support/collectors/statsd-grammar.ts";
import { StatsdListener } from "../support/collectors/statsd-listener.ts";

const NOW_MS = Date.UTC(2026, 0, 1);

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe("the StatsD listener", () => {
  it.each([
    ["server_up:1|g", "its last line has no end"],
    ["server_up|g\n", "no value"],
    ["1up:1|g\n", "a name that is none"],
    ["server up:1|g\n", "a name that is none"],
    ["server_up:1|d\n", "type d"],
    ["server_up:1\n", "type "],
    ["server_up:1e3|g\n", "a value that is no decimal number"],
    ["server_up:|g\n", "a value that is no decimal number"],
    ["server_up:NaN|g\n", "a value that is no decimal number"],
    ["server_up:-1|g\n", "a negative value"],
    ["server_bytes_in:1.5|c\n", "a counter with a fraction, which is cut"],
    ["server_up:1|g|@0.5\n", "a section that is not the tags"],
    ["server_up:1|g|#a:1|#b:2\n", "a section that is not the tags"],
    ["server_up:1|g|#\n", "tags without a tag"],
    ["server_up:1|g|#a:1,\n", "a tag without a value"],
    ["server_up:1|g|#a:\n", "a tag without a value"],
    ["server_up:1|g|#1a:1\n", "a tag whose key is none"],
    [`server_up:1|g|#${"k".repeat(201)}:1\n`, "a tag whose key is none"],
    ["server_up:1|g|#a:1,a:2\n", "a tag twice"],
    ["server_up:1|g\u00e9\n", "not printable ASCII"],
    ["", "empty"],
    [`server_up:1|g|#a:${"v".repeat(512)}\n`, "of 512 bytes"],
  ])("[SX13] says what is wrong with %j", (text, problem) => {
    const { problems } = readDatagram(Buffer.from(text, "latin1"), 512);
    expect(problems.join()).toContain(problem);
  });

  it("[SX13] reads what is right", () => {
    const text = `a:1|g\nb:2|c|#k:arn:aws:x,${"l".repeat(200)}:2\nc.p95:0.5|ms\nd:3|h\ne:-4|c\n`;
    const { metrics, problems } = readDatagram(Buffer.from(text), 512);
    expect(problems).toEqual([]);
    expect(metrics.map(({ value }) => value)).toEqual([1, 2, 0.5, 3, -4]);
    expect(metrics[1]?.tags).toEqual({ k: "arn:aws:x", ["l".repeat(200)]: "2" });
  });

  it.each([
    ["gl-otel", "a:1|g\n", "no process_pid: a"],
    ["agent", "a:1|g|#session_id:x\n", "session_id with the agent: a"],
  ] as const)("[SX13] knows whose ids %s wants", async (mode, text, problem) => {
    const listener = await StatsdListener.open({ mode });
    onTestFinished(() => listener.close());
    const socket = createSocket("udp4");
    socket.send(text, listener.port, "127.0.0.1", () => socket.close());
    await listener.waitFor(1);
    expect(listener.problems).toEqual([problem]);
    expect(listener.last("a")?.value).toBe(1);
  });
});

describe("the crash reporter's stand-in", () => {
  async function opened() {
    const standIn = await CrashReporterStandIn.open();
    onTestFinished(() => standIn.close());
    const ask = (path: string, method = "GET") =>
      new Promise<number>((resolve, reject) => {
        const options = { host: "127.0.0.1", port: standIn.port, path, method, agent: false };
        get(options, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        }).on("error", reject);
      });
    return { standIn, ask };
  }

  it.each([
    ["/register", "GET", "no process_pid"],
    ["/register?process_pid=x", "GET", "no process_pid"],
    ["/register?process_pid=1&a=b", "GET", "2 parameters"],
    ["/register?process_pid=1", "POST", "not a GET"],
    ["/elsewhere?process_pid=1", "GET", "no such path"],
    ["/update?process_pid=1&session_id=arn", "GET", "not registered"],
    ["/update?process_pid=1&session_id=", "GET", "no session_id"],
    ["/update?process_pid=1&session_id=arn%3Aaws", "GET", "an encoded ARN"],
    ["/deregister?process_pid=1", "GET", "not registered"],
  ])("[SX13] says what is wrong with %s by %s", async (path, method, problem) => {
    const { standIn, ask } = await opened();
    expect(await ask(path, method)).toBe(400);
    expect(standIn.problems).toHaveLength(1);
    expect(standIn.problems[0]).toMatch(new RegExp(`^(${problem}): `));
  });

  it("[SX13] tells a process that left from one that crashed", async () => {
    const { standIn, ask } = await opened();
    const running = process.pid;
    const gone = 2 ** 22 + 1;
    for (const pid of [running, gone]) expect(await ask(`/register?process_pid=${pid}`)).toBe(200);
    await ask(`/update?process_pid=${gone}&session_id=arn:aws:x/y`);
    expect(standIn.watched).toEqual([
      { pid: running, gameSessionId: "" },
      { pid: gone, gameSessionId: "arn:aws:x/y" },
    ]);
    expect(standIn.crashes).toEqual([]);
    standIn.look();
    standIn.look();
    expect(standIn.crashes).toEqual([{ pid: gone, gameSessionId: "arn:aws:x/y" }]);
    await ask(`/deregister?process_pid=${running}`);
    expect([standIn.hasLeft(running), standIn.hasLeft(gone)]).toEqual([true, false]);
    expect([standIn.watched, standIn.problems]).toEqual([[], []]);
  });
});

const DIRECTIVE = {
  Namespace: "fleetroom",
  Dimensions: [["FleetId"]],
  Metrics: [{ Name: "m", Unit: "Seconds" }],
};

/** A line that is right, but for `members` and for what is `changed` in its directive. */
function emfLine(members: object = {}, changed: object = {}, metadata: object = {}): string {
  return JSON.stringify({
    _aws: {
      Timestamp: NOW_MS,
      CloudWatchMetrics: [{ ...DIRECTIVE, ...changed }],
      ...metadata,
    },
    FleetId: "fleet-1",
    m: [1, 2],
    ...members,
  });
}

describe("the EMF listener", () => {
  const many = (length: number) => Array.from({ length }, (_, index) => `k${index}`);
  it.each([
    ["{", "no JSON"],
    ["[]", "no JSON object"],
    ["{}", "no _aws"],
    [emfLine({}, {}, { Timestamp: "now" }), "a Timestamp that is no integer"],
    [emfLine({}, {}, { Timestamp: NOW_MS - 14 * 86_400_000 - 1 }), "a Timestamp too far back"],
    [emfLine({}, {}, { Timestamp: NOW_MS + 7_200_001 }), "a Timestamp to come"],
    [emfLine({}, {}, { CloudWatchMetrics: [] }), "no CloudWatchMetrics"],
    [emfLine({}, {}, { CloudWatchMetrics: [7] }), "a directive that is no object"],
    [emfLine({}, { Namespace: "" }), "no Namespace"],
    [emfLine({}, { Namespace: "n".repeat(257) }), "no Namespace"],
    [emfLine({}, { Dimensions: [] }), "no Dimensions"],
    [emfLine({}, { Dimensions: [many(31)] }), "a set of dimensions that is none"],
    [emfLine({}, { Dimensions: [["FleetId", "FleetId"]] }), "a dimension twice"],
    [emfLine({}, { Dimensions: [[""]] }), "a dimension without a name"],
    [emfLine({}, { Dimensions: [["Location"]] }), "no text for dimension Location"],
    [emfLine({ FleetId: 7 }), "no text for dimension FleetId"],
    [emfLine({ FleetId: "v".repeat(1_025) }), "no text for dimension FleetId"],
    [emfLine({ gameSessionId: "g" }, { Dimensions: [["gameSessionId"]] }), "an id as a dimension"],
    [emfLine({}, { Metrics: [] }), "no Metrics"],
    [emfLine({}, { Metrics: many(101).map((Name) => ({ Name })) }), "too many metrics"],
    [emfLine({}, { Metrics: [{}] }), "a metric without a name"],
    [emfLine({}, { Metrics: [{ Name: "n".repeat(1_025) }] }), "a metric without a name"],
    [emfLine({}, { Metrics: [{ Name: "m", Unit: "ms" }] }), "m in ms"],
    [emfLine({ m: [] }), "0 values of m"],
    [emfLine({ m: many(101).map(() => 1) }), "101 values of m"],
    [emfLine({ m: undefined }), "a value of m that is no number"],
    [emfLine({ m: [1, "2"] }), "a value of m that is no number"],
    [emfLine({ m: "1" }), "a value of m that is no number"],
    [emfLine({ rest: "x".repeat(262_144) }), "a line of "],
  ])("[MF7] says what is wrong with %.90s", (line, problem) => {
    const { record, problems } = readEmfLine(line, NOW_MS);
    expect([record, problems[0]]).toEqual([undefined, expect.stringContaining(problem)]);
  });

  it.each([
    emfLine(),
    emfLine({ m: 5 }),
    emfLine({}, { Dimensions: [[]] }),
    emfLine({}, {}, { Timestamp: NOW_MS - 14 * 86_400_000 }),
    emfLine({ m: many(100).map(() => 1), more: { a: 1 } }),
  ])("[MF7] reads what is right: %.90s", (line) => {
    const { record, problems } = readEmfLine(line, NOW_MS);
    expect(problems).toEqual([]);
    expect(record).toEqual(JSON.parse(line));
  });

  it("[MF7] takes lines in pieces over TCP, whole ones over UDP, and sees one without an end", async () => {
    const listener = await EmfListener.open(() => NOW_MS);
    onTestFinished(() => listener.close());
    const socket = connect(listener.port, "127.0.0.1");
    const text = `${emfLine({ n: 1 })}\n${emfLine({ n: 2 })}\n`;
    socket.write(text.slice(0, 300));
    await listener.waitFor(1);
    socket.write(text.slice(300));
    await listener.waitFor(2);
    const udp = createSocket("udp4");
    udp.send(`${emfLine({ n: 3 })}\n`, listener.port, "127.0.0.1", () => udp.close());
    await listener.waitFor(3);
    expect(listener.records.map((record) => record["n"])).toEqual([1, 2, 3]);
    expect(listener.problems).toEqual([]);
    socket.end("{");
    await until(() => listener.problems.length > 0);
    expect(listener.problems).toEqual(["a line without its end"]);
  });
});
