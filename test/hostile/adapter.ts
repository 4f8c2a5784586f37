// biome-ignore lint/correctness/useImportExtensions: plain ESM, its types lie beside it
export * from "../support/adapter.mjs";
