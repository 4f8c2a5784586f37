/**
 * Writes docs/CONFIGURATION.md from the table that the server reads its configuration by.
 * `node scripts/configuration-page.ts` prints it, `--write` writes it.
 * @module
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Setting } from "../server/config-setting.ts";
import { environmentName, flagName, settings } from "../server/config-table.ts";

export const configurationPagePath = fileURLToPath(
  new URL("../docs/CONFIGURATION.md", import.meta.url),
);

const INTRODUCTION = `<!-- Written by \`node scripts/configuration-page.ts --write\` from server/config-table.ts. Do not edit. -->

# Configuration

Every setting has one value from four places; a later one wins:

1. its default,
2. a JSON file, \`fleetroom.json\` in the working directory (the build's directory on a fleet),
3. the environment,
4. command-line flags, as \`--port 7777\` or \`--port=7777\`.

All mistakes are reported at once, one per line: name, value given, what is allowed. An unknown name is a mistake too, in
every place (in the environment: every other variable that starts with \`FLEETROOM_\`). The server then does not start and
its error has the code \`CONFIG_INVALID\`.

A GameLift fleet gives a process a launch path and launch parameters and none of your variables: use flags, or put
\`fleetroom.json\` into the build. Flags may only hold the characters that GameLift allows in launch parameters:
\`A-Z a-z 0-9 _ : . + / \\ - = @ ; { } , ? ' [ ] "\` and blank. Secrets are never flags, since everyone on the machine can read
those.

The file is one JSON object. Its names are the ones in the first column; values are text, numbers or booleans, and lists may be
arrays:

\`\`\`json
{ "room": "arena", "port": [8443, "7000-7049"], "origins": ["https://play.example.com"], "drainMs": 20000 }
\`\`\`

Relative paths start at the working directory.
`;

const OUTRO = `
## What else is read

| Variable | Effect |
|---|---|
| \`GAMELIFT_SDK_*\`, \`GAMELIFT_COMPUTE_TYPE=CONTAINER\`, \`AWS_CONTAINER_CREDENTIALS_RELATIVE_URI\`, \`ECS_CONTAINER_METADATA_URI_V4\` | set by a fleet; any of them selects \`gamelift\` unless \`FLEETROOM_FLEET\` says otherwise, and keeps the local fleet from starting |
| \`NODE_ENV=production\` | keeps the local fleet from starting |

## The file of LOCAL_SESSION

Describes what the local fleet places. Everything is optional but the two ids of a player session; a field that is not listed
here is a mistake.

\`\`\`json
{
  "gameSession": {
    "gameSessionId": "gsess-demo", "name": "demo", "maximumPlayerSessionCount": 8,
    "gameProperties": { "map": "small" }, "gameSessionData": "", "matchmakerData": ""
  },
  "playerSessions": [
    { "playerSessionId": "psess-anna", "playerId": "anna", "playerData": "", "status": "RESERVED" },
    { "playerSessionId": "psess-late", "playerId": "ben", "status": "TIMEDOUT" }
  ],
  "faults": { "describeMs": 0, "acceptMs": 0, "errorRate": 0, "lateYesMs": 0, "down": false }
}
\`\`\`

- Without \`playerSessions\` they are generated: \`psess-local-1\` (player \`player-1\`) and so on. At most 1024, in a file of at most 1 MB.
- **An edit** takes effect within a second: it adds player sessions, changes the status of those whose player is not seated, and sets faults.
  What it says about \`gameSession\`, \`playerId\` and \`playerData\` counts from the next match on, and so does what it leaves out.
  A broken file changes nothing and gives a warning, \`local_session_file_rejected\`; at the start it is an error, \`LOCAL_SESSION_INVALID\`.
- **The next match** has every player session in the status of the file again, RESERVED unless it says otherwise, and the same game session id
  with \`-2\`, \`-3\` and so on behind it.
- **Faults** concern accepting, removing and describing player sessions, and opening or closing the game session. \`describeMs\` and \`acceptMs\` delay an
  answer (at most 600000), \`errorRate\` is the fraction of calls that fail (0 to 1), \`down\` fails all of them, and with \`lateYesMs\` an accept takes
  the seat at once while its yes arrives that much later, even if nobody waits for it any more.
`;

/** The whole page as Markdown. */
export function configurationPage(): string {
  const rows = Object.values<Setting<unknown>>(settings);
  return [
    INTRODUCTION,
    "## Settings\n",
    "| File | Environment | Flag | Default |",
    "|---|---|---|---|",
    ...rows.map(nameRow),
    "",
    ...rows.map(section),
    OUTRO.trimStart(),
  ].join("\n");
}

function nameRow(row: Setting<unknown>): string {
  const file = row.isInFile === false ? "never in the file" : `\`${row.key}\``;
  const flag = row.isSecret ? "never a flag" : `\`${flagName(row.key)}\``;
  return `| ${file} | \`${environmentName(row.key)}\` | ${flag} | ${defaultOf(row)} |`;
}

function section(row: Setting<unknown>): string {
  const secret = row.isSecret ? " A secret: it is never shown." : "";
  return [
    `### ${environmentName(row.key).replace("FLEETROOM_", "")}\n`,
    `${row.meaning}${secret}\n`,
    `Allowed: ${row.allowed}. Default: ${defaultOf(row)}.\n`,
  ].join("\n");
}

function defaultOf(row: Setting<unknown>): string {
  return row.defaultNote ?? `\`${row.defaultText}\``;
}

if (import.meta.main) {
  if (process.argv.includes("--write")) writeFileSync(configurationPagePath, configurationPage());
  else process.stdout.write(configurationPage());
}
