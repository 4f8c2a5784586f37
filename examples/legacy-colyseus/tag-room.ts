import { type Client, Room } from "colyseus";
import { Mood, Runner, TagState } from "./tag-state.ts";

// eslint-disable-next-line @typescript-eslint/no-var-requires
const { clampToField } = require("./field.js");

// A room as projects wrote them before 0.17: decorators, an enum, a CommonJS helper, `onLeave` that waits for the player.
export class TagRoom extends Room {
  maxClients = 4;
  state = new TagState();

  static async onAuth() {
    throw new Error(
      "this project's own lobby is not here; fleetroom checks the player session instead",
    );
  }

  onCreate(options: any) {
    this.state.map = options.gameProperties?.map ?? "meadow";
    this.setPatchRate(50);
    this.onMessage("move", (client: Client, message: { x: number; y: number }) => {
      const runner = this.state.runners.get(client.sessionId);
      if (!runner) return;
      [runner.x, runner.y] = clampToField(message.x, message.y);
      runner.mood = Mood.Hunting;
    });
  }

  onJoin(client: Client) {
    const runner = new Runner();
    runner.name = (client as any).auth.playerId;
    this.state.runners.set(client.sessionId, runner);
  }

  async onLeave(client: Client, code?: number) {
    try {
      if (code === 4000) throw new Error("consented leave");
      await this.allowReconnection(client, 10);
    } catch {
      this.state.runners.delete(client.sessionId);
    }
  }
}
