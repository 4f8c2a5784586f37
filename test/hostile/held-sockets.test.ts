import { describe, it } from "vitest";
import { holdSockets } from "./held-sockets.ts";

describe("connections that are held open and say too little", () => {
  it("[HO4] are ended in time and leave no file open, while players join", async () => {
    await holdSockets({ sockets: 200, joins: 30 });
  }, 60_000);
});
