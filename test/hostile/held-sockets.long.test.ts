import { describe, it } from "vitest";
import { holdSockets } from "./held-sockets.ts";

describe("2,000 connections that are held open and say too little", () => {
  it("[HO4] are ended in time and leave no file open, while players join", async () => {
    await holdSockets({ sockets: 2_000, joins: 100 });
  });
});
