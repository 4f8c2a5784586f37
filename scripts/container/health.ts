/**
 * What a container's HEALTHCHECK runs: asks the server beside it whether it is well. Exit code 0 says yes. It stands alone in
 * the image, beside the settings of the server.
 * @module
 */
import { readFileSync } from "node:fs";
import http from "node:http";

const TIMEOUT_MS = 4_000;

/** The environment wins, as with the server. */
function adminPort(): number {
  const given = process.env["FLEETROOM_ADMIN_PORT"];
  if (given !== undefined && given !== "") return Number(given);
  const settings = JSON.parse(readFileSync("fleetroom.json", "utf8")) as { adminPort?: unknown };
  return Number(settings.adminPort);
}

const request = http.get(
  { host: "127.0.0.1", port: adminPort(), path: "/healthz", timeout: TIMEOUT_MS, agent: false },
  (answer) => {
    answer.setEncoding("utf8").on("data", (text: string) => process.stdout.write(text));
    if (answer.statusCode !== 200) process.exitCode = 1;
  },
);
request.on("timeout", () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
request.on("error", (error) => {
  process.stdout.write(`${error.message}\n`);
  process.exitCode = 1;
});
