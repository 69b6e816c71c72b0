import { readDataFile } from "./data_file.ts";

/** An array of unsigned bytes as an IDX file holds it. */
export interface IdxArray {
  /** Sizes of the dimensions, slowest first. */
  shape: number[];
  /** The values in row-major order, 0 to 255. */
  data: Uint8Array;
}

/** The format's types by their code; all but the first are refused. */
const typeNames: Record<number, string> = {
  0x08: "unsigned bytes",
  0x09: "signed bytes",
  0x0b: "16-bit integers",
  0x0c: "32-bit integers",
  0x0d: "32-bit floats",
  0x0e: "64-bit floats",
};

/**
 * Reads an array of unsigned bytes in the IDX format (LeCun,
 * yann.lecun.com/exdb/mnist): two zero bytes, the type, the number of
 * dimensions, each dimension's size (uint32, big endian), then the values.
 *
 * @param bytes an unpacked IDX file
 * @param name the file's name for errors
 * @returns shape and values; `data` is a view of `bytes`, not a copy
 * @throws {SyntaxError} when the magic, the type or the sizes are wrong
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseIdx } from "#lib/data/read_idx.ts";
 *
 * const bytes = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]);
 * const { shape, data } = parseIdx(bytes, "three-bytes");
 * assert.deepEqual(shape, [3]);
 * assert.deepEqual([...data], [7, 8, 9]);
 * ```
 */
export function parseIdx(bytes: Uint8Array, name: string): IdxArray {
  const fail = (expected: string, actual: string) =>
    new SyntaxError(`Cannot parse ${name}: ${expected}: got ${actual}`);

  if (bytes.length < 4) {
    throw fail("magic must have 4 bytes", `${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = typeNames[view.getUint8(2)];
  const rank = view.getUint8(3);
  if (view.getUint16(0) !== 0 || type === undefined || rank === 0) {
    throw fail(
      "magic must be 000008 and the number of dimensions",
      view.getUint32(0).toString(16).padStart(8, "0"),
    );
  }
  if (type !== typeNames[0x08]) {
    throw fail("values must be unsigned bytes", type);
  }

  const headerLength = 4 + 4 * rank;
  if (bytes.length < headerLength) {
    throw fail(
      `header of ${rank} dimensions must have ${headerLength} bytes`,
      `${bytes.length}`,
    );
  }
  const shape = Array.from(
    { length: rank },
    (_, axis) => view.getUint32(4 + 4 * axis),
  );
  const data = bytes.subarray(headerLength);
  const size = shape.reduce((product, length) => product * length, 1);
  if (data.length !== size) {
    throw fail(
      `shape ${shape.join("×")} must be followed by ${size} bytes`,
      `${data.length}`,
    );
  }
  return { shape, data };
}

/**
 * Reads an IDX file, gzipped or plain.
 *
 * @param path the file
 * @param options.sha256 SHA-256 that the unpacked content must have, 64 hex
 * digits in lower case; not checked by default
 * @returns shape and values
 * @throws {Error} when the file can't be read or unpacked, or has another
 * checksum
 * @throws {SyntaxError} when the content is not an IDX file of unsigned bytes
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readIdx } from "#lib/data/read_idx.ts";
 *
 * const path = "data/fashion-mnist/t10k-labels-idx1-ubyte.gz";
 * const { shape } = await readIdx(path);
 * assert.deepEqual(shape, [10_000]);
 * ```
 */
export async function readIdx(
  path: string,
  options: { sha256?: string } = {},
): Promise<IdxArray> {
  return parseIdx(await readDataFile(path, options), path);
}
