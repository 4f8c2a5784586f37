/** A fleet behind an alias, and rolls of it in this process that may break off at any call. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { CallName, Calls, Input, Output } from "../../../scripts/fleets/calls.ts";
import { createFleet } from "../../../scripts/fleets/create.ts";
import { FleetsError, FleetsErrorCode } from "../../../scripts/fleets/errors.ts";
import { Progress } from "../../../scripts/fleets/progress.ts";
import { type RollOrder, rollFleet } from "../../../scripts/fleets/roll.ts";
import type { Work } from "../../../scripts/fleets/work.ts";
import { FleetsWorld, manifest, NODE } from "./fleets-world.ts";

/** Where a run breaks off: before its nth call, or when that was heard and its answer is lost. */
export interface Break {
  readonly at: number;
  readonly isHeard: boolean;
}

/** The emulator's own operations, without a network between. */
class DirectCalls implements Calls {
  readonly isDryRun = false;
  readonly made: CallName[] = [];
  readonly #here: FleetsWorld;
  readonly #break: Break | undefined;
  /** Of a fleet that was just made, so often the service does not know yet. */
  hiddenMax = 0;

  constructor(here: FleetsWorld, breaksOff?: Break) {
    this.#here = here;
    this.#break = breaksOff;
  }

  async call<Name extends CallName>(name: Name, input: Input<Name>): Promise<Output<Name>> {
    this.made.push(name);
    const isLast = this.made.length === this.#break?.at;
    if (isLast && this.#break?.isHeard === false) throw broken();
    const answer = this.#here.world.emulator.api.call(name, structuredClone(input));
    if (isLast) throw broken();
    if ("error" in answer) {
      const { type, message } = answer.error;
      throw new FleetsError(FleetsErrorCode.FLEETS_CALL_FAILED, `${name}: ${type}: ${message}`);
    }
    const isHidden = this.made.includes("CreateFleet") && name === "DescribeFleetAttributes";
    if (isHidden && this.hiddenMax-- > 0) return { FleetAttributes: [] } as unknown as Output<Name>;
    return JSON.parse(JSON.stringify(answer.output)) as Output<Name>;
  }

  async upload(): Promise<void> {
    throw new Error("nothing is uploaded here");
  }

  [Symbol.dispose](): void {}
}

function broken(): FleetsError {
  return new FleetsError(FleetsErrorCode.FLEETS_INTERRUPTED, "broken off");
}

export class RollWorld implements AsyncDisposable {
  readonly here: FleetsWorld;
  readonly lines: string[] = [];
  readonly builds: readonly string[];
  aliasId = "";

  private constructor(here: FleetsWorld, builds: readonly string[]) {
    this.here = here;
    this.builds = builds;
  }

  /** With two builds, and a fleet of the first one behind the alias. */
  static async open(): Promise<RollWorld> {
    const here = await FleetsWorld.open(1_000);
    const builds: string[] = [];
    for (const version of ["1", "2"]) {
      const zip = await here.zip([NODE, manifest({ version })]);
      const { stdout } = await here.run("upload-build", ["--zip", zip]);
      builds.push(stdout.trim());
    }
    const world = new RollWorld(here, builds);
    await world.fleet({ name: "live", aliasName: "live" });
    world.aliasId = here.plane.aliases.list()[0]?.aliasId ?? "";
    return world;
  }

  /** As create-fleet makes one, of the first build. */
  fleet(over: { name: string; aliasName?: string; desired?: number }): Promise<string> {
    const { name, aliasName, desired = 1 } = over;
    const order = {
      buildId: this.builds[0] ?? "",
      name,
      description: undefined,
      instanceType: "c7i.large",
      memoryMegabytes: 4_096,
      processes: 1,
      fleetType: "ON_DEMAND",
      locations: [],
      roleArn: undefined,
      certificate: "DISABLED",
      protection: "FullProtection",
      ipRange: "0.0.0.0/0",
    } as const;
    const capacity = { desired, minimum: 0, maximum: 2, availablePercent: 30 };
    const more = { capacity, aliasName, waitMs: 10_000 };
    return createFleet(this.work(new DirectCalls(this.here)), order, more);
  }

  /** The fleet that players come to. */
  get present(): string {
    const routing = this.here.plane.aliases.find(this.aliasId)?.routing;
    return routing?.type === "SIMPLE" ? routing.fleetId : "";
  }

  fleetsOf(buildId: string): readonly string[] {
    const fleets = this.here.plane.fleets.list().filter((fleet) => fleet.buildId === buildId);
    return fleets.map(({ fleetId }) => fleetId);
  }

  work(calls: Calls): Work {
    return {
      region: "us-west-2",
      calls,
      progress: new Progress({
        nowMs: () => performance.now(),
        print: (line) => this.lines.push(line),
      }),
      time: { nowMs: () => performance.now(), sleep: (ms) => sleep(ms) },
      signal: new AbortController().signal,
      everyMs: 5,
    };
  }

  /** @returns The calls that were made. */
  async roll(
    over: Partial<RollOrder> = {},
    breaksOff?: Break,
    hiddenMax = 0,
  ): Promise<readonly CallName[]> {
    const calls = new DirectCalls(this.here, breaksOff);
    calls.hiddenMax = hiddenMax;
    const order = {
      aliasId: this.aliasId,
      buildId: undefined,
      toFleetId: undefined,
      fromFleetId: undefined,
      waitMs: 10_000,
      drainMs: 5_000,
      deletesOld: true,
      ...over,
    };
    await rollFleet(this.work(calls), order);
    return calls.made;
  }

  /** A roll that breaks off, then the same once more. @returns Whether there was such a call to break off at. */
  async rollTwice(
    to: Pick<RollOrder, "buildId"> | Pick<RollOrder, "toFleetId">,
    breaksOff: Break,
  ): Promise<boolean> {
    const old = this.present;
    const failed = await this.roll(to, breaksOff).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failed !== undefined) {
      expect(failed).toMatchObject({ code: "FLEETS_INTERRUPTED" });
      await this.roll(to);
    }
    const where = JSON.stringify(breaksOff);
    const managed = this.here.plane.fleets
      .list()
      .filter(({ computeType }) => computeType === "EC2");
    expect(
      managed.map(({ fleetId }) => fleetId),
      where,
    ).toEqual([this.present]);
    expect(this.present, where).not.toBe(old);
    expect(this.here.plane.scalingPolicies.list(this.present), where).toHaveLength(1);
    return failed !== undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.here[Symbol.asyncDispose]();
  }
}
