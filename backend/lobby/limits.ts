/** Every bound of the lobby that is no setting. */
export const LOBBY_LIMITS = {
  /** Bytes of a request's body: a stock client's options, or a join. */
  bodyBytesMax: 4096,
  /** Bytes of a request's line and headers. */
  headerBytesMax: 8192,
  /** From the first byte of a request to the last of its headers. */
  headersMs: 5_000,
  /** From the first byte of a request to its last. */
  requestMs: 10_000,
  /** Sockets at once; a waiting join holds one. */
  connectionsMax: 1024,
  /** Joins that wait for one game at once. */
  waitingPerGameMax: 256,
  /** Joins of one network that wait at once. */
  waitingPerNetworkMax: 64,
  /** Networks whose joins are counted; the one that was quiet longest is forgotten first. */
  networksMax: 10_000,
  /** Games that one lobby serves. */
  gamesMax: 32,
  /** Between two looks at the fleet for one game. Joins that come meanwhile are seated together. */
  passIntervalMs: 200,
  /** The same while a placement takes its time. */
  slowPassIntervalMs: 1_000,
  /** A placement is looked at often for so long. */
  slowAfterMs: 5_000,
  /** Looks in a row that may fail before those who wait are told. */
  failedPassesMax: 3,
  /** Placements that a join may go through: their game session can end before anybody was told of it. */
  placementsPerJoinMax: 2,
  /** Player sessions in one call, by the API. */
  playersPerCallMax: 25,
  /** One call of the API, its answer included. */
  callMs: 5_000,
  /** Pages that one look reads of a list. */
  pagesMax: 5,
  /** Game sessions in a page of a search, by the API. */
  searchPageMax: 20,
  /** Player sessions in a page. */
  playerSessionPageMax: 100,
  /** How long the destinations of the queue are taken for known. */
  destinationsKeptMs: 60_000,
  /** The API keeps a reservation for 60 s; an older one is not handed out again, for its player has to arrive. */
  reservationReusedMs: 40_000,
  /** Characters of a player's name. */
  nameCharactersMax: 64,
  /** Characters of AWS's own words that are repeated. */
  messageCharactersMax: 300,
  /** Open joins are given so long to be answered when the lobby stops. */
  stopMs: 1_000,
} as const;
