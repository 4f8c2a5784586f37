/**
 * `npm run roll-fleet`: a new fleet behind an alias in the place of the old one, which its players leave in their own
 * time (docs/SHIPPING.md).
 * @module
 */
import { boolean, integer } from "../server/config-values.ts";
import { aliasId, awsOptions, buildId, fleetId, waitMinutes } from "./fleets/aws-options.ts";
import { helpText, option, readOptions, type Values } from "./fleets/options.ts";
import { rollFleet } from "./fleets/roll.ts";
import { runScript, type Work } from "./fleets/work.ts";

const table = {
  aliasId: option({
    flag: "alias",
    value: "ID",
    allowed: "the id of an alias such as alias-1a2b3c4d",
    meaning: "What players come by: it is led from the old fleet to the new one.",
    parse: aliasId,
  }),
  buildId: option({
    flag: "build-id",
    value: "ID",
    allowed: "the id of a build such as build-1a2b3c4d",
    meaning: "The new fleet is made of it, with the settings of the old one.",
    isOptional: true,
    parse: buildId,
  }),
  toFleetId: option({
    flag: "to",
    value: "ID",
    allowed: "the id of a fleet such as fleet-1a2b3c4d",
    meaning:
      "The new fleet as it is, in place of --build-id: create-fleet makes one with other settings.",
    isOptional: true,
    parse: fleetId,
  }),
  fromFleetId: option({
    flag: "from",
    value: "ID",
    allowed: "the id of a fleet such as fleet-1a2b3c4d",
    meaning: "The old fleet; the one that the alias leads to unless given.",
    isOptional: true,
    parse: fleetId,
  }),
  drainMinutes: option({
    flag: "drain-minutes",
    value: "N",
    allowed: "a whole number 1 to 10080",
    meaning:
      "How long to wait for the old fleet's matches to end, and then for its instances to go.",
    defaultText: "120",
    parse: integer(1, 10_080),
  }),
  deletesOld: option({
    flag: "delete-old",
    allowed: "0 or 1, also false or true",
    meaning: "Deletes the old fleet when it is empty.",
    defaultText: "0",
    parse: boolean,
  }),
  waitMinutes,
  ...awsOptions,
};

type Options = Values<typeof table>;

await runScript({
  help: () =>
    helpText("roll-fleet", "Puts a new fleet behind an alias and empties the old one.", table),
  again: "The same command goes on from there.",
  read: (input) => readOptions(table, input, mistakesIn),
  run,
});

function run(options: Options, work: Work): Promise<string> {
  const { waitMinutes: wait, drainMinutes: drain } = options;
  return rollFleet(work, { ...options, waitMs: wait * 60_000, drainMs: drain * 60_000 });
}

function mistakesIn({ buildId: build, toFleetId, fromFleetId }: Options): string[] {
  const mistakes: string[] = [];
  if ((build === undefined) === (toFleetId === undefined)) {
    mistakes.push("--build-id or --to: one of them must be given");
  }
  if (toFleetId !== undefined && toFleetId === fromFleetId) {
    mistakes.push("--from and --to: must be two fleets");
  }
  return mistakes;
}
