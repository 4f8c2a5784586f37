import { describe, expect, it } from "vitest";
import { fanOutTelemetry, silentTelemetry } from "../../../server/telemetry/fanout.ts";
import { MemoryTelemetry } from "../../../server/telemetry/memory/memory-telemetry.ts";
import {
  describeTelemetryContract,
  eventNames,
  everyEvent,
  tell,
} from "../../contract/telemetry-contract.ts";

describeTelemetryContract("MemoryTelemetry", () => new MemoryTelemetry());
describeTelemetryContract("silentTelemetry", () => silentTelemetry);
describeTelemetryContract("fanOutTelemetry", () => fanOutTelemetry(new MemoryTelemetry()));

describe("MemoryTelemetry", () => {
  it("[TL2] keeps every event as it was told, in order", () => {
    const telemetry = new MemoryTelemetry();
    for (const event of eventNames) tell(telemetry, event, everyEvent[event]);
    expect(telemetry.events.map((each) => each.event)).toEqual(eventNames);
    expect(telemetry.of("joinRefused")).toEqual([everyEvent.joinRefused]);
    telemetry.clear();
    expect(telemetry.events).toEqual([]);
  });

  it("[TL2] forgets the oldest events first", () => {
    const telemetry = new MemoryTelemetry();
    for (let status = 0; status < 10_005; status++) telemetry.requestRefused({ status });
    expect(telemetry.events).toHaveLength(10_000);
    expect(telemetry.of("requestRefused")[0]).toEqual({ status: 5 });
  });
});

describe("fanOutTelemetry", () => {
  it("[TL3] tells all sinks, also behind one that throws", () => {
    const [first, last] = [new MemoryTelemetry(), new MemoryTelemetry()];
    const broken = Object.create(silentTelemetry);
    broken.playerLeft = () => {
      throw new Error("broken promise");
    };
    fanOutTelemetry(first, broken, last).playerLeft(everyEvent.playerLeft);
    expect(first.of("playerLeft")).toEqual([everyEvent.playerLeft]);
    expect(last.of("playerLeft")).toEqual([everyEvent.playerLeft]);
  });
});
