import { createHash } from "node:crypto";
import { explainIoError } from "../base/errors.ts";
import type { JsonValue } from "../base/json_value.ts";
import { writeAtomically } from "../base/write_atomically.ts";

/** One array of a checkpoint: row-major, `data.length` = product of `shape`. */
export interface CheckpointTensor {
  /** How its values are kept. */
  dtype: "float32" | "int32";
  /** Its size in each dimension. */
  shape: readonly number[];
  /** Its values, row-major. */
  data: Float32Array | Int32Array;
}

/** All that a training needs to go on as if it had never stopped. */
export interface Checkpoint {
  /** Counters, generator states, lengths of logs: small, no NaN or Infinity. */
  state: JsonValue;
  /** Parameters and optimizer moments under their names. */
  tensors: Record<string, CheckpointTensor>;
}

const FORMAT = "alphalab-checkpoint";
const VERSION = "1";
const LENGTH_BYTES = 8;
/** Every file starts so, which gives the digest one fixed place. */
const PREFIX = `{"__metadata__":{"sha256":"`;
const DIGEST_START = LENGTH_BYTES + PREFIX.length;
const DIGEST_END = DIGEST_START + 64;
const NO_DIGEST = new Uint8Array(64).fill("0".charCodeAt(0));

const KINDS = {
  float32: { code: "F32", array: Float32Array },
  int32: { code: "I32", array: Int32Array },
} as const;

/**
 * Lays a checkpoint out as a safetensors file, the same bytes for equal input.
 *
 * The format is https://huggingface.co/docs/safetensors: 8 bytes little-endian
 * header length, a JSON header, the tensors' bytes. `__metadata__` holds
 * `sha256`, `format`, `version` and `state` (JSON text). The digest is taken
 * over the whole file with 64 zeros in the digest's place, so that it covers
 * the header too. Tensors lie in the order of their names, the first at a
 * multiple of 8 bytes.
 *
 * @param checkpoint any tensors, none too; the name `__metadata__` is taken
 * @returns the file's bytes
 * @throws {TypeError} where the state is not JSON, or dtype and data disagree
 * @throws {RangeError} where shape and data disagree
 *
 * @example
 * ```ts
 * import { decodeCheckpoint, encodeCheckpoint } from "#lib/run/checkpoint.ts";
 * import assert from "node:assert/strict";
 *
 * const alpha = new Float32Array([0.5, 0.25]);
 * const bytes = encodeCheckpoint({
 *   state: { step: 7 },
 *   tensors: { alpha: { dtype: "float32", shape: [2], data: alpha } },
 * });
 * const { state, tensors } = decodeCheckpoint(bytes, "example");
 * assert.deepEqual(state, { step: 7 });
 * assert.deepEqual(tensors.alpha?.data, alpha);
 * ```
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const names = Object.keys(checkpoint.tensors).sort();
  // Joined by hand: an object would move names like "1" before __metadata__.
  const entries: string[] = [];
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const name of names) {
    const tensor = checkpoint.tensors[name]!;
    validate(name, tensor);
    const { buffer, byteOffset, byteLength } = tensor.data;
    parts.push(new Uint8Array(buffer, byteOffset, byteLength));
    entries.push(`${JSON.stringify(name)}:${
      JSON.stringify({
        dtype: KINDS[tensor.dtype].code,
        shape: tensor.shape,
        data_offsets: [offset, offset + byteLength],
      })
    }`);
    offset += byteLength;
  }
  const rest = JSON.stringify({
    format: FORMAT,
    version: VERSION,
    state: stateText(checkpoint.state),
  }).slice(1);
  const digestless = `${PREFIX}${"0".repeat(64)}",${rest}`;
  const json = new TextEncoder().encode(
    `${[digestless, ...entries].join(",")}}`,
  );
  const headerLength = Math.ceil(json.length / 8) * 8;

  const bytes = new Uint8Array(LENGTH_BYTES + headerLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(" ".charCodeAt(0), LENGTH_BYTES, LENGTH_BYTES + headerLength);
  bytes.set(json, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerLength;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  bytes.set(new TextEncoder().encode(digestOf(bytes)), DIGEST_START);
  return bytes;
}

/**
 * Reads what {@link encodeCheckpoint} wrote.
 *
 * @param bytes the whole file
 * @param name the file's name for error messages
 * @returns the checkpoint; its arrays are copies
 * @throws {Error} `Cannot load checkpoint <name>: ...` for another kind of
 *   file, a damaged byte anywhere, a missing end, another format version
 */
