import { describe, expect, it } from "vitest";
import { openConsole } from "../../../emulator/console/console.ts";
import type { HttpAnswer, HttpHandler } from "../../../emulator/front/http-exchange.ts";
import { FaultWorld } from "../faults/fault-world.ts";

const TOKEN = "a-token_of-this-run";
const FILES = ["", "/", "/main.js", "/server.js", "/console.css"];

interface Asked {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

class ConsoleWorld extends FaultWorld {
  #handler: HttpHandler | undefined;

  async ask(path: string, { method = "GET", body = "", headers = {} }: Asked = {}) {
    this.#handler ??= await openConsole({
      plane: this.plane,
      token: TOKEN,
      runId: "run-1",
      adminPorts: [],
      orderFault: (order) => this.faults.order(order),
    });
    const query = new URLSearchParams();
    return this.#handler({ method, path, query, headers, body: Buffer.from(body) });
  }

  async post(order: string, members: unknown, token = TOKEN) {
    const body = JSON.stringify(members);
    const headers = { "x-console-token": token };
    const answer = await this.ask(`/console/${order}`, { method: "POST", body, headers });
    return { status: answer.status, body: JSON.parse(String(answer.body)) };
  }
}

function header(answer: HttpAnswer, name: string): string | undefined {
  return answer.headers?.[name];
}

describe("the console page", () => {
  it.each([...FILES, "/servers", "/nothing"])(
    "[EC1] has a strict policy on /console%s, is not sniffed and not kept",
    async (path) => {
      const answer = await new ConsoleWorld().ask(`/console${path}`);
      expect(answer.status).toBe(path === "/nothing" ? 404 : 200);
      expect(header(answer, "Content-Security-Policy")).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      );
      expect(header(answer, "X-Content-Type-Options")).toBe("nosniff");
      expect(header(answer, "Cache-Control")).toBe("no-store");
    },
  );

  it("[EC1] has no script, style or handler in the page itself", async () => {
    const { body } = await new ConsoleWorld().ask("/console");
    expect(String(body)).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/i);
  });

  it("[EC1] writes what others wrote as text and in no other way", async () => {
    const world = new ConsoleWorld();
    const index = String((await world.ask("/console")).body);
    expect(index).toContain("/console/main.js");
    const seen = new Set<string>();
    const read = async (name: string): Promise<void> => {
      if (seen.has(name)) return;
      seen.add(name);
      const { status, body } = await world.ask(`/console/${name}`);
      expect(status, name).toBe(200);
      expect(String(body), name).not.toMatch(
        /innerHTML|outerHTML|insertAdjacent|document\.write|eval\(/,
      );
      for (const [, next = ""] of String(body).matchAll(/^import .*"\.\/([\w-]+\.js)"/gm)) {
        await read(next);
      }
    };
    await read("main.js");
    expect(seen.size).toBeGreaterThan(5);
  });

  it("[EC1] serves its own files alone", async () => {
    const world = new ConsoleWorld();
    for (const path of ["/tsconfig.json", "/../console.ts", "/%2e%2e/console.ts", "/main.js/"]) {
      expect((await world.ask(`/console${path}`)).status, path).toBe(404);
    }
  });

  it("[EC2] bears the token of the run", async () => {
    const { body } = await new ConsoleWorld().ask("/console");
    expect(String(body)).toContain(`<meta name="console-token" content="${TOKEN}">`);
    expect(String(body)).not.toContain("{{");
  });

  it("[EC2] is not served with a token that would need escaping", async () => {
    const { plane } = new FaultWorld();
    const orderFault = () => ({ mistakes: [] });
    const options = { plane, token: '"><script>', runId: "r", adminPorts: [], orderFault };
    await expect(openConsole(options)).rejects.toThrow("no value for token");
  });
});

