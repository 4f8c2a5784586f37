/**
 * The reference match on plain Colyseus, as its documentation has it. A room per way of doing things.
 * @module
 */
import { type Client, Room } from "@colyseus/core";
import { type SchemaType, StateView, schema, t } from "@colyseus/schema";
import { ConductedMatch, copyOf } from "../match/conducted-match.ts";
import { type MatchPlan, worldPlanOf } from "../match/match-plan.ts";
import { Entity, MatchState, npcKey, ViewedState } from "../match/match-schema.ts";
import { visitNeighbours } from "../match/neighbours.ts";
import { type Input, SIDE_METRES } from "../match/rules.ts";
import { World } from "../match/world.ts";

const VIEW_INTERVAL_MS = 200;

const MoveInput = schema(
  { dx: t.float32().default(0), dy: t.float32().default(0), angle: t.uint16().default(0) },
  "MoveInput",
);
type MoveInput = SchemaType<typeof MoveInput>;

/** A map of schemas that are changed in place, and a patch per tick. */
abstract class MatchRoom<State extends MatchState> extends Room<{
  state: State;
  input: MoveInput;
}> {
  override autoDispose = false;
  protected world!: World<Entity>;
  protected match!: ConductedMatch<Entity>;
  protected plan!: MatchPlan;

  protected abstract newState(): State;
  protected abstract start(tickMs: number): void;

  override onCreate({ plan }: { plan: MatchPlan }): void {
    const tickMs = 1000 / plan.tickRateHz;
    this.plan = plan;
    this.state = this.newState();
    this.patchRate = tickMs;
    this.maxClients = plan.players;
    this.world = new World(worldPlanOf(plan), (nth) => {
      const npc = new Entity();
      this.state.entities.set(npcKey(nth), npc);
      return npc;
    });
    this.match = new ConductedMatch(this.world, plan.orderFile, () =>
      [...this.state.entities].map(([id, entity]) => ({ id, body: copyOf(entity) })),
    );
    this.start(tickMs);
  }

  override onJoin(client: Client): void {
    const entity = new Entity();
    this.world.join(entity);
    this.state.entities.set(client.sessionId, entity);
  }

  override onLeave(client: Client): void {
    const entity = this.state.entities.get(client.sessionId);
    if (entity !== undefined) this.world.leave(entity);
    this.state.entities.delete(client.sessionId);
  }

  protected step(dtSeconds: number): void {
    this.match.step(dtSeconds);
    this.state.tick = this.world.tick;
  }
}

/** Inputs are messages, which count when they come; `setTimestep`. */
export class MessageRoom extends MatchRoom<MatchState> {
  protected override newState(): MatchState {
    return new MatchState();
  }

  protected override start(tickMs: number): void {
    this.onMessage("input", (client: Client, input: Input) => {
      const entity = this.state.entities.get(client.sessionId);
      if (entity !== undefined) this.world.take(entity, input);
    });
    this.setTimestep((deltaMs) => this.step(deltaMs / 1000), tickMs);
  }
}

/** Inputs wait for their step, which is always as long: `defineInput` and `setFixedTimestep`. */
export class InputRoom extends MatchRoom<MatchState> {
  override inputs = this.defineInput(MoveInput);

  protected override newState(): MatchState {
    return new MatchState();
  }

  protected override start(): void {
    this.setFixedTimestep(({ dt }) => {
      for (const { sessionId } of this.clients) {
        const entity = this.state.entities.get(sessionId);
        if (entity === undefined) continue;
        for (const input of this.inputs.get(sessionId)) this.world.take(entity, input);
      }
      this.step(dt);
    }, this.plan.tickRateHz);
  }
}

/** As {@link MessageRoom}, and each client has a view of its own, which is looked over five times a second. */
export class ViewRoom extends MatchRoom<ViewedState> {
  readonly #clientOf = new Map<Entity, Client>();
  readonly #seen = new WeakMap<Entity, ReadonlySet<Entity>>();

  protected override newState(): ViewedState {
    return new ViewedState();
  }

  protected override start(tickMs: number): void {
    this.onMessage("input", (client: Client, input: Input) => {
      const entity = this.state.entities.get(client.sessionId);
      if (entity !== undefined) this.world.take(entity, input);
    });
    this.setTimestep((deltaMs) => this.step(deltaMs / 1000), tickMs);
    this.clock.setInterval(() => this.#look(), VIEW_INTERVAL_MS);
  }

  override onJoin(client: Client): void {
    super.onJoin(client);
    const entity = this.state.entities.get(client.sessionId) as Entity;
    client.view = new StateView();
    client.view.add(entity);
    this.#clientOf.set(entity, client);
    this.#seen.set(entity, new Set([entity]));
  }

  override onLeave(client: Client): void {
    const entity = this.state.entities.get(client.sessionId);
    if (entity !== undefined) this.#clientOf.delete(entity);
    super.onLeave(client);
  }

  #look(): void {
    const { nearMetres = SIDE_METRES } = this.plan;
    const things = [...this.state.entities.values()];
    visitNeighbours(this.#clientOf.keys(), things, nearMetres, (viewer, near) => {
      const view = this.#clientOf.get(viewer)?.view;
      const before = this.#seen.get(viewer);
      for (const thing of before ?? []) if (!near.has(thing)) view?.remove(thing);
      for (const thing of near) if (!before?.has(thing)) view?.add(thing);
      this.#seen.set(viewer, near);
    });
  }
}
