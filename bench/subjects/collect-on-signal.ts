/**
 * Loaded into every server under test, so that its memory can be read without what is only waiting to be collected:
 * SIGWINCH, which none of them uses, collects twice.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
process.on("SIGWINCH", () => {
  collect();
  collect();
});
