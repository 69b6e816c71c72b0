/** An array as an NPY file holds it. */
export interface NpyArray {
  /** Sizes of the dimensions, slowest first; none for a single value. */
  shape: number[];
  /** The values in row-major order. */
  data: Uint8Array | Int32Array | BigInt64Array;
}

/** `93 "NUMPY"` in hex. */
const MAGIC = "934e554d5059";

/** What numpy reads at most, and what an error shows; bytes. */
const LONGEST_HEADER = 10_000;
const LONGEST_QUOTE = 200;

/**
 * The types that are read, by numpy's names for them: little-endian integers. A
 * single byte has no order: `<u1`, as cnpy writes it, is `|u1`.
 */
const TYPES: Record<string, new (buffer: ArrayBuffer) => NpyArray["data"]> = {
  "|u1": Uint8Array,
  "<i4": Int32Array,
  "<i8": BigInt64Array,
};

/**
 * Reads an array in numpy's NPY format, versions 1 to 3 (NEP 1 and
 * numpy.lib.format): the magic `93 "NUMPY"`, the version, the length of the
 * header (uint16, from version 2 on uint32, little endian), the header, which
 * is a dictionary in Python's notation, of Python 2 up to version 2 (`3L`,
 * `u'|u1'`), then the values.
 *
 * @param bytes a whole NPY file
 * @param name the file's name for errors
 * @returns shape and values, unsigned bytes, int32 or int64; unsigned bytes are
 * a view of `bytes`, not a copy
 * @throws {SyntaxError} when the header is damaged, the values are of another
 * type (big-endian numbers, floats, Python objects) or in Fortran's order, or
 * their number is not the shape's
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseNpy } from "#lib/data/read_npy.ts";
 *
 * const header = "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }\n";
 * const bytes = Uint8Array.from(
 *   `\x93NUMPY\x01\x00${String.fromCharCode(header.length)}\x00${header}abc`,
 *   (character) => character.charCodeAt(0),
 * );
 * const { shape, data } = parseNpy(bytes, "three-bytes.npy");
 * assert.deepEqual(shape, [3]);
 * assert.deepEqual([...data], [97, 98, 99]);
 * ```
 */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray {
  const fail = (expected: string, actual: string) =>
    new SyntaxError(`Cannot parse ${name}: ${expected}: got ${actual}`);

  const magic = bytes.subarray(0, 6).toHex();
  if (magic !== MAGIC) throw fail(`magic must be ${MAGIC}`, magic || "none");
  if (bytes.length < 12) {
    throw fail("magic and header must have 12 bytes", String(bytes.length));
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(6);
  if (version < 1 || version > 3) {
    throw fail("version must be 1, 2 or 3", String(version));
  }
  const start = version === 1 ? 10 : 12;
  const length = version === 1
    ? view.getUint16(8, true)
    : view.getUint32(8, true);
  if (length > LONGEST_HEADER) {
    throw fail(`header must have at most ${LONGEST_HEADER} bytes`, `${length}`);
  }
  if (bytes.length < start + length) {
    throw fail(
      `header must have ${length} bytes`,
      String(bytes.length - start),
    );
  }
  const header = new TextDecoder().decode(
    bytes.subarray(start, start + length),
  );
  const entry = (key: string, value: string) =>
    new RegExp(`['"]${key}['"]\\s*:\\s*(${value})\\s*[,}]`).exec(header)?.[1];
  const type = entry("descr", "u?'[^']*'|u?\"[^\"]*\"|\\[.*\\]")
    ?.replace(/^u/, "");
  const isFortran = entry("fortran_order", "True|False");
  // Up to version 2 numpy takes longs of Python 2, too.
  const size = version < 3 ? "\\d+(?:\\s*L)?" : "\\d+";
  const sizes = entry("shape", `\\(\\s*(?:${size}\\s*(?:,\\s*|(?=\\))))*\\)`);
  if (type === undefined || isFortran === undefined || sizes === undefined) {
    throw fail(
      "header must have descr, fortran_order and shape",
      JSON.stringify(header.trim().slice(0, LONGEST_QUOTE)),
    );
  }

  const TypedArray = TYPES[type.slice(1, -1).replace(/^[<>=]?u1$/, "|u1")];
  if (TypedArray === undefined) {
    throw fail(`values must be ${Object.keys(TYPES).join(", ")}`, nameOf(type));
  }
  if (isFortran === "True") {
    throw fail("values must be in C's order, rows first", "Fortran's order");
  }
  const shape = (sizes.match(/\d+/g) ?? []).map(Number);
  const values = bytes.subarray(start + length);
  const expected = shape.reduce((product, length) => product * length, 1) *
    Number(type.at(-2));
  if (values.length !== expected) {
    throw fail(
      `shape ${shape.join("×")} must be followed by ${expected} bytes`,
      String(values.length),
    );
  }
  // The others need an aligned copy.
  const data = TypedArray === Uint8Array
    ? values
    : new TypedArray(values.slice().buffer);
  return { shape, data };
}

/** A type that is refused, in numpy's notation and in words where they help. */
function nameOf(type: string): string {
  if (type.startsWith("[")) return "records";
  const name = type.slice(1, -1);
  if (/^\|?O/.test(name)) return `${name}, Python objects`;
  return name.startsWith(">") ? `${name}, big-endian values` : name;
}
