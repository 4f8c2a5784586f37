import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { controlHandler } from "../../../emulator/faults/control.ts";
import { FAULT_KINDS } from "../../../emulator/faults/fault-table.ts";
import { HappeningStreams } from "../../../emulator/faults/happening-stream.ts";
import { FAULT_LIMITS } from "../../../emulator/faults/limits.ts";
import { type PlacementView, stateOf } from "../../../emulator/faults/state.ts";
import type { HttpAnswer, HttpHandler } from "../../../emulator/front/http-exchange.ts";
import { settle } from "../../support/fake-clock.ts";
import { FaultWorld } from "./fault-world.ts";

class ControlWorld extends FaultWorld {
  readonly placements: PlacementView[] = [];
  readonly streams = new HappeningStreams(this.plane.happenings, this.clock);
  readonly handler: HttpHandler = controlHandler({
    state: () =>
      stateOf({
        plane: this.plane,
        census: this.faults.census,
        standing: this.faults.standing,
        placements: () => this.placements,
      }),
    happeningsSince: (sequence) => this.plane.happenings.since(sequence),
    streams: this.streams,
    order: (order) => this.faults.order(order),
  });

  async ask(
    target: string,
    {
      method = "GET",
      body = "",
      headers = {},
    }: { method?: string; body?: string; headers?: object } = {},
  ): Promise<HttpAnswer> {
    const { pathname, searchParams } = new URL(target, "http://127.0.0.1");
    return this.handler({
      method,
      path: pathname,
      query: searchParams,
      headers: { ...headers },
      body: Buffer.from(body),
    });
  }

  async json(target: string, options?: { method?: string; body?: string }) {
    const { status, body } = await this.ask(target, options);
    return { status, body: JSON.parse(String(body)) };
  }

  async post(order: unknown) {
    const body = typeof order === "string" ? order : JSON.stringify(order);
    return this.json("/_fleetroom/faults", { method: "POST", body });
  }

  /** An open stream, and what has come over it. */
  async stream(target = "/_fleetroom/happenings/stream", headers = {}) {
    const { status, body } = await this.ask(target, { headers });
    if (!(body instanceof Readable)) return { status, stream: undefined, texts: [] };
    const texts: string[] = [];
    body.on("data", (text) => texts.push(String(text)));
    await settle();
    return { status, stream: body, texts };
  }
}

describe("GET /_fleetroom/state", () => {
  it("[EX16] tells fleets, computes, processes, sessions, players, backfills, placements and standing faults", async () => {
    const world = new ControlWorld();
    const { process, session } = world.hosting("p");
    world.reserve(session, "ann");
    const { gameSessionId } = session;
    const request = { gameSessionId, ticketId: "t", matchmakingConfigurationArn: "", players: [1] };
    world.plane.backfills.start(process, request);
    world.done({ fault: "slow", process: 1, by: "1s", times: 3, for: "8s" });
    const placement = {
      placementId: "pl",
      queueName: "q",
      status: "PENDING",
      gameSessionId: undefined,
      maximumPlayerSessionCount: 2,
      startedAtMs: 1,
      endedAtMs: undefined,
    };
    world.placements.push({ ...placement, playerLatencies: [1, 2, 3] } as PlacementView);
    const { status, body } = await world.json("/_fleetroom/state");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      region: "us-west-2",
      endpoint: "ws://127.0.0.1:9080",
      sequence: world.plane.happenings.since(0).at(-1)?.sequence,
      fleets: [{ name: "anywhere" }, { name: "managed" }],
      computes: [{ computeName: "laptop" }, { computeName: "i-1" }],
      processes: [{ processId: "p", state: "READY", ordinal: 1, isConnected: true }],
      gameSessions: [{ gameSessionId, status: "ACTIVE", reservedCount: 1 }],
      playerSessions: [{ playerId: "ann", status: "RESERVED" }],
      backfills: [{ ticketId: "t", status: "SEARCHING", playerCount: 1 }],
      faults: [{ kind: "slow", value: { delayMs: 1_000 }, timesLeft: 3, leftMs: 8_000 }],
    });
    expect(body.placements).toEqual([JSON.parse(JSON.stringify(placement))]);
  });

  it("[EX16] tells what lives and the newest of the rest, and cuts long texts", async () => {
    const world = new ControlWorld();
    const { session } = world.hosting("p");
    world.done({ fault: "matchmaker-data", session: 1, data: { long: "x".repeat(100_000) } });
    for (let index = 0; index < FAULT_LIMITS.stateRecordsMax + 10; index++) {
      world.placements.push({
        placementId: `pl-${index}`,
        queueName: "q",
        status: index === 0 ? "PENDING" : "FAILED",
        gameSessionId: undefined,
        maximumPlayerSessionCount: 2,
        startedAtMs: index,
        endedAtMs: undefined,
      });
    }
    const { body } = await world.json("/_fleetroom/state");
    expect(body.gameSessions[0].matchmakerData).toHaveLength(FAULT_LIMITS.stateTextCharsMax + 1);
    expect(session.matchmakerData.length).toBeGreaterThan(100_000);
    const ids: string[] = body.placements.map(({ placementId }: PlacementView) => placementId);
    expect(ids).toHaveLength(FAULT_LIMITS.stateRecordsMax);
    expect(ids.slice(0, 2)).toEqual(["pl-11", "pl-12"]);
    expect(ids.at(-1)).toBe("pl-0");
  });

  it("[EX16] tells no token", async () => {
    const world = new ControlWorld();
    const { fleetId } = world.anywhere;
    const token = world.plane.computes.token(fleetId, "laptop");
    world.ready("p");
    world.done({ fault: "refresh", process: 1 });
    const { body } = await world.ask("/_fleetroom/state");
    const { body: happenings } = await world.ask("/_fleetroom/happenings");
    const secret = "value" in token ? token.value.token : "";
    expect(secret).not.toBe("");
    expect(`${body}${happenings}`).not.toContain(secret);
  });
});

