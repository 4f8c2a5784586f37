/** Bounds of uploaded builds. Times are milliseconds. */
export const BUILD_LIMITS = {
  /** Of one zip, and of all that are kept. */
  zipBytesMax: 1024 * 1024 * 1024,
  zipsBytesMax: 8 * 1024 * 1024 * 1024,
  uploadsAtOnceMax: 4,
  /** How long the keys for an upload are good; not scaled, for uploads take real time. */
  ticketMs: 60 * 60_000,
  /** Tickets that are good at once; the oldest are forgotten. */
  ticketsMax: 1_000,

  /** In one zip, folders included. */
  entriesMax: 50_000,
  entryPathBytesMax: 1_024,
  entryDepthMax: 64,
  /** Unpacked: of one build, and of all fleets together. An instance has a disk of 50 GB. */
  unpackedBytesMax: 4 * 1024 * 1024 * 1024,
  unpackedBytesOfAllMax: 16 * 1024 * 1024 * 1024,

  /** How long install.sh may take, and how much of what it writes is kept. */
  installerMs: 30 * 60_000,
  installerOutputBytesMax: 10 * 1024 * 1024,
  /** Of the installer's last words in a fleet event. */
  installerLastCharactersMax: 300,

  /** Bad ends before the first process is ready, by which a fleet fails. */
  badEndsMax: 3,
  /** From a fleet's end to the removal of its files: logs are being packed. */
  removeAfterMs: 30_000,
} as const;
