/**
 * Every limit of who is sent which snapshot.
 * @module
 */
export const SNAPSHOT_LIMITS = {
  /** What a client may be sent at once beyond its rate, as seconds of that rate. */
  burstSeconds: 0.25,
  /** A client whose keyframe was larger than that pays the rest off with this share of its rate; its group has the others. */
  repaymentShare: 0.25,
  /** Longest time without a message to those in a stream: their clocks keep in step by it. */
  silenceSeconds: 0.25,
  /** Longest time between two tries to give a keyframe to a client that did not take the last one. */
  retrySeconds: 0.25,
  /** Share of a delta that entities new to the stream may take while others wait to be updated. */
  enteringShare: 0.5,
  /** A group without members is kept this long, for those who come back. */
  groupIdleSeconds: 1,
  /** Groups without members; of more, those that were left first go. */
  groupsIdleMax: 64,
  /** A player's cell changes when his eye is beyond its border by this share of its side. */
  cellBorderShare: 0.1,
  /**
   * What is in a stream stays there until it is out of sight by this share of a cell's side. To keep it for a second costs
   * about what it costs to show it again.
   */
  keptShare: 0.25,
  /** Cells of a world: their numbers are whole and exact. */
  cellsMax: 2 ** 40,
  /** Of the grid that entities are sorted into, along the side of a cell: smaller ones leave out more that is too far. */
  squaresPerCell: 2,
  /** Columns and rows of the grid that entities are sorted into; in a larger world its squares are larger. */
  gridSideMax: 64,
} as const;
