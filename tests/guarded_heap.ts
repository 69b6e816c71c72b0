import * as tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { Backend } from "../lib/backend/start_backend.ts";
import { align, type KernelContext } from "../lib/wasm/kernel_context.ts";

/** What the heap's guard uses of Emscripten's module. */
interface Module {
  _malloc(bytes: number): number;
  _free(pointer: number): void;
}

/** Bytes before each block; a multiple of what blocks are aligned to. */
const GUARD = 4096;

/**
 * What guards, and blocks that nobody has written to, are filled with: as
 * float32 it is 0.046, which no number of a usual size is added to in vain.
 */
const PATTERN = 0x3d;

/** The same in a word of four bytes. */
const PATTERN_WORD = PATTERN * 0x01010101;

/** Where bytes are no longer the pattern; −1 if they are. */
function firstChange(bytes: Uint8Array): number {
  const { buffer, byteOffset, length } = bytes;
  const edge = Math.min(-byteOffset & 3, length);
  const words = new Uint32Array(buffer, byteOffset + edge, length - edge >> 2);
  // Whole words first: guards are long, and most are untouched.
  let end = 0;
  while (end < words.length && words[end] === PATTERN_WORD) end++;
  for (let i = 0; i < edge; i++) if (bytes[i] !== PATTERN) return i;
  for (let i = edge + 4 * end; i < length; i++) {
    if (bytes[i] !== PATTERN) return i;
  }
  return -1;
}

/** A heap whose blocks lie between guards. */
export interface GuardedHeap {
  /** How many blocks are in use. */
  blocks(): number;
  /**
   * Gives a backend's scratch a new block at each call, so that the guards lie
   * next to what was asked for.
   */
  guardScratch(context: KernelContext): void;
  /** What was written outside of blocks since the last call. */
  faults(): string[];
}

/**
 * Puts guards around each block that the backend's host side takes from the
 * heap: inputs, outputs, what kernels keep for themselves. A block begins with
 * a pattern in it, so that an output that nobody writes to is not 0 by chance.
 * It stays so until the backend stops.
 *
 * @param options.after bytes behind a block of a size; enough by default for
 * one whose bytes are all written as floats
 * @param options.shifted whether blocks begin 0, 4, 8 and 12 bytes behind what
 * they are aligned to, in turn; false by default
 * @param options.inside the byte that fills a block before it is written to
 */
export function guardHeap(
  { memory }: Backend,
  {
    after: guardAfter = (size: number) => GUARD + 4 * size,
    shifted = false,
    inside = PATTERN,
  } = {},
): GuardedHeap {
  const module = (tf.backend() as BackendWasm).wasm as unknown as Module;
  // Emscripten's functions put themselves in place at their first call.
  module._free(module._malloc(1));
  const { _malloc: malloc, _free: free } = module;
  /** Of each block: its size, and where the heap's own block begins. */
  const blocks = new Map<number, { size: number; start: number }>();
  let count = 0;
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
  /** A block that begins at a multiple of `alignment` or at any place. */
  const allocate = (size: number, alignment = 1) => {
    const shift = shifted ? 4 * (count++ % 4) : 0;
    const whole = shift + GUARD + alignment + size + guardAfter(size);
    const start = malloc(whole) >>> 0;
    if (start === 0) return 0;
    bytes(start, whole).fill(PATTERN);
    const pointer = align(start + shift + GUARD, alignment);
    bytes(pointer, size).fill(inside);
    blocks.set(pointer, { size, start });
    return pointer;
  };
  module._malloc = (size) => allocate(size);
  module._free = (pointer) => {
    const at = pointer >>> 0;
    const block = blocks.get(at);
    if (!block) return free(pointer);
    look(at, block.size);
    blocks.delete(at);
    free(block.start);
  };
  return {
    blocks: () => blocks.size,
    guardScratch(context) {
      let pointer = allocate(0, 64);
      context.scratch = (size) => {
        module._free(pointer);
        return pointer = allocate(size, 64);
      };
    },
    faults() {
      for (const [pointer, { size }] of blocks) look(pointer, size);
      return found.splice(0);
    },
  };
}
