import type { ClientStory } from "../reading.ts";
import { broken, exitText, kept, notChecked, notReached, type Rule, timeText } from "../rule.ts";

const activatesGameSession: Rule = {
  id: "V11",
  name: "activates-game-session",
  demand:
    "A process that is given a game session (CreateGameSession) activates it (ActivateGameSession) within the fleet's activation timeout.",
  lives: ["match"],
  judge(reading) {
    const created = reading.first("push", ({ action }) => action === "CreateGameSession");
    if (created === undefined) return notReached(reading);
    const { activationMs } = reading.terms;
    const [activated] = reading.granted("ActivateGameSession");
    if (activated !== undefined)
      return kept(`active after ${timeText(activated.atMs - created.atMs)}`);
    const refused = reading.requests("ActivateGameSession").at(-1);
    if (refused !== undefined)
      return broken(`the service answered ${refused.statusCode ?? "nothing"}`);
    const end = reading.endedByItself;
    if (end?.kind === "exited") return broken(`it ended instead (${exitText(end)})`);
    return broken(`no ActivateGameSession within ${timeText(activationMs)}`);
  },
};

const namesItsGameSession: Rule = {
  id: "V12",
  name: "names-its-game-session",
  demand: "Every request about a game session names the one that the process was given.",
  lives: ["match"],
  judge(reading) {
    const given = reading.step("create-game-session")?.detail;
    if (given === undefined) return notReached(reading);
    const about = reading
      .requests()
      .map(({ action, members }) => ({
        action,
        id: members["GameSessionId"] ?? members["GameSessionArn"],
      }))
      .filter(({ id }) => typeof id === "string" && id !== "");
    if (about.length === 0) return notChecked("no request was about a game session");
    const wrong = about.filter(({ id }) => id !== given);
    const actions = [...new Set(wrong.map(({ action }) => action))].join(", ");
    return wrong.length === 0
      ? kept(`${about.length} requests`)
      : broken(`${wrong.length} of ${about.length} requests named another one: ${actions}`);
  },
};

const survivesUpdates: Rule = {
  id: "V13",
  name: "survives-updates",
  demand:
    "UpdateGameSession, for whichever of its four reasons, ends neither the process nor its game session, and no player is put out.",
  lives: ["match"],
  judge(reading) {
    const updates = reading.all("step").filter(({ step }) => step === "update-game-session");
    const [first] = updates;
    if (first === undefined) return notReached(reading);
    const next = reading.stepAfter(first);
    const end = reading.endedByItself;
    if (end !== undefined && reading.isBetween(end, first, next)) {
      const how = end.kind === "exited" ? `it ended (${exitText(end)})` : "it said goodbye";
      return broken(`${how} after ${updates.map(({ detail }) => detail).join(", ")}`);
    }
    const isLost = ({ gone }: ClientStory) =>
      gone !== undefined && reading.isBetween(gone, first, next);
    if (reading.clients("stays", "twin").some(isLost))
      return broken("a player who was there lost the connection");
    return kept(updates.map(({ detail }) => detail).join(", "));
  },
};

export const gameSessionRules = [
  activatesGameSession,
  namesItsGameSession,
  survivesUpdates,
] as const;
