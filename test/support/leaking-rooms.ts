import { Room } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";

const State = schema({ count: t.number().default(0) }, "LeakingState");

/** A game that puts secrets into the errors that it throws, as clients of other services do. */
class LeakingRoom extends Room<{ state: InstanceType<typeof State> }> {
  override state = new State();

  override onCreate(): void {
    this.onMessage("leak", (_client, text: string) => {
      const inner = Object.assign(new Error(`inner: ${text}`), { code: text });
      throw new Error(`outer: ${text}`, {
        cause: new AggregateError([inner], text, { cause: inner }),
      });
    });
  }
}

export const rooms = { leaking: LeakingRoom };
