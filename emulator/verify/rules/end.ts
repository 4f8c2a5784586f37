import type { Reading } from "../reading.ts";
import {
  broken,
  exitText,
  type Finding,
  kept,
  notReached,
  type Rule,
  timeText,
  warning,
} from "../rule.ts";

const EVERY_LIFE = ["match", "idle", "dismissed"] as const;

const livesUntilTold: Rule = {
  id: "V35",
  name: "lives-until-told",
  demand:
    "A process ends after it has said goodbye (TerminateServerProcess), never without a word.",
  lives: EVERY_LIFE,
  judge(reading) {
    if (reading.step("start-server") === undefined) return notReached(reading);
    const { exited, goodbye } = reading;
    const end = reading.endedByItself;
    if (end === undefined)
      return kept(`it ran ${timeText(reading.endMs)}, until it was told to end`);
    if (goodbye !== undefined && (exited === undefined || reading.isBefore(goodbye, exited)))
      return kept(`it said goodbye by itself after ${timeText(goodbye.atMs)}`);
    return broken(
      `after ${timeText(end.atMs)} it ended without a word (${exitText(exited ?? { code: null, signal: null })})`,
    );
  },
};

const obeysTerminateProcess: Rule = {
  id: "V36",
  name: "obeys-terminate-process",
  demand:
    "At TerminateProcess the process ends its game session and says goodbye (TerminateServerProcess) before the deadline.",
  lives: ["match"],
  judge: obedience,
};

const obeysTerminateWhenIdle: Rule = {
  id: "V37",
  name: "obeys-terminate-when-idle",
  demand: "The same when it has no game session, as in a scale-in.",
  lives: ["idle"],
  judge: obedience,
};

/** A server that goes by a time of its own may well be in time for the service. */
const MORE_TIME = "; the service leaves 120 s or more, --termination-seconds N leaves as many";

function obedience(reading: Reading): Finding {
  const told = reading.step("terminate-process");
  if (told === undefined) return notReached(reading);
  const { goodbye, exited } = reading;
  const { terminationMs } = reading.terms;
  if (goodbye !== undefined) {
    const tookMs = goodbye.atMs - told.atMs;
    if (goodbye.statusCode !== 200)
      return broken(`its goodbye was answered ${goodbye.statusCode ?? "nothing"}`);
    const seen = `goodbye ${timeText(tookMs)} after TerminateProcess, of ${timeText(terminationMs)}`;
    return tookMs <= terminationMs ? kept(seen) : broken(`${seen}${MORE_TIME}`);
  }
  if (exited !== undefined && reading.step("kill") === undefined)
    return broken(`it ended without TerminateServerProcess (${exitText(exited)})`);
  return broken(`no TerminateServerProcess within ${timeText(terminationMs)}${MORE_TIME}`);
}

const exitsAfterGoodbye: Rule = {
  id: "V38",
  name: "exits-after-goodbye",
  demand: "A process exits within 30 s of its goodbye.",
  lives: ["match", "idle"],
  judge(reading) {
    const { goodbye, exited, terms } = reading;
    if (goodbye === undefined) return notReached(reading);
    const killed = reading.step("kill");
    if (exited === undefined || (killed !== undefined && reading.isBefore(killed, exited)))
      return broken(
        `it still ran ${timeText((killed?.atMs ?? reading.endMs) - goodbye.atMs)} later`,
      );
    const tookMs = exited.atMs - goodbye.atMs;
    const seen = `gone ${timeText(tookMs)} after its goodbye`;
    return tookMs <= terms.exitMs ? kept(seen) : broken(seen);
  },
};

const exitsWith0: Rule = {
  id: "V39",
  name: "exits-with-0",
  demand: "A process that has said goodbye exits with code 0.",
  lives: ["match", "idle"],
  judge(reading) {
    const { goodbye, exited } = reading;
    const killed = reading.step("kill");
    const isOwn =
      exited !== undefined && (killed === undefined || reading.isBefore(exited, killed));
    if (goodbye === undefined || !isOwn) return notReached(reading);
    return exited.code === 0 ? kept("exit code 0") : broken(exitText(exited));
  },
};

const settlesPlayers: Rule = {
  id: "V40",
  name: "settles-players-before-goodbye",
  demand:
    "Players are removed before the goodbye or end with it; after it the service hears of no game session any more.",
  lives: ["match"],
  judge(reading) {
    const { goodbye } = reading;
    if (goodbye === undefined || reading.step("terminate-process") === undefined)
      return notReached(reading);
    const late = reading.requests().filter((request) => reading.isBefore(goodbye, request));
    if (late.length > 0) {
      const actions = [...new Set(late.map(({ action }) => action))].join(", ");
      return warning(`${late.length} requests after the goodbye: ${actions}`);
    }
    const accepted = reading.granted("AcceptPlayerSession").length;
    const removed = reading.granted("RemovePlayerSession").length;
    return kept(
      `${removed} players removed, ${Math.max(0, accepted - removed)} ended with their game session`,
    );
  },
};

export const endRules = [
  livesUntilTold,
  obeysTerminateProcess,
  obeysTerminateWhenIdle,
  exitsAfterGoodbye,
  exitsWith0,
  settlesPlayers,
] as const;
