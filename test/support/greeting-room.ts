import { type Client, Room } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";
import { COMMAND, WELCOME } from "../../protocol/messages.ts";

const ShipReplica = schema({ x: t.float32().default(0) }, "ConnectionTestShip");
const StateReplica = schema(
  { tick: t.uint32().default(7), ships: t.map(ShipReplica), marks: t.array("uint8") },
  "ConnectionTest",
);
export type State = InstanceType<typeof StateReplica>;

/** What happens in the room that is open, and what tests change about it. */
export const greeting = {
  /** Commands as they arrived, of all clients. */
  received: [] as number[][],
  /** Whether the room greets whoever joins. */
  greets: true,
  /** Ends the wait for players who are away. */
  seatsKept: new Set<() => void>(),
  room: undefined as GreetingRoom | undefined,
};

/** The least a host does for a client, and a state that changes in every way. */
export class GreetingRoom extends Room<{ state: State }> {
  override autoDispose = false;
  override state = new StateReplica();
  override patchRate = 20;

  override onCreate(): void {
    greeting.room = this;
    this.onMessageBytes(COMMAND, (_client, bytes: Uint8Array) =>
      greeting.received.push([...bytes]),
    );
    this.clock.setInterval(() => this.#step(), 20);
  }

  override onJoin(client: Client): void {
    this.state.ships.set(client.sessionId, new ShipReplica());
    this.#greet(client);
  }

  override async onDrop(client: Client): Promise<void> {
    const back = this.allowReconnection(client, 20);
    const giveUp = (): void => back.reject();
    greeting.seatsKept.add(giveUp);
    // Nobody came: the seat is given up.
    await back.catch(() => {});
    greeting.seatsKept.delete(giveUp);
  }

  override onReconnect(client: Client): void {
    this.#greet(client);
  }

  override onLeave(client: Client): void {
    this.state.ships.delete(client.sessionId);
  }

  #greet(client: Client): void {
    if (!greeting.greets) return;
    client.send(WELCOME, { game: "test", version: 1, seat: 3, tickRateHz: 30, tick: 8 });
  }

  #step(): void {
    const { state } = this;
    state.tick++;
    for (const ship of state.ships.values()) ship.x += 0.5;
    state.marks.push(state.tick % 251);
    if (state.marks.length > 9) state.marks.splice(2, 3);
  }
}
