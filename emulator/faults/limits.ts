/** Every bound of scenarios, faults and control. */
export const FAULT_LIMITS = {
  /** Of a scenario file, bytes. */
  scenarioBytesMax: 262_144,
  stepsMax: 1_000,
  /** A scenario goes on for a day at most, milliseconds. */
  atMsMax: 86_400_000,
  /** Mistakes told of one file or order; the rest is counted. */
  mistakesMax: 50,
  /** Longest wait that a fault may cause, and longest time that one may last, milliseconds. */
  delayMsMax: 600_000,
  lastsMsMax: 86_400_000,
  /** How often one fault may strike. */
  timesMax: 100_000,
  /** Faults that stand at the same time; the next one is refused. */
  standingMax: 256,
  /** Server processes, game sessions and player sessions that have an ordinal; later ones go by their id. */
  ordinalsMax: 100_000,
  /** Of a name or id that somebody writes, characters. */
  textCharsMax: 1_024,
  /** Of matchmaker data, characters, as the AWS API has it. */
  matchmakerDataCharsMax: 390_000,
  /** Of what a happening or an answer tells of a fault, characters. */
  detailCharsMax: 300,
  /** Records of one kind in the answer to a question about the state: those that live and then the newest. */
  stateRecordsMax: 2_000,
  /** Of a text in that answer, characters; longer ones are cut. */
  stateTextCharsMax: 4_096,
  /** Event streams open at once; the next one is refused. */
  streamsMax: 16,
  /** Bytes that wait for a reader of a stream before it is cut. */
  streamBytesMax: 1_048_576,
  /** Between two signs of life on a stream, milliseconds. */
  streamBeatMs: 15_000,
} as const;
