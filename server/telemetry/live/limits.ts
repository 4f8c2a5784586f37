/** Every bound of the live picture. */
export const LIVE_LIMITS = {
  /** Of one snapshot as JSON, bytes. */
  snapshotBytesMax: 4_000,
  /** Whole seconds that it shows. */
  secondsShown: 60,
  /** Of those, the ones that the verdict looks at. */
  verdictSeconds: 10,
  /** Durations of steps kept for percentiles: 60 s at 68 Hz. */
  durationsMax: 4_096,
  /** Warnings and errors kept, one for each kind. */
  noticesMax: 20,
  /** Of what a notice says, characters, and of a name or an id. */
  noticeCharsMax: 48,
  nameCharsMax: 64,
} as const;
