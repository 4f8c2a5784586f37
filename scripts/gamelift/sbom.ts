import { createHash } from "node:crypto";
import type { BundledPackage } from "../build/third-party.ts";

export interface SbomSubject {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly packages: readonly BundledPackage[];
  readonly node: { readonly version: string; readonly arch: string; readonly sha256: string };
}

/**
 * What a build is made of, as CycloneDX 1.6: the server, each package that it has code of, and Node. It says no time and
 * no random number, so that the same build has the same one.
 */
export function sbom({ name, version, license, packages, node }: SbomSubject): object {
  const subject = `pkg:npm/${name}@${version}`;
  const components = [
    ...packages.map((each) => ({
      type: "library",
      "bom-ref": purlOf(each),
      name: each.name,
      version: each.version,
      licenses: licensesOf(each.license, each.texts),
      purl: purlOf(each),
    })),
    {
      type: "application",
      "bom-ref": `pkg:generic/node@${node.version}?arch=${node.arch}`,
      name: "node",
      version: node.version,
      hashes: [{ alg: "SHA-256", content: node.sha256 }],
      licenses: licensesOf("MIT", []),
      purl: `pkg:generic/node@${node.version}?arch=${node.arch}`,
      cpe: `cpe:2.3:a:nodejs:node.js:${node.version}:*:*:*:*:*:*:*`,
    },
  ];
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": subject,
        name,
        version,
        licenses: licensesOf(license, []),
        purl: subject,
      },
    },
    components,
    dependencies: [{ ref: subject, dependsOn: components.map((each) => each["bom-ref"]) }],
  };
}

/** A scope's `@` is written `%40` in a package URL. */
function purlOf({ name, version }: BundledPackage): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}

function licensesOf(license: string | undefined, texts: readonly string[]): object[] {
  if (license === undefined) {
    const hash = createHash("sha256").update(texts.join("\n")).digest("hex");
    return [{ license: { name: `by its own text, SHA-256 ${hash}` } }];
  }
  const isExpression = /\s(?:OR|AND|WITH)\s/.test(license);
  return [isExpression ? { expression: license } : { license: { id: license } }];
}
