import * as tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { Backend } from "../../lib/backend/start_backend.ts";

/** What the heap's guard uses of Emscripten's module. */
interface Module {
  _malloc(bytes: number): number;
  _free(pointer: number): void;
}

/** Bytes before each block; a multiple of what blocks are aligned to. */
const GUARD = 4096;

/** Bytes after a block: of bytes that are written as floats all, for one. */
const guardAfter = (size: number) => GUARD + 4 * size;

/** What guards, and blocks that nobody has written to, are filled with. */
const PATTERN = 0xcb;

/** Where bytes are no longer the pattern; −1 if they are. */
function firstChange(bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== PATTERN) return i;
  return -1;
}

/** A heap whose blocks lie between guards. */
export interface GuardedHeap {
  /** What was written outside of blocks since the last call. */
  faults(): string[];
}

/**
 * Puts guards around each block that the backend's host side takes from the
 * heap: inputs, outputs, what kernels keep for themselves. A block begins with
 * a pattern in it, so that an output that nobody writes to is not 0 by chance.
 * It stays so until the backend stops.
 */
export function guardHeap({ memory }: Backend): GuardedHeap {
  const module = (tf.backend() as BackendWasm).wasm as unknown as Module;
  // Emscripten's functions put themselves in place at their first call.
  module._free(module._malloc(1));
  const { _malloc: malloc, _free: free } = module;
  const sizes = new Map<number, number>();
  const found: string[] = [];
  const bytes = (start: number, length: number) =>
    new Uint8Array(memory.buffer, start, length);
  const look = (pointer: number, size: number) => {
    const guards = [
      [pointer - GUARD, GUARD],
      [pointer + size, guardAfter(size)],
    ] as const;
    for (const [start, length] of guards) {
      const guard = bytes(start, length);
      const first = firstChange(guard);
      if (first < 0) continue;
      const last = guard.findLastIndex((byte) => byte !== PATTERN);
      const [from, to] = [first, last].map((at) => start + at - pointer);
      found.push(`bytes ${from} to ${to} of a block of ${size} bytes`);
      guard.fill(PATTERN);
    }
  };
  module._malloc = (size) => {
    const whole = GUARD + size + guardAfter(size);
    const start = malloc(whole) >>> 0;
    if (start === 0) return 0;
    bytes(start, whole).fill(PATTERN);
    sizes.set(start + GUARD, size);
    return start + GUARD;
  };
  module._free = (pointer) => {
    const at = pointer >>> 0;
    const size = sizes.get(at);
    if (size === undefined) return free(pointer);
    look(at, size);
    sizes.delete(at);
    free(at - GUARD);
  };
  return {
    faults() {
      for (const [pointer, size] of sizes) look(pointer, size);
      return found.splice(0);
    },
  };
}