export function decodeCheckpoint(bytes: Uint8Array, name: string): Checkpoint {
  try {
    return decode(bytes);
  } catch (error) {
    throw explainIoError(`load checkpoint ${name}`, error);
  }
}

/**
 * Writes a checkpoint atomically: a kill leaves the old one or the new one.
 *
 * @param path in a directory that exists
 * @param checkpoint see {@link encodeCheckpoint}
 * @throws {Error} `Cannot write <path>: <reason>`; the old file is untouched
 */
export function saveCheckpoint(path: string, checkpoint: Checkpoint): void {
  writeAtomically(path, encodeCheckpoint(checkpoint));
}

/**
 * Reads a checkpoint file.
 *
 * @param path written by {@link saveCheckpoint}
 * @returns the checkpoint
 * @throws {Error} `Cannot load checkpoint <path>: <reason>`
 */
export function loadCheckpoint(path: string): Checkpoint {
  let bytes;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    throw explainIoError(`load checkpoint ${path}`, error);
  }
  return decodeCheckpoint(bytes, path);
}

function validate(name: string, { dtype, shape, data }: CheckpointTensor) {
  const action = `Cannot save checkpoint: tensor ${JSON.stringify(name)}`;
  if (name === "__metadata__") {
    throw new TypeError(`${action} must have another name`);
  }
  if (!Object.hasOwn(KINDS, dtype) || !(data instanceof KINDS[dtype].array)) {
    throw new TypeError(
      `${action} must be float32 with a Float32Array or int32 with an Int32Array: got ${dtype} with ${data.constructor.name}`,
    );
  }
  if (sizeOf(shape) !== data.length) {
    throw new RangeError(
      `${action} must have the ${
        sizeOf(shape)
      } elements of its shape: got ${data.length}`,
    );
  }
}

function stateText(state: JsonValue): string {
  return JSON.stringify(state, (key, value) => {
    // JSON.stringify would write null for these without a word.
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new TypeError(
        `Cannot save checkpoint: state must hold finite numbers: got ${key} ${value}`,
      );
    }
    return value;
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256")
    .update(bytes.subarray(0, DIGEST_START))
    .update(NO_DIGEST)
    .update(bytes.subarray(DIGEST_END))
    .digest("hex");
}

function decode(bytes: Uint8Array): Checkpoint {
  const text = new TextDecoder();
  if (text.decode(bytes.subarray(LENGTH_BYTES, DIGEST_START)) !== PREFIX) {
    throw new Error("file must be an alphalab checkpoint: got other content");
  }
  const digest = text.decode(bytes.subarray(DIGEST_START, DIGEST_END));
  if (digest !== digestOf(bytes)) {
    throw new Error(
      "file must match the SHA-256 in its header: got altered or missing bytes",
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const dataStart = LENGTH_BYTES + Number(view.getBigUint64(0, true));
  const { __metadata__: metadata, ...entries } = JSON.parse(
    text.decode(bytes.subarray(LENGTH_BYTES, dataStart)),
  );
  if (metadata.format !== FORMAT) {
    throw new Error(`format must be ${FORMAT}: got ${metadata.format}`);
  }
  if (metadata.version !== VERSION) {
    throw new Error(
      `format version must be ${VERSION}: got ${metadata.version}`,
    );
  }
  const tensors = Object.entries(entries as Record<string, HeaderEntry>)
    .map(([name, entry]) =>
      [name, decodeTensor(name, entry, bytes.subarray(dataStart))] as const
    );
  return {
    state: JSON.parse(metadata.state),
    tensors: Object.fromEntries(tensors),
  };
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

function decodeTensor(
  name: string,
  entry: HeaderEntry,
  data: Uint8Array,
): CheckpointTensor {
  const [begin, end] = entry.data_offsets;
  const dtype = entry.dtype === KINDS.float32.code ? "float32" : "int32";
  const fits = entry.dtype === KINDS[dtype].code && begin >= 0 &&
    end <= data.length && end - begin === 4 * sizeOf(entry.shape);
  if (!fits) {
    throw new Error(
      `tensor ${JSON.stringify(name)} must lie in the file, F32 or I32: got ${
        JSON.stringify(entry)
      }`,
    );
  }
  // A copy of its own starts at a multiple of 4; hosts are little-endian.
  const { buffer } = data.slice(begin, end);
  return {
    dtype,
    shape: entry.shape,
    data: new KINDS[dtype].array(buffer),
  };
}
