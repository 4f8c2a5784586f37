/**
 * `npm run upload-build`: from the zip of `npm run build:gamelift` to a build that GameLift can make fleets of
 * (docs/SHIPPING.md).
 * @module
 */
import path from "node:path";
import { matching } from "../server/config-values.ts";
import { awsOptions, name } from "./fleets/aws-options.ts";
import { newestBuild, readBuildZip } from "./fleets/build-zip.ts";
import { FleetsError, FleetsErrorCode } from "./fleets/errors.ts";
import { helpText, oneOf, option, readOptions, type Values } from "./fleets/options.ts";
import { uploadBuild } from "./fleets/upload.ts";
import { runScript, type Work } from "./fleets/work.ts";

const table = {
  zip: option({
    flag: "zip",
    value: "FILE",
    allowed: "the path of a zip",
    meaning: "The build; the newest dist/fleetroom-*-linux-*.zip unless given.",
    isOptional: true,
    parse: (text: string) => (text === "" || text.includes("\0") ? undefined : text),
  }),
  name: option({
    flag: "name",
    value: "NAME",
    allowed: "1 to 256 characters of one line",
    meaning: "The build's name; that of its manifest.json unless given.",
    isOptional: true,
    parse: name,
  }),
  version: option({
    flag: "version",
    value: "TEXT",
    allowed: "1 to 256 characters of one line",
    meaning: "The build's version; that of its manifest.json unless given.",
    isOptional: true,
    parse: name,
  }),
  operatingSystem: option({
    flag: "operating-system",
    value: "NAME",
    allowed: "AMAZON_LINUX_2023, WINDOWS_2016 or WINDOWS_2022",
    meaning: "What it runs on; as its manifest.json says unless given.",
    isOptional: true,
    parse: oneOf("AMAZON_LINUX_2023", "WINDOWS_2016", "WINDOWS_2022"),
  }),
  serverSdkVersion: option({
    flag: "server-sdk-version",
    value: "N.N.N",
    allowed: "three numbers such as 5.5.0",
    meaning: "The Server SDK that it speaks; as its manifest.json says unless given.",
    isOptional: true,
    parse: matching(/^\d{1,4}\.\d{1,4}\.\d{1,4}$/),
  }),
  ...awsOptions,
};

await runScript({
  help: () => helpText("upload-build", "Uploads a build to Amazon GameLift.", table),
  again: "The same command uploads it anew.",
  read: (input) => readOptions(table, input),
  run,
});

async function run(options: Values<typeof table>, work: Work): Promise<string> {
  const file = options.zip ?? newestBuild(path.resolve("dist"));
  if (file === undefined) {
    const words =
      "there is no dist/fleetroom-*-linux-*.zip.\n  What to do: npm run build:gamelift, or name a zip in --zip.";
    throw new FleetsError(FleetsErrorCode.FLEETS_ZIP_INVALID, words);
  }
  const zip = await readBuildZip(file);
  const { manifest } = zip;
  const missing: string[] = [];
  const needed = (flag: string, value: string | undefined): string => {
    if (value === undefined)
      missing.push(`--${flag}: must be given, for the zip's manifest.json does not say it`);
    return value ?? "";
  };
  const order = {
    zip,
    name: options.name ?? manifest.name ?? path.basename(file, ".zip"),
    version: options.version ?? manifest.version ?? new Date().toISOString(),
    operatingSystem: needed(
      "operating-system",
      options.operatingSystem ?? manifest.operatingSystem,
    ),
    serverSdkVersion: needed(
      "server-sdk-version",
      options.serverSdkVersion ?? manifest.serverSdkVersion,
    ),
  };
  if (missing.length > 0) {
    throw new FleetsError(FleetsErrorCode.FLEETS_OPTIONS_INVALID, missing.join("\n  "));
  }
  return uploadBuild(work, order);
}
