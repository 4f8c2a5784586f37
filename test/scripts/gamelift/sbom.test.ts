import { expect, it } from "vitest";
import { sbom } from "../../../scripts/gamelift/sbom.ts";

const SUBJECT = {
  name: "game",
  version: "1.2.3",
  license: "Apache-2.0",
  packages: [
    { name: "@colyseus/core", version: "0.18.17", license: "MIT", texts: ["MIT …"] },
    { name: "either", version: "1.0.0", license: "(MIT OR Apache-2.0)", texts: [] },
    { name: "own", version: "2.0.0", license: undefined, texts: ["Do as you like."] },
  ],
  node: { version: "24.21.0", arch: "arm64", sha256: "ab".repeat(32) },
};

it("[BG5] the bill of materials names the server, each package and Node, each by one reference", () => {
  const bill = JSON.parse(JSON.stringify(sbom(SUBJECT)));
  expect(bill).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6" });
  const { components, dependencies } = bill as {
    components: { name: string; purl: string; "bom-ref": string; licenses: object[] }[];
    dependencies: { ref: string; dependsOn: string[] }[];
  };
  expect(components.map(({ purl }) => purl)).toEqual([
    "pkg:npm/%40colyseus/core@0.18.17",
    "pkg:npm/either@1.0.0",
    "pkg:npm/own@2.0.0",
    "pkg:generic/node@24.21.0?arch=arm64",
  ]);
  expect(components[0]?.licenses).toEqual([{ license: { id: "MIT" } }]);
  expect(components[1]?.licenses).toEqual([{ expression: "(MIT OR Apache-2.0)" }]);
  expect(components[2]?.licenses).toEqual([
    { license: { name: expect.stringContaining("own text") } },
  ]);
  const references = components.map((each) => each["bom-ref"]);
  expect(new Set(references).size).toBe(references.length);
  expect(dependencies).toEqual([{ ref: "pkg:npm/game@1.2.3", dependsOn: references }]);
});

it("[BG5] it is the same for the same build", () => {
  expect(JSON.stringify(sbom(SUBJECT))).toBe(JSON.stringify(sbom(SUBJECT)));
});
