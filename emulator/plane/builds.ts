import type { PlaneContext, Writable } from "./context.ts";
import { PLANE_LIMITS } from "./limits.ts";
import { done, type Outcome, refused } from "./outcome.ts";
import type { Build } from "./records.ts";

export type BuildDefinition = Pick<
  Build,
  "name" | "version" | "operatingSystem" | "serverSdkVersion"
>;

/** What fleets are made of: each is INITIALIZED until its zip has come, then READY or FAILED, and stays that. */
export class Builds {
  readonly #context: PlaneContext;
  readonly #builds = new Map<string, Writable<Build>>();

  constructor(context: PlaneContext) {
    this.#context = context;
  }

  create(definition: BuildDefinition): Outcome<Build> {
    const { region, accountId, uuid, clock, happenings } = this.#context;
    if (this.#builds.size >= PLANE_LIMITS.buildsMax) {
      return refused("Conflict", `There are ${PLANE_LIMITS.buildsMax} builds already: delete some`);
    }
    const buildId = `build-${uuid()}`;
    const build: Writable<Build> = {
      ...definition,
      buildId,
      buildArn: `arn:aws:gamelift:${region}:${accountId}:build/${buildId}`,
      status: "INITIALIZED",
      sizeBytes: 0,
      createdAtMs: clock.wallMs(),
    };
    this.#builds.set(buildId, build);
    happenings.tell("build-created", { detail: buildId });
    return done(build);
  }

  find(buildIdOrArn: string): Build | undefined {
    return this.#entry(buildIdOrArn);
  }

  /** In the order of their creation. */
  list(): readonly Build[] {
    return [...this.#builds.values()];
  }

  rename(buildIdOrArn: string, changes: Partial<Pick<Build, "name" | "version">>): Outcome<Build> {
    const build = this.#entry(buildIdOrArn);
    if (build === undefined) return this.missing(buildIdOrArn);
    Object.assign(build, changes);
    return done(build);
  }

  /** Its zip has come, and is one. */
  received(buildId: string, sizeBytes: number): void {
    this.#settle(buildId, "READY", sizeBytes, `${buildId} is READY`);
  }

  /** @param why - For whoever runs the emulator; the API has no member for it. */
  failed(buildId: string, why: string): void {
    this.#settle(buildId, "FAILED", 0, `${buildId} is FAILED: ${why}`);
  }

  delete(buildIdOrArn: string): Outcome<void> {
    const build = this.#entry(buildIdOrArn);
    if (build === undefined) return this.missing(buildIdOrArn);
    this.#builds.delete(build.buildId);
    this.#context.happenings.tell("build-deleted", { detail: build.buildId });
    return done(undefined);
  }

  missing(buildIdOrArn: string) {
    return refused("NotFound", `Build ${buildIdOrArn} was not found`);
  }

  #settle(buildId: string, status: Build["status"], sizeBytes: number, detail: string): void {
    const build = this.#builds.get(buildId);
    if (build?.status !== "INITIALIZED") return;
    Object.assign(build, { status, sizeBytes });
    this.#context.happenings.tell("build-updated", { detail });
  }

  #entry(buildIdOrArn: string): Writable<Build> | undefined {
    const isArn = buildIdOrArn.startsWith("arn:");
    const build = this.#builds.get(isArn ? (buildIdOrArn.split("/").at(-1) ?? "") : buildIdOrArn);
    return isArn && build?.buildArn !== buildIdOrArn ? undefined : build;
  }
}
