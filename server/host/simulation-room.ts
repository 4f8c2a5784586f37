import { type Client, ClientState, Room } from "@colyseus/core";
import type { Schema } from "@colyseus/schema";
import {
  COMMAND,
  DRAINING,
  type Draining,
  WELCOME,
  type Welcome,
} from "../../protocol/messages.ts";
import type { Simulation, SimulationResult, SimulationSetup } from "../../rooms/simulation.ts";
import type { Clock } from "../clock.ts";
import { readingInputOf } from "../session/input-seat.ts";
import type { MatchSummary, TickProgress } from "../session/match-room.ts";
import type { MatchReading } from "../telemetry/readings.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { AskedWelcomes } from "./asked-welcomes.ts";
import { internalsOf } from "./colyseus-internals.ts";
import { CommandQueue } from "./command-queue.ts";
import type { Journal } from "./journal.ts";
import { HOST_LIMITS } from "./limits.ts";
import { type PlayerAuth, shownName } from "./player-auth.ts";
import { hidePrivateParts, showPrivateParts } from "./private-parts.ts";
import type { SnapshotClient, SnapshotFeed } from "./snapshot-feed.ts";
import type { Rest } from "./thread-rest.ts";
import { TickLoop } from "./tick-loop.ts";
import { isLostConnection } from "./unheard-joins.ts";

export interface SimulationRoomDeps {
  readonly simulation: Simulation;
  readonly setup: SimulationSetup;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly rest?: Rest | undefined;
  readonly telemetry: Telemetry;
  /** How long a dropped player's seat waits; `0` means not at all. */
  readonly reconnectSeconds: number;
  /** `undefined` where everything goes through the schema. */
  readonly snapshots: SnapshotFeed | undefined;
  onOver(): void;
  onFault(where: string, cause: unknown): void;
}

type PlayerClient = Client<{ auth: PlayerAuth }> &
  SnapshotClient & {
    /** As `MatchClient` has it; `undefined` until it is measured. */
    readonly roundTripMs?: number | undefined;
    /** Writes what was sent, without waiting for the end of the turn. */
    flush(): void;
  };

/**
 * Runs a Simulation inside a Colyseus room: one callback per tick takes the commands, advances one step, copies the
 * replica, sends the patch and the snapshots, and writes once to each client. No timer of Colyseus's own is armed.
 */
export class SimulationRoom extends Room<{ state: Schema; client: PlayerClient }> {
  override autoDispose = false;
  override patchRate = null;

  readonly #deps: SimulationRoomDeps;
  readonly #simulation: Simulation;
  readonly #match: unknown;
  readonly #commands: CommandQueue<unknown>;
  readonly #loop: TickLoop;
  readonly #askedWelcomes: AskedWelcomes<PlayerClient>;
  /** Which connection speaks for each seat; a seat that is taken over changes it before the old one leaves. */
  readonly #ownerOfSeat = new Map<number, string>();
  readonly #decode = (bytes: Uint8Array) => this.#simulation.decode(bytes);
  #tick = 0;
  /** Since the last step, those that were dropped included. */
  #commandsCame = 0;
  #result: SimulationResult | undefined;

