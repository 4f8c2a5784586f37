import type { ServerProcess } from "../fleet/fleet.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/**
 * Whether the fleet may make new player sessions for a game session. Says it one call at a time, so that no slow call
 * undoes a later one, and only what differs from what was said last.
 */
export class CreationPolicy {
  readonly #process: ServerProcess;
  readonly #gameSessionId: string;
  readonly #telemetry: Telemetry;
  /** The fleet knows the game session as active; before that it takes no policy. */
  #isActive = false;
  #isRoomOpen = true;
  #isHeld = false;
  #isOver = false;
  /** What the fleet took last, a new game session being open; `undefined` after a call that failed. */
  #told: boolean | undefined = true;
  #telling: Promise<void> | undefined;

  constructor(deps: { process: ServerProcess; gameSessionId: string; telemetry: Telemetry }) {
    this.#process = deps.process;
    this.#gameSessionId = deps.gameSessionId;
    this.#telemetry = deps.telemetry;
  }

  /** The fleet may be told from now on. */
  begin(): void {
    this.#isActive = true;
    void this.#tell();
  }

  /** The room's own lock. */
  setRoomOpen(isOpen: boolean): void {
    this.#isRoomOpen = isOpen;
    void this.#tell();
  }

  /** Closes for a while, whatever the room wants. @returns Whether the fleet has taken it. */
  hold(): Promise<boolean> {
    this.#isHeld = true;
    return this.#tell();
  }

  release(): void {
    this.#isHeld = false;
    void this.#tell();
  }

  /** Closes for good. */
  close(): void {
    this.#isOver = true;
    void this.#tell();
  }

  /** The fleet can be spoken to again: says what it may have missed. */
  repeat(): void {
    void this.#tell();
  }

  get #isOpen(): boolean {
    return this.#isRoomOpen && !this.#isHeld && !this.#isOver;
  }

  async #tell(): Promise<boolean> {
    if (!this.#isActive) return false;
    if (this.#told !== this.#isOpen) this.#telling ??= this.#tellAll();
    await this.#telling;
    return this.#told === this.#isOpen;
  }

  async #tellAll(): Promise<void> {
    try {
      while (this.#told !== this.#isOpen) {
        const isOpen = this.#isOpen;
        this.#told = undefined;
        await this.#process.setOpenToPlayers(this.#gameSessionId, isOpen);
        this.#told = isOpen;
      }
    } catch (cause) {
      this.#telemetry.fleetCallFailed({ action: "set_open_to_players", cause });
    }
    // In the turn of the last look, so that no change falls between the two.
    this.#telling = undefined;
  }
}
