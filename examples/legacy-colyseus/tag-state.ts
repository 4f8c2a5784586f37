import { MapSchema, Schema, type } from "@colyseus/schema";

export enum Mood {
  Calm = "calm",
  Hunting = "hunting",
}

export class Runner extends Schema {
  @type("string") name = "";
  @type("number") x = 0;
  @type("number") y = 0;
  @type("string") mood: Mood = Mood.Calm;
}

export class TagState extends Schema {
  @type("string") map = "";
  @type({ map: Runner }) runners = new MapSchema<Runner>();
}
