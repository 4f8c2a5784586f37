/** Every bound of the console page and of what it asks for. */
export const CONSOLE_LIMITS = {
  /** Of a game session's name, a player's id or data, characters, as the AWS API has it. */
  textCharsMax: 1_024,
  playerDataCharsMax: 2_048,
  gameSessionDataCharsMax: 262_144,
  gamePropertiesMax: 16,
  gamePropertyKeyCharsMax: 32,
  gamePropertyValueCharsMax: 96,
  playersMax: 200,
  /** Admin ports that are asked. */
  adminPortsMax: 200,
  /** Asked at the same time. */
  adminAskedAtOnceMax: 16,
  /** For one admin port's answer, milliseconds. */
  adminTimeoutMs: 500,
  /** Of one answer, bytes. */
  adminAnswerBytesMax: 4_096,
  /** Members shown of one answer, and characters of a name or a text in it. */
  adminMembersMax: 16,
  adminTextCharsMax: 64,
  /** Live views of servers open at once; the next one is refused. */
  liveRelaysMax: 8,
  /** Answers are good for so long, however many pages ask; milliseconds. */
  adminKeptMs: 1_000,
} as const;