describe("an order of the console", () => {
  it.each([
    ["", "no token"],
    ["a-token_of-this-ruN", "a wrong one"],
    [TOKEN.slice(1), "a part of it"],
    [`${TOKEN}x`, "more than it"],
  ])("[EC2] with token %j, %s, does nothing", async (token) => {
    const world = new ConsoleWorld();
    const { process, session } = world.hosting("p");
    const { gameSessionId } = session;
    const { fleetId, location } = process;
    const told = world.plane.happenings.since(0).length;
    const orders: [string, object][] = [
      ["game-sessions", { fleetId, location, maximumPlayerSessionCount: 2 }],
      ["player-sessions", { gameSessionId, playerId: "ann" }],
      ["terminations", { gameSessionId, mode: "TRIGGER_ON_PROCESS_TERMINATE" }],
      ["faults", { fault: "cut", process: 1 }],
      ["nothing", {}],
    ];
    for (const [order, members] of orders) {
      expect((await world.post(order, members, token)).status, order).toBe(403);
    }
    expect((await world.ask("/console/faults", { method: "POST" })).status).toBe(403);
    expect(world.plane.happenings.since(0)).toHaveLength(told);
    expect(world.cuts).toEqual([]);
  });

  it("[EC3] creates a game session, reserves a player and terminates it", async () => {
    const world = new ConsoleWorld();
    const process = world.ready("p");
    const { fleetId, location } = process;
    const created = await world.post("game-sessions", {
      fleetId,
      location,
      maximumPlayerSessionCount: 3,
      name: "<b>final</b>",
      gameProperties: { map: "arena", mode: "" },
      gameSessionData: "data",
    });
    expect(created.status).toBe(200);
    const { gameSessionId } = created.body.done;
    const session = world.plane.gameSessions.find(gameSessionId)!;
    expect(session).toMatchObject({
      name: "<b>final</b>",
      maximumPlayerSessionCount: 3,
      gameSessionData: "data",
      gameProperties: [
        { key: "map", value: "arena" },
        { key: "mode", value: "" },
      ],
    });
    world.plane.gameSessions.activate(process, gameSessionId);
    const player = { gameSessionId, playerId: "ann", playerData: "seat 3" };
    const reserved = await world.post("player-sessions", player);
    const { playerSessionId } = reserved.body.done;
    expect(world.plane.playerSessions.find(playerSessionId)).toMatchObject({
      playerId: "ann",
      playerData: "seat 3",
      status: "RESERVED",
    });
    const mode = "TRIGGER_ON_PROCESS_TERMINATE";
    expect((await world.post("terminations", { gameSessionId, mode })).status).toBe(200);
    expect(session).toMatchObject({
      status: "TERMINATING",
      statusReason: `TRIGGERED_ON_PROCESS_TERMINATE`,
    });
  });

  it("[EC3] ends a supervised process at once by FORCE_TERMINATE", async () => {
    const world = new ConsoleWorld();
    const { process, session } = world.hosting("p", { isSupervised: true });
    const { gameSessionId } = session;
    await world.post("terminations", { gameSessionId, mode: "FORCE_TERMINATE" });
    expect(world.killed).toEqual([process]);
    expect(session.status).toBe("TERMINATED");
  });

  it.each([
    ["game-sessions", { fleetId: 7 }, "fleetId: allowed is the id of a fleet"],
    ["game-sessions", { location: "" }, "location: allowed is"],
    [
      "game-sessions",
      { maximumPlayerSessionCount: 201 },
      "maximumPlayerSessionCount: allowed is a whole",
    ],
    [
      "game-sessions",
      { maximumPlayerSessionCount: "2" },
      "maximumPlayerSessionCount: allowed is a whole",
    ],
    ["game-sessions", { name: "x".repeat(1_025) }, "name: allowed is"],
    ["game-sessions", { gameSessionData: 1 }, "gameSessionData: allowed is"],
    ["game-sessions", { gameProperties: { "": "x" } }, "gameProperties: allowed is"],
    ["game-sessions", { gameProperties: { key: "x".repeat(97) } }, "gameProperties: allowed is"],
    ["game-sessions", { gameProperties: ["x"] }, "gameProperties: allowed is"],
    [
      "game-sessions",
      { gameProperties: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`k${n}`, ""])) },
      "gameProperties: allowed is",
    ],
    ["player-sessions", { playerId: "" }, "playerId: allowed is"],
    ["player-sessions", { playerData: "x".repeat(2_049) }, "playerData: allowed is"],
    ["terminations", { mode: "NOW" }, "mode: allowed is TRIGGER"],
    ["faults", { fault: "nap" }, 'fault is "nap"; allowed is one of'],
  ])("[EC3] for %s with %o is refused by name of the member", async (order, wrong, words) => {
    const world = new ConsoleWorld();
    const { session, process } = world.hosting("p");
    const right = {
      "game-sessions": {
        fleetId: process.fleetId,
        location: process.location,
        maximumPlayerSessionCount: 2,
      },
      "player-sessions": { gameSessionId: session.gameSessionId, playerId: "ann" },
      terminations: { gameSessionId: session.gameSessionId },
      faults: {},
    }[order];
    const { status, body } = await world.post(order, { ...right, ...wrong });
    expect(status).toBe(400);
    expect(body.error).toContain(words);
  });

  it("[EC3] that the control plane refuses is told in its words", async () => {
    const world = new ConsoleWorld();
    const { session, process } = world.hosting("p", { maximum: 1 });
    const { gameSessionId } = session;
    world.reserve(session);
    const full = await world.post("player-sessions", { gameSessionId, playerId: "ann" });
    expect(full).toEqual({ status: 409, body: { error: "Game session has 0 free player slots" } });
    const { fleetId, location } = process;
    const none = { fleetId, location, maximumPlayerSessionCount: 2 };
    expect((await world.post("game-sessions", none)).body.error).toMatch(/ready and free$/);
    expect((await world.post("nothing", {})).status).toBe(404);
    expect((await world.post("constructor", {})).status).toBe(404);
    expect((await world.post("faults", [])).status).toBe(400);
  });

  it("[EC4] carries a fault out as a step of a scenario names it", async () => {
    const world = new ConsoleWorld();
    world.ready("p");
    const order = { fault: "cut", process: { id: "p" }, fleet: { id: world.anywhere.fleetId } };
    expect((await world.post("faults", order)).body.done).toMatchObject([{ detail: "cut: reset" }]);
    expect(world.cuts).toHaveLength(1);
    expect((await world.post("faults", { fault: "kill", process: 1 })).status).toBe(409);
  });
});
