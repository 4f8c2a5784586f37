/** What plays a seat in place of a person: told of each state, stopped once. */
export interface SeatPlayer {
  stateChanged(): void;
  stop(): void;
}