  constructor(deps: SimulationRoomDeps) {
    super();
    const { simulation, setup, clock, telemetry } = deps;
    this.#deps = deps;
    this.#simulation = simulation;
    this.#commands = new CommandQueue(simulation.commandsPerTickMax, () =>
      telemetry.commandDropped({ reason: "late" }),
    );
    this.#askedWelcomes = new AskedWelcomes(setup.tickRateHz);
    this.#match = simulation.create(setup);
    this.#loop = new TickLoop({
      clock,
      tickRateHz: setup.tickRateHz,
      rest: deps.rest,
      onTick: () => this.#step(),
      onOverrun: (lateMs, droppedTicks) => telemetry.stepOverran({ lateMs, droppedTicks }),
      onRan: (durationMs, lateMs, intervalMs) => {
        const commands = this.#commandsCame;
        this.#commandsCame = 0;
        telemetry.tickRan({ durationMs, lateMs, intervalMs, commands });
      },
    });
    internalsOf(this)._simulationInterval = "the tick loop runs this room";
  }

  override onCreate(): void {
    const replicated = this.#simulation.replica.create(this.#deps.setup);
    this.#write(replicated);
    this.state = replicated as Schema;
    this.onMessageBytes(COMMAND, (client: PlayerClient, bytes: unknown) => {
      // Colyseus calls this for a message of msgpack as well, if it has the name that it keeps such handlers under.
      if (bytes instanceof Uint8Array) return this.takeCommand(client, bytes);
      this.#commandsCame++;
      this.#deps.telemetry.commandDropped({ reason: "malformed" });
    });
    const ask = (client: PlayerClient) => {
      // Else he gets the first one yet.
      if (client.state === ClientState.JOINED) this.#askedWelcomes.ask(client);
    };
    this.onMessage(WELCOME, ask);
    this.onMessageBytes(WELCOME, ask);
  }

  override onJoin(client: PlayerClient): void {
    const { seat, team, ...who } = authOf(client);
    const isTakeover = this.#ownerOfSeat.has(seat);
    this.#ownerOfSeat.set(seat, client.sessionId);
    this.#commands.forget(seat);
    // A game whose match is over hears of nobody any more, as with those who leave.
    if (!isTakeover && this.#result === undefined) {
      this.#simulation.join(this.#match, seat, team);
      this.#deps.journal.write({ type: "join", tick: this.#tick, seat, team });
    }
    this.#simulation.replica.join(this.state, seat, { name: shownName(who), team });
    this.#show(client);
    this.#loop.start();
  }

  override onDrop(client: PlayerClient, code?: number): void {
    this.#hide(client);
    if (!isLostConnection(code) || this.#deps.reconnectSeconds === 0) return;
    // It rejects when nobody came, and `onLeave` follows.
    Promise.resolve(this.allowReconnection(client, this.#deps.reconnectSeconds)).catch(() => {});
  }

  override onReconnect(client: PlayerClient): void {
    this.#commands.forget(authOf(client).seat);
    this.#show(client);
  }

  override onLeave(client: PlayerClient): void {
    this.#hide(client);
    this.releaseSeat(authOf(client).seat, client.sessionId);
  }

  override onDispose(): void {
    this.#loop.stop();
  }

  /** Frees a seat if that connection still speaks for it; it may have been taken over, or never have joined. */
  releaseSeat(seat: number, sessionId: string): void {
    if (this.#ownerOfSeat.get(seat) !== sessionId) return;
    this.#ownerOfSeat.delete(seat);
    this.#commands.forget(seat);
    if (this.#result === undefined) {
      this.#simulation.leave(this.#match, seat);
      this.#deps.journal.write({ type: "leave", tick: this.#tick, seat });
    }
    this.#simulation.replica.leave(this.state, seat);
  }

  /** Lets another connection of the same player speak for a seat, before the present one is closed. */
  handOverSeat(seat: number, sessionId: string): void {
    if (this.#ownerOfSeat.has(seat)) this.#ownerOfSeat.set(seat, sessionId);
  }

  announceDrain(deadlineMs: number): void {
    this.broadcast(DRAINING, { deadlineMs } satisfies Draining);
  }

  tickProgress(): TickProgress {
    return this.#loop.progress;
  }

  reading(): Omit<MatchReading, "slowClients"> {
    const { ranTicks, droppedTicks } = this.#loop.progress;
    const { tickRateHz } = this.#deps.setup;
    const snapshots = this.#deps.snapshots?.reading();
    return { tickRateHz, ranTicks, droppedTicks, commandsQueued: this.#commands.size, snapshots };
  }

  summary(): MatchSummary {
    const result = this.#result ?? this.#simulation.standing(this.#match);
    return {
      ticks: this.#tick,
      stateHash: this.#simulation.hash(this.#match),
      scores: result.scores,
      winners: this.#result?.winners ?? [],
    };
  }

  /** Begins to show the match to a client that has joined or returned. */
  #show(client: PlayerClient): void {
    const { replica } = this.#simulation;
    const { seat } = authOf(client);
    if (replica.privateTo !== undefined) {
      showPrivateParts(client, replica.privateTo(this.state, seat));
    }
    this.#deps.snapshots?.add(client, seat);
    this.#welcome(client);
  }

  #welcome(client: PlayerClient): void {
    const { snapshots, setup } = this.#deps;
    const { name, version } = this.#simulation;
    const { seat } = authOf(client);
    const layout = snapshots && { snapshots: snapshots.snapshots.layout };
    const { tickRateHz } = setup;
    const welcome: Welcome = { game: name, version, seat, tickRateHz, tick: this.#tick, ...layout };
    client.send(WELCOME, welcome);
  }

  /** A client that is lost is shown nothing more; it may come back by another connection. */
  #hide(client: PlayerClient): void {
    this.#askedWelcomes.forget(client);
    this.#deps.snapshots?.remove(client);
    hidePrivateParts(client);
  }

  #write(schema: unknown): void {
    const { snapshots } = this.#deps;
    if (snapshots === undefined) this.#simulation.replica.write(this.#match, schema);
    else snapshots.snapshots.writeRest(this.#match, schema);
  }

  /**
   * Takes a command of a joined client for the next step.
   * @param bytes - Untrusted; borrowed.
   * @throws What the game's `decode` does.
   */
  takeCommand(client: PlayerClient, bytes: Uint8Array): void {
    const { telemetry } = this.#deps;
    this.#commandsCame++;
    if (bytes.length > this.#simulation.commandBytesMax) {
      telemetry.commandDropped({ reason: "too_long" });
      return;
    }
    const { seat } = authOf(client);
    const command = readingInputOf(seat, this.#decode, bytes);
    if (command === undefined) {
      telemetry.commandDropped({ reason: "malformed" });
      return;
    }
    const { roundTripMs } = client;
    // The socket's buffer is not ours; what waits for its step is a copy.
    const copy = new Uint8Array(bytes);
    const isKept = this.#commands.push(
      roundTripMs === undefined
        ? { seat, command, bytes: copy }
        : { seat, command, bytes: copy, roundTripMs },
    );
    if (!isKept) telemetry.commandDropped({ reason: "queue_full" });
  }

  #step(): void {
    try {
      this.clock.tick();
      if (this.#result === undefined) this.#advance();
      this.broadcastPatch();
      for (const client of this.#askedWelcomes.take(this.#loop.progress.ranTicks)) {
        this.#welcome(client);
        this.#deps.snapshots?.beginAnew(client);
      }
      // A state that rests would look to everybody as if it stood still at full speed.
      if (this.#result === undefined) this.#deps.snapshots?.tick(this.#match, this.#tick);
      else this.#deps.snapshots?.show(this.#match, this.#tick);
      for (const client of this.clients) client.flush();
    } catch (cause) {
      this.#loop.stop();
      this.#deps.onFault("tick", cause);
    }
  }

  #advance(): void {
    const { journal, setup } = this.#deps;
    const tick = this.#tick;
    const commands = this.#commands.drain();
    if (commands.length > 0) journal.write({ type: "step", tick, commands });
    this.#simulation.advance(this.#match, commands, { tick, dtSeconds: 1 / setup.tickRateHz });
    this.#tick++;
    if (this.#tick % HOST_LIMITS.journalHashEveryTicks === 0) {
      journal.write({ type: "hash", tick, hash: this.#simulation.hash(this.#match) });
    }
    this.#write(this.state);
    this.#result = this.#simulation.result(this.#match);
    if (this.#result !== undefined) this.#deps.onOver();
  }
}

function authOf(client: PlayerClient): PlayerAuth {
  return client.auth as PlayerAuth;
}
