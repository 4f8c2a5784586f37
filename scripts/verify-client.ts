/**
 * A player for `npm run emulator -- verify --client 'node scripts/verify-client.ts'`: joins our own server with the
 * variables that verify gives, over WebSocket or, with `tcp` as argument, over TCP; stays until SIGTERM and leaves.
 * Exit code 0 means that it was let in, and left when it was told to; 1 that it was not, or was put out.
 */
import { joinMatch } from "../client/connection.ts";

const { VERIFY_HOST, VERIFY_PORT, VERIFY_PLAYER_SESSION_ID = "" } = process.env;
const scheme = process.argv[2] === "tcp" ? "tcp" : "ws";
let isLeaving = false;
const outcome = await joinMatch(VERIFY_PLAYER_SESSION_ID, {
  url: `${scheme}://${VERIFY_HOST}:${VERIFY_PORT}`,
  // Whoever is put out is to be seen as that.
  mayReconnect: false,
  listener: {
    ended: ({ code, text }) => {
      if (isLeaving) return;
      console.log(`ended with ${code}: ${text}`);
      process.exit(1);
    },
  },
});
if (outcome.state === "refused") {
  console.log(`refused with ${outcome.refusal.code}: ${outcome.refusal.text}`);
  process.exit(1);
}
const { connection } = outcome;
console.log("joined");
process.once("SIGTERM", () => {
  isLeaving = true;
  void connection.leave().finally(() => process.exit(0));
});
