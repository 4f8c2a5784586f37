/**
 * What a look at one thing found.
 * @module
 */

export interface Finding {
  /** One word: what was looked at. */
  readonly about: string;
  /** `wrong`: something would not work. `note`: worth knowing. */
  readonly state: "good" | "note" | "wrong";
  /** One sentence or a list. */
  readonly words: string;
  /** What to do. */
  readonly advice?: string;
}

/** What the doctor is told of where it looks. */
export interface Patient {
  /** The project's, absolute. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of `--rooms`. */
  readonly givenRooms?: string | undefined;
}
