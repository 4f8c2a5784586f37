/** A match in a real Colyseus room, with time that the test moves and clients that have no socket. */
import { EventEmitter } from "node:events";
import { type AuthContext, Protocol, type Room } from "@colyseus/core";
import { WebSocketClient } from "@colyseus/ws-transport";
import type { CloseCode } from "../../../protocol/close-codes.ts";
import { GameChoice, type HostedGame } from "../../../server/host/game-choice.ts";
import type { RoomClass } from "../../../server/host/hosted-room.ts";
import {
  createdRoom,
  type Match,
  type MatchClient,
  type SeatOutcome,
} from "../../../server/host/match.ts";
import { openMatch, prepareMatchMaker } from "../../../server/host/open-match.ts";
import { SnapshotSums } from "../../../server/host/snapshot-feed.ts";
import type { MatchRoomEvents } from "../../../server/session/match-room.ts";
import { Seats } from "../../../server/session/seats.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { GAME_SESSION, playerSession } from "../../support/scripted-fleet.ts";

const OPEN = 1;
const CLOSED = 3;
export const CONTEXT: AuthContext = { token: "", ip: "127.0.0.1", headers: new Headers() };

/** What a room sees of a connection. What it sends arrives in the same turn. */
export class ScriptedClient extends WebSocketClient implements MatchClient {
  /** Whole messages, each with its opcode first. */
  readonly received: Uint8Array[] = [];
  readonly closes: number[] = [];
  fullState: MatchClient["fullState"];
  isHeard = false;
  /** Whether it keeps up. */
  takesSnapshots = true;
  roundTripMs: number | undefined;
  #isOpen = true;

  constructor(sessionId: string) {
    super(sessionId, new EventEmitter() as never);
  }

  override get readyState(): 1 | 3 {
    return this.#isOpen ? OPEN : CLOSED;
  }

  override raw(data: Uint8Array): void {
    // The room encodes into the same memory again.
    if (this.#isOpen) this.received.push(Uint8Array.from(data));
  }

  sendPatch(patch: Uint8Array): void {
    this.raw(patch);
  }

  sendSnapshot(message: Uint8Array): boolean {
    if (!this.takesSnapshots || !this.#isOpen) return false;
    this.raw(message);
    return true;
  }

  flush(): void {}

  override leave(code: number): void {
    this.closes.push(code);
  }

  end(code: number): void {
    this.leave(code);
    this.drop(code);
  }

  /** The connection is gone. */
  drop(code = 1006): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.ref.emit("close", code);
  }

  deliver(...bytes: number[]): void {
    this.isHeard = true;
    this.ref.emit("message", Buffer.from(bytes));
  }

  acknowledge(): void {
    this.deliver(Protocol.JOIN_ROOM);
  }

  /** Sends bytes under a type of one character. */
  sendTyped(type: string, bytes: Uint8Array | readonly number[]): void {
    this.deliver(Protocol.ROOM_DATA_BYTES, 0xa1, type.charCodeAt(0), ...bytes);
  }

  ofKind(opcode: number): Uint8Array[] {
    return this.received.filter(([first]) => first === opcode);
  }
}

export interface MatchWorld {
  readonly clock: FakeClock;
  readonly telemetry: MemoryTelemetry;
  readonly match: Match;
  readonly room: Room;
  readonly seats: Seats;
  /** What the room told its host, in order. */
  readonly told: string[];
  /** Connections of which the room said that their seat is gone, whether or not they held one. */
  readonly gone: string[];
  /** Lets player `number` join over a new connection; a second time, he takes his own seat over. */
  join(number: number, client?: ScriptedClient): Promise<Joined>;
}

interface Joined {
  readonly client: ScriptedClient;
  readonly outcome: SeatOutcome;
}

let isPrepared = false;
let sessions = 0;
const opened: MatchWorld[] = [];

export async function openWorld(
  game: HostedGame,
  options: {
    reconnectSeconds?: number;
    seatsMax?: number;
    replication?: "snapshots" | "schema";
    snapshotBytesPerSecond?: number;
    journalDir?: string;
    matchmakerData?: string;
  } = {},
): Promise<MatchWorld> {
  const telemetry = new MemoryTelemetry();
  if (!isPrepared) await prepareMatchMaker(telemetry);
  isPrepared = true;
  const clock = new FakeClock();
  const seats = new Seats();
  const told: string[] = [];
  const gone: string[] = [];
  const events: MatchRoomEvents = {
    onOver: () => told.push("over"),
    onDisposed: () => told.push("disposed"),
    onFault: (where, cause) => told.push(`fault in ${where}: ${(cause as Error).message}`),
    onSeatGone: (sessionId) => {
      gone.push(sessionId);
      const holder = seats.vacate(sessionId);
      if (holder !== undefined) told.push(`seat ${holder.seat} gone`);
    },
    onOpenChanged: (isOpen) => told.push(isOpen ? "open" : "closed"),
  };
  const match = await openMatch(
    {
      games: new GameChoice(new Map([["hosted", game]]), "hosted"),
      clock,
      telemetry,
      reconnectSeconds: options.reconnectSeconds ?? 20,
      tickRateHz: undefined,
      replication: options.replication ?? "snapshots",
      snapshotBytesPerSecond: options.snapshotBytesPerSecond ?? 65_536,
      snapshotSums: new SnapshotSums(),
      journalDir: options.journalDir ?? "",
      version: "test",
      newSeed: () => 7,
    },
    {
      ...GAME_SESSION,
      maximumPlayerSessionCount: options.seatsMax ?? 8,
      matchmakerData: options.matchmakerData ?? "",
    },
    seats,
    events,
  );
  const world: MatchWorld = {
    clock,
    telemetry,
    match,
    room: createdRoom(),
    seats,
    told,
    gone,
    async join(number, client = new ScriptedClient(`session-${++sessions}`)) {
      const record = playerSession(number, { playerSessionId: `psess-${sessions}` });
      const { playerId, playerSessionId } = record;
      const { holder, previous } = seats.occupy({
        sessionId: client.sessionId,
        playerId,
        playerSessionId,
      });
      const claim = { outcome: "claimed" as const, holder, record, options: {}, previous };
      const outcome = await match.seat(client, claim, CONTEXT);
      if (outcome.outcome === "seated") client.acknowledge();
      else seats.vacate(client.sessionId);
      return { client, outcome };
    },
  };
  opened.push(world);
  return world;
}

export function hosted(roomClass: unknown): HostedGame {
  return { kind: "room", roomClass: roomClass as RoomClass, options: {} };
}

/** Ends what a test has opened; the next match has the same room id. */
export async function closeWorlds(code: CloseCode = 4411): Promise<void> {
  for (const { match } of opened.splice(0)) await match.close(code);
}
