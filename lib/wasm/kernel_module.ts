import { createHash } from "node:crypto";
import type { KernelName } from "./kernel_params.ts";

/**
 * What the committed builds are called: `wide` is `relaxed` with tiles for
 * registers of 256 bits; see scripts/build_kernels.ts.
 */
export type SimdLevel = "wide" | "relaxed" | "simd128";

/** A kernel computes one chunk of the task whose parameters lie at `params`. */
export type Kernel = (params: number, chunk: number, thread: number) => void;

/** The protocol of kernels/pool.ts. */
interface PoolExports {
  publishTask(
    control: number,
    kernel: number,
    first: number,
    chunks: number,
  ): number;
  awaitTask(control: number, seen: number, spins: number): number;
  claimChunk(control: number, generation: number): number;
  completeChunk(control: number): void;
  awaitChunks(
    control: number,
    chunks: number,
    spins: number,
    milliseconds: number,
  ): number;
}

export type KernelExports =
  & PoolExports
  & { maddRoundsOnce(a: number, c: number): number }
  & Record<KernelName, Kernel>;

/**
 * `(module (func (param v128 v128 v128) (result v128) local.get 0 local.get 1
 * local.get 2 f32x4.relaxed_madd))`: valid where relaxed SIMD is.
 */
// deno-fmt-ignore -- one line per section
const RELAXED_PROBE = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
  0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b,
  0x03, 0x02, 0x01, 0x00,
  0x0a, 0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02,
  0xfd, 0x85, 0x02, 0x0b,
]);

/** `(module (func (param v128)))`: valid where SIMD is. */
// deno-fmt-ignore -- one line per section
const SIMD_PROBE = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
  0x01, 0x05, 0x01, 0x60, 0x01, 0x7b, 0x00,
  0x03, 0x02, 0x01, 0x00,
  0x0a, 0x04, 0x01, 0x02, 0x00, 0x0b,
]);

/**
 * The best level that every host of this kind has.
 *
 * @throws {Error} where it has no SIMD
 */
export function detectSimdLevel(): SimdLevel {
  if (!WebAssembly.validate(SIMD_PROBE)) {
    throw new Error(
      "Cannot start backend: the processor must have what WebAssembly's SIMD needs (SSE4.1 on x86-64): got one without",
    );
  }
  return WebAssembly.validate(RELAXED_PROBE) ? "relaxed" : "simd128";
}

/** A build of the kernels. */
export interface CompiledKernels {
  readonly module: WebAssembly.Module;
  /** SHA-256 of its bytes, in hex: which kernels run. */
  readonly digest: string;
}

/** Compiles the committed build of `level`. */
export async function compileKernels(
  level: SimdLevel,
): Promise<CompiledKernels> {
  const url = new URL(`../../kernels/build/${level}.wasm`, import.meta.url);
  const bytes = await readBuild(url);
  let module;
  try {
    module = await WebAssembly.compile(bytes);
  } catch (error) {
    throw new Error(
      `Cannot load kernels: ${url} must be a WebAssembly module: got other or damaged content`,
      { cause: error },
    );
  }
  return {
    module,
    digest: createHash("sha256").update(bytes).digest("hex"),
  };
}

/** A build's bytes, from where this file is: a directory or a server. */
async function readBuild(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === "file:") return await Deno.readFile(url);
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(
      `Cannot load kernels: ${url} must be there: got status ${response.status}`,
    );
  }
  return await response.bytes();
}

/** The module's exports over a heap. */
export function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): KernelExports {
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  return instance.exports as unknown as KernelExports;
}
