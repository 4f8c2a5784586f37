/**
 * `npm run dev`: an emulated fleet with server processes for both games, a lobby, the demo page, and a restart when a
 * file changes.
 * @module
 */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";

/** The lowest Node that the dependencies accept. */
const NODE_MIN = [22, 12] as const;

const DEFAULT_PORT = 8080;

function whatIsMissing(): string | undefined {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
    return `Node ${NODE_MIN.join(".")} or newer is needed; this is ${process.versions.node}.`;
  }
  if (!existsSync(new URL("../node_modules/@colyseus/core", import.meta.url))) {
    return "The dependencies are not installed. Run: npm ci";
  }
  return undefined;
}

function readFlags(): { port: number; hasPrometheus: boolean } {
  const { values } = parseArgs({
    options: { port: { type: "string" }, "no-prometheus": { type: "boolean" } },
  });
  const port = Number(values.port ?? DEFAULT_PORT);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) {
    return { port, hasPrometheus: values["no-prometheus"] !== true };
  }
  throw new Error(`--port ${values.port}: a whole number from 0 to 65535 is allowed`);
}

try {
  const missing = whatIsMissing();
  if (missing !== undefined) throw new Error(missing);
  const flags = readFlags();
  // Imported late: before the checks above these would fail in words that help nobody.
  const [{ runDevelopment }, { openDemo }] = await Promise.all([
    import("./dev/development.ts"),
    import("./dev/demo.ts"),
  ]);
  process.exitCode = await runDevelopment(flags, openDemo());
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