describe("GET /_fleetroom/happenings", () => {
  it("[EX17] tells what came after a happening, and the number of the last one", async () => {
    const world = new ControlWorld();
    const all = await world.json("/_fleetroom/happenings");
    expect(all.body.happenings.length).toBe(all.body.last);
    world.connected("p");
    const { body } = await world.json(`/_fleetroom/happenings?since=${all.body.last}`);
    expect(body.happenings).toMatchObject([{ kind: "process-connected", processId: "p" }]);
    expect(body.last).toBe(all.body.last + 1);
    const none = await world.json(`/_fleetroom/happenings?since=${body.last}`);
    expect(none.body).toEqual({ happenings: [], last: body.last });
  });

  it.each(["-1", "x", "1e3", "99999999999999999"])("[EX17] refuses since=%s", async (since) => {
    const world = new ControlWorld();
    for (const path of ["happenings", "happenings/stream"]) {
      expect((await world.json(`/_fleetroom/${path}?since=${since}`)).status).toBe(400);
    }
  });
});

describe("the stream of happenings", () => {
  it("[EX18] sends what came after a happening and what comes, each with its number", async () => {
    const world = new ControlWorld();
    world.connected("before");
    const last = world.plane.happenings.since(0).at(-1)!.sequence;
    const { texts, stream } = await world.stream(`/_fleetroom/happenings/stream?since=${last - 1}`);
    world.connected("after");
    await settle();
    const [first, ...events] = texts.join("").split("\n\n").filter(Boolean);
    expect(first).toBe("retry: 1000");
    expect(events.map((event) => event.split("\n")[0])).toEqual([`id: ${last}`, `id: ${last + 1}`]);
    const told = events.map((event) => JSON.parse(event.split("\ndata: ")[1] ?? ""));
    expect(told.map(({ processId }) => processId)).toEqual(["before", "after"]);
    stream?.destroy();
  });

  it("[EX18] goes on for a reader who comes back where he was", async () => {
    const world = new ControlWorld();
    world.connected("p");
    const last = world.plane.happenings.since(0).at(-1)!.sequence;
    const { texts } = await world.stream("/_fleetroom/happenings/stream?since=0", {
      "last-event-id": String(last),
    });
    expect(texts.join("")).toBe("retry: 1000\n\n");
  });

  it("[EX18] gives a sign of life every 15 s", async () => {
    const world = new ControlWorld();
    const { texts } = await world.stream("/_fleetroom/happenings/stream?since=999");
    await world.clock.advanceAsync(2 * FAULT_LIMITS.streamBeatMs);
    expect(texts).toEqual(["retry: 1000\n\n", ": still here\n\n", ": still here\n\n"]);
  });

  it("[EX18] is cut when nobody reads it, and holds nothing after its end", async () => {
    const world = new ControlWorld();
    const timers = world.clock.pendingTimers;
    const { body } = await world.ask("/_fleetroom/happenings/stream");
    const unread = body as Readable;
    const detail = "x".repeat(10_000);
    for (let count = 0; count < 200; count++) world.plane.happenings.tell("fault", { detail });
    expect(unread.destroyed).toBe(true);
    expect(unread.readableLength).toBeLessThan(2 * FAULT_LIMITS.streamBytesMax);
    await settle();
    expect(world.clock.pendingTimers).toBe(timers);
  });

  it("[EX18] that was ended listens to nothing more", async () => {
    const { plane, clock } = new FaultWorld();
    let listening = 0;
    const listen = plane.happenings.listen.bind(plane.happenings);
    plane.happenings.listen = (listener) => {
      listening++;
      const end = listen(listener);
      return () => {
        listening--;
        end();
      };
    };
    const stream = new HappeningStreams(plane.happenings, clock).open(0);
    expect(listening).toBe(1);
    stream?.destroy();
    await settle();
    expect(listening).toBe(0);
  });

  it("[EX18] is open to 16 readers; the next one is told so, until one leaves", async () => {
    const world = new ControlWorld();
    const open = await Promise.all(
      Array.from({ length: FAULT_LIMITS.streamsMax }, () => world.stream()),
    );
    expect((await world.stream()).status).toBe(429);
    open[0]?.stream?.destroy();
    await settle();
    expect((await world.stream()).status).toBe(200);
    world.streams.close();
    await settle();
    expect(open.every(({ stream }) => stream?.destroyed)).toBe(true);
  });
});

