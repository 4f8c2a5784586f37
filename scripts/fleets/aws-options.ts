/** The options that all scripts for fleets have. */
import { boolean, decimal, endpointUrl, integer, matching } from "../../server/config-values.ts";
import { option } from "./options.ts";

export const awsOptions = {
  region: option({
    flag: "region",
    value: "REGION",
    env: ["FLEETROOM_AWS_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"],
    allowed: "an AWS Region such as eu-central-1",
    meaning: "Where the build and the fleets are.",
    parse: matching(/^[a-z]{2}(-[a-z]{2,16}){1,3}-\d{1,2}$/),
  }),
  endpointUrl: option({
    flag: "endpoint-url",
    value: "URL",
    env: ["FLEETROOM_AWS_ENDPOINT_URL"],
    allowed: "an https URL, or an http one of this machine, or nothing for AWS's own addresses",
    meaning: "Another address of GameLift, such as the emulator's, which takes the upload as well.",
    defaultText: "",
    parse: endpointUrl,
  }),
  pollSeconds: option({
    flag: "poll-seconds",
    value: "N",
    allowed: "a number 0.1 to 300",
    meaning: "How often a wait looks.",
    defaultText: "10",
    parse: decimal(0.1, 300),
  }),
  isDryRun: option({
    flag: "dry-run",
    allowed: "0 or 1, also false or true",
    meaning: "Prints the calls, one a line, and sends nothing; needs no credentials.",
    defaultText: "0",
    parse: boolean,
  }),
};

export const waitMinutes = option({
  flag: "wait-minutes",
  value: "N",
  allowed: "a whole number 1 to 1440",
  meaning: "How long to wait for a new fleet to become ACTIVE.",
  defaultText: "60",
  parse: integer(1, 1_440),
});

export const buildId = matching(/^build-[A-Za-z0-9-]{1,120}$/);
export const fleetId = matching(/^(?=.{1,128}$)fleet-[A-Za-z0-9-]+$/);
export const aliasId = matching(/^alias-[A-Za-z0-9-]{1,120}$/);
/** As GameLift has names and descriptions; nothing that would break a line. */
export const name = matching(/^(?=.{1,256}$)[^\p{Cc}]+$/u);
