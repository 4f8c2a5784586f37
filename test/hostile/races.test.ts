import { describe, it } from "vitest";
import { raceForSeats } from "./races.ts";

describe("two connections with one player session id", () => {
  it("[HO5] lead to one seat, whatever they speak", async () => {
    await raceForSeats({ pairs: 45, controlMs: 500 });
  }, 60_000);
});
