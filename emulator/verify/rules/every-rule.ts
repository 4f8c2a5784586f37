import type { Rule } from "../rule.ts";
import { endRules } from "./end.ts";
import { gameSessionRules } from "./game-session.ts";
import { healthRules } from "./health.ts";
import { linkRules } from "./link.ts";
import { playerRules } from "./players.ts";
import { refusalRules } from "./refusals.ts";
import { requestRules } from "./requests.ts";
import { startRules } from "./start.ts";

/** In the order of the report, which is that of a life. */
export const EVERY_RULE: readonly Rule[] = [
  ...startRules,
  ...healthRules,
  ...gameSessionRules,
  ...playerRules,
  ...refusalRules,
  ...linkRules,
  ...requestRules,
  ...endRules,
];
