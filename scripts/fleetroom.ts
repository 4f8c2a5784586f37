#!/usr/bin/env node
/**
 * The `fleetroom` command of the npm package. Nothing is imported before Node's version is known: what an older one says of
 * the rest helps nobody.
 * @module
 */
const NODE_MAJOR_MIN = 24;
const { node } = process.versions;

if (Number.parseInt(node, 10) < NODE_MAJOR_MIN) {
  console.error(
    `fleetroom needs Node ${NODE_MAJOR_MIN} or newer, and this is ${node}: install one from https://nodejs.org.`,
  );
  process.exitCode = 1;
} else {
  const place = { folder: process.cwd(), env: process.env, print: console.log };
  void import("./command/run.ts").then(async ({ run }) => {
    const exitCode = await run(process.argv.slice(2), place);
    if (exitCode !== undefined) process.exitCode = exitCode;
  });
}
