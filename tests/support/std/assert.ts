/** The names of `@std/assert`, with types: std's own sources, from npm. */
// @ts-types="./assert.d.ts"
export * from "deno-std/assert";
