/**
 * Loaded into every server under test, so that its memory can be read without what is only waiting to be collected:
 * SIGWINCH, which none of them uses, collects everything and gives free pages back to the system. Otherwise the size that
 * V8's young generation happens to have grown to, up to 32 MB, hides what 500 connections need.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
process.on("SIGWINCH", () => {
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
});