describe("POST /_fleetroom/faults", () => {
  it("[EX19] carries a fault out at once and answers with its effects", async () => {
    const world = new ControlWorld();
    world.ready("p");
    const { status, body } = await world.post({ fault: "cut", process: 1 });
    expect(status).toBe(200);
    expect(body).toEqual({
      effects: [
        {
          fleetId: world.anywhere.fleetId,
          computeName: "laptop",
          processId: "p",
          detail: "cut: reset",
        },
      ],
    });
    expect(world.told).toEqual(["cut: reset"]);
  });

  it("[EX19] tells all mistakes of an order, and does nothing", async () => {
    const world = new ControlWorld();
    world.ready("p");
    const { status, body } = await world.post({ fault: "cut", process: -1, how: "x", at: "5s" });
    expect(status).toBe(400);
    expect(body.mistakes).toEqual([
      "at is not known; known are process, fleet, compute, how, code",
      "process is -1; allowed is an ordinal (1 is the first there was), an id, any or all",
      'how is "x"; allowed is one of reset, close',
    ]);
    for (const wrong of ["", "[]", "7", "null", "{", '{"fault":"__proto__"}', "{}"]) {
      expect((await world.post(wrong)).status, wrong).toBe(400);
    }
    expect(world.told).toEqual([]);
  });

  it.each([
    [404, { fault: "cut", process: "nobody" }],
    [409, { fault: "kill", process: 1 }],
    [409, { fault: "expire", player: 1 }],
  ])("[EX19] answers %i for what cannot be done now: %o", async (status, order) => {
    const world = new ControlWorld();
    const { session, process } = world.hosting("p");
    const player = world.reserve(session);
    world.plane.playerSessions.accept(process, session.gameSessionId, player);
    const answered = await world.post(order);
    expect(answered.status).toBe(status);
    expect(answered.body.error).not.toBe("");
  });
});

describe("the control routes", () => {
  it("[EX20] tell every fault with its members", async () => {
    const { body } = await new ControlWorld().json("/_fleetroom/faults");
    expect(Object.keys(body.faults).sort().join(" ")).toBe(
      "answer clear cut deregister duplicate end-backfill expire fail-call full half-open kill matchmaker-data refresh refuse silence slow slow-call spot-notice terminate",
    );
    expect(body.faults.silence.members.lost).toEqual({
      allowed: "one of request, answer",
      isNeeded: false,
      default: "request",
    });
    expect(body.faults.cut.members.process.isNeeded).toBe(true);
  });

  it("[EX20] tell of no fault that has no row in the documentation", () => {
    const page = readFileSync(new URL("../../../docs/FAULTS.md", import.meta.url), "utf8");
    for (const [name, { rules }] of Object.entries(FAULT_KINDS)) {
      const row = page.split("\n").find((line) => line.startsWith(`| \`${name}\` `)) ?? "";
      expect(row, name).not.toBe("");
      const everywhere = ["fleet", "compute", "times", "for"];
      const members = Object.keys(rules).filter((member) => !everywhere.includes(member));
      expect(
        members.filter((member) => !row.includes(`\`${member}\``)),
        name,
      ).toEqual([]);
    }
  });

  it.each([
    ["GET", "/_fleetroom", 404],
    ["GET", "/_fleetroom/", 404],
    ["GET", "/_fleetroom/constructor", 404],
    ["POST", "/_fleetroom/state", 405],
    ["GET", "/_fleetroom/state/", 404],
  ])("[EX20] say what there is where there is nothing: %s %s", async (method, path, status) => {
    const answered = await new ControlWorld().json(path, { method });
    expect(answered.status).toBe(status);
    expect(answered.body.error).toContain("GET /_fleetroom/state");
  });
});
