/**
 * Prints the flag of `deno run` with which V8 packs pairs of the kernels'
 * vectors into registers of 256 bits, or nothing where V8 knows no such flag,
 * as on Arm: V8 ends a program for a flag that it does not know. The tasks that
 * train and the benchmarks take it by `$(…)`; SECURITY.md says what it costs.
 *
 *   deno run scripts/v8_flags.ts
 */

// Packing wants no check between two accesses, and each has one otherwise.
const V8_FLAGS = "--experimental-wasm-revectorize,--no-wasm-bounds-checks";

if (Deno.build.arch === "x86_64") console.log(`--v8-flags=${V8_FLAGS}`);
