import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

const NAME = /^[A-Za-z_$][\w$]*$/;

/**
 * Has the bundle ask Node for its built-in modules by name. An `import` of one reads each of its members at once, for a
 * namespace that may be wanted; among those of `node:http` are the browser's WebSocket and its events, for which Node
 * then loads a whole HTTP client: 45 ms and 3 MB in every process.
 */
export const builtinModules: Plugin = {
  name: "builtin-modules",
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return undefined;
      const name = path.startsWith("node:") ? path : `node:${path}`;
      // Rare, late, and wants the namespace.
      if (kind === "dynamic-import") return { path: name, external: true };
      // What the process has depends on who started it; the build must not.
      const isWhole = kind === "require-call" || name === "node:process";
      const namespace = isWhole ? "required-builtin" : "imported-builtin";
      return { path: name, namespace, sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace: "required-builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      loader: "js",
    }));
    build.onLoad({ filter: /.*/, namespace: "imported-builtin" }, ({ path }) => ({
      contents: importedText(path),
      loader: "js",
    }));
  },
};

/** Every member is read by itself, so that those which nobody imports drop out of the bundle. */
function importedText(name: string): string {
  const members = Object.keys(process.getBuiltinModule(name) ?? {}).filter(
    (member) => NAME.test(member) && member !== "default",
  );
  return [
    `const whole = /* @__PURE__ */ process.getBuiltinModule(${JSON.stringify(name)});`,
    "const read = (member) => whole[member];",
    "export default whole;",
    ...members.map(
      (member) =>
        `const ${member}_ = /* @__PURE__ */ read("${member}"); export { ${member}_ as ${member} };`,
    ),
  ].join("\n");
}
