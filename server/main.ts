/**
 * Where the process begins. What the engine is told counts from then on alone, so the rest is loaded after it: by loading
 * alone V8's young generation would grow to 16 MB, and never shrink again.
 * @module
 */
import { settleEngine } from "./engine.ts";

settleEngine();
await import("./composition.ts");
