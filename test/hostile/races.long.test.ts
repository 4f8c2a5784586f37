import { describe, it } from "vitest";
import { raceForSeats } from "./races.ts";

describe("400 times two connections with one player session id", () => {
  it("[HO5] lead to one seat each, whatever they speak", async () => {
    await raceForSeats({ pairs: 400, controlMs: 5_000 });
  });
});
