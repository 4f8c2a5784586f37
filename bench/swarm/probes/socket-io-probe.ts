import type { Body } from "../../match/rules.ts";
import { decodePacket } from "../socket-io.ts";
import type { Probe } from "./probe.ts";

interface State {
  readonly tick: number;
  readonly bodies: readonly Body[];
}

/** Decodes events `hello` and `state`. */
export class SocketIoProbe implements Probe {
  #own: number | undefined;
  #state: State | undefined;

  hear(payload: Buffer): boolean {
    // A map of msgpack; engine.io's own messages are text.
    if ((payload[0] ?? 0) < 0x80) return false;
    const { data } = decodePacket(payload);
    if (!Array.isArray(data)) return false;
    const [event, value] = data as [string, unknown];
    if (event === "hello") this.#own = value as number;
    if (event !== "state") return false;
    this.#state = value as State;
    return true;
  }

  get tick(): number | undefined {
    return this.#state?.tick;
  }

  get ownId(): string | undefined {
    return this.#own === undefined ? undefined : String(this.#own);
  }

  ownAngle(): number | undefined {
    return this.#own === undefined ? undefined : this.#state?.bodies[this.#own]?.angle;
  }

  bodies(): ReadonlyMap<string, Body> {
    return new Map(this.#state?.bodies.map((body, nth) => [String(nth), body]));
  }
}
