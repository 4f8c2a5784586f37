import { randomUUID } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Server } from "node:http";
import net from "node:net";
import { matchMaker } from "@colyseus/core";
import { WebSocket } from "ws";
import { arena } from "../../../rooms/arena/simulation.ts";
import { GameChoice } from "../../../server/host/game-choice.ts";
import { MATCH_ROOM_ID, type Match } from "../../../server/host/match.ts";
import { openMatch, prepareMatchMaker } from "../../../server/host/open-match.ts";
import { SnapshotSums } from "../../../server/host/snapshot-feed.ts";
import { GameSessionLife } from "../../../server/session/game-session-life.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { Door, type DoorDeps } from "../../../server/transport/door.ts";
import { originRule } from "../../../server/transport/origins.ts";
import { CLIENT_LIMITS } from "../../support/client-limits.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { until } from "../../support/in-process-server.ts";
import { GAME_SESSION, ScriptedFleet } from "../../support/scripted-fleet.ts";

/** A WebSocket to the door, with what it got and how it ended. */
export interface Visitor {
  readonly socket: WebSocket;
  readonly got: Buffer[];
  readonly closed: Promise<number>;
}

/** The game port with the arena behind it; all is real but the clock and the fleet. One per test file. */
export class DoorWorld {
  readonly clock = new FakeClock(1_000);
  readonly telemetry = new MemoryTelemetry();
  readonly fleet: ScriptedFleet;
  readonly door: Door;
  readonly life: GameSessionLife<Match>;
  port = 0;

  private constructor(players: number, more: Partial<DoorDeps>) {
    const { clock, telemetry } = this;
    const games = new GameChoice(
      new Map([["arena", { kind: "simulation", simulation: arena }]]),
      "arena",
    );
    this.fleet = new ScriptedFleet(players);
    this.life = new GameSessionLife<Match>({
      fleet: this.fleet,
      clock,
      telemetry,
      loopDelay: { takeMedianMs: () => 0 },
      backfill: "auto",
      roomOf: (session) => games.nameFor(session),
      openRoom: (session, seats, events) =>
        openMatch(
          {
            games,
            clock,
            telemetry,
            reconnectSeconds: 20,
            tickRateHz: 10,
            // A patch with every tick.
            replication: "schema",
            snapshotBytesPerSecond: 65_536,
            snapshotSums: new SnapshotSums(),
            journalDir: "",
            version: "test",
            newSeed: () => 7,
          },
          session,
          seats,
          events,
        ),
      deliver: async () => {},
      timeouts: { activationMs: 50_000, nobodyCameMs: 0, emptyMs: 30_000, matchMsMax: 0 },
      acceptTimeoutMs: 2_000,
      resultsMs: 0,
      newSessionId: () => randomUUID(),
      newResultId: () => randomUUID(),
    });
    this.door = this.anotherDoor(more);
  }

  /** @param more - What differs from the usual door. */
  static async open(players = 8, more: Partial<DoorDeps> = {}): Promise<DoorWorld> {
    await prepareMatchMaker(new MemoryTelemetry());
    const world = new DoorWorld(players, more);
    world.port = await world.door.listen([0], "127.0.0.1");
    await world.life.start(world.port);
    return world;
  }

  /** A further way to the same match. */
  anotherDoor(more: Partial<DoorDeps>): Door {
    return new Door({
      seating: this.life,
      clock: this.clock,
      telemetry: this.telemetry,
      mayReach: originRule([], true),
      budgets: { unadmittedMax: 64, failedJoinsMax: 40, limitsLoopback: false },
      clients: CLIENT_LIMITS,
      sendQueue: { bytesMax: 256 * 1024, softBytes: 64 * 1024 },
      roomId: MATCH_ROOM_ID,
      processId: matchMaker.processId,
      ...more,
    });
  }

  async place(): Promise<void> {
    this.fleet.callbacks?.onGameSession({ ...GAME_SESSION, maximumPlayerSessionCount: 100 });
    await until(() => this.life.phase === "active");
  }

  post(body: object, path = "joinById/match"): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}/matchmake/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
  }

  /** Reserves a seat. @returns The session id that claims it. */
  async reserve(playerSessionId: string, options: object = {}): Promise<string> {
    const asked = this.post({ playerSessionId, ...options });
    let isAnswered = false;
    void asked.then(() => {
      isAnswered = true;
    });
    // The roster asks the fleet by the clock.
    await until(() => {
      this.clock.advance(1);
      return isAnswered;
    });
    const { sessionId } = (await (await asked).json()) as { sessionId: string };
    return sessionId;
  }

  visit(sessionId: string, options: { autoPong?: boolean } = {}): Visitor {
    const url = `ws://127.0.0.1:${this.port}/any/match?sessionId=${sessionId}`;
    const socket = new WebSocket(url, options);
    const got: Buffer[] = [];
    socket.on("message", (data: Buffer) => got.push(data));
    socket.on("error", () => {});
    return { socket, got, closed: new Promise((resolve) => socket.once("close", resolve)) };
  }

  /** A visitor with a seat, whose join is acknowledged unless told otherwise. */
  async seated(
    playerSessionId: string,
    options: { autoPong?: boolean; acknowledges?: boolean } = {},
  ): Promise<Visitor> {
    const visitor = this.visit(await this.reserve(playerSessionId), options);
    await new Promise((resolve) => visitor.socket.once("message", resolve));
    if (options.acknowledges !== false) visitor.socket.send(Uint8Array.of(10));
    return visitor;
  }

  /** A bare connection. */
  async connect(): Promise<net.Socket> {
    const socket = net.connect(this.port, "127.0.0.1");
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("connect", resolve));
    return socket;
  }

  /** Node's servers under the door, as they say themselves when they are asked something. */
  async servers(): Promise<{ port: net.Server; http: Server }> {
    const http = Promise.withResolvers<Server>();
    const port = Promise.withResolvers<net.Server>();
    const onRequest = (message: unknown) => http.resolve((message as { server: Server }).server);
    const onSocket = (message: unknown) =>
      port.resolve((message as { socket: { server: net.Server } }).socket.server);
    subscribe("http.server.request.start", onRequest);
    subscribe("net.server.socket", onSocket);
    await fetch(`http://127.0.0.1:${this.port}/nothing`);
    unsubscribe("http.server.request.start", onRequest);
    unsubscribe("net.server.socket", onSocket);
    return { port: await port.promise, http: await http.promise };
  }

  async close(): Promise<void> {
    this.life.drain("signal", 1_000);
    this.life.drain("signal", 1_000);
    let isDone = false;
    void this.life.done.then(() => {
      isDone = true;
    });
    await until(() => {
      this.clock.advance(10);
      return isDone;
    });
    const closed = this.door.close();
    await this.clock.advanceAsync(1_000);
    await closed;
  }
}

/** Until a visitor has had an answer to a message, and the server so all that he sent before. */
export async function roundTrip({ socket }: Visitor): Promise<void> {
  const PING = 18;
  const answered = new Promise<void>((resolve) => {
    const listen = (data: Buffer) => {
      if (data.length !== 1 || data[0] !== PING) return;
      socket.off("message", listen);
      resolve();
    };
    socket.on("message", listen);
  });
  socket.send(Uint8Array.of(PING));
  await answered;
}
