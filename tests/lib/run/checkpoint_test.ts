import assert from "node:assert/strict";
import fc from "fast-check";
import type { Checkpoint } from "../../../lib/run/checkpoint.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from "../../../lib/run/checkpoint.ts";
import { charactersOf } from "../train/fixtures/characters_of.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";
import { readFiles } from "../train/fixtures/read_files.ts";

const example = (): Checkpoint => ({
  state: { epoch: 2, generator: [1, -2, 3], note: 'a "b"\n α' },
  tensors: {
    weights: {
      dtype: "float32",
      shape: [2, 3],
      data: new Float32Array([0, -0, 1.5, NaN, Infinity, 1e-45]),
    },
    counts: { dtype: "int32", shape: [], data: new Int32Array([-2147483648]) },
    nothing: { dtype: "float32", shape: [0, 4], data: new Float32Array() },
  },
});

/**
 * A reader of safetensors from the published format alone
 * (https://huggingface.co/docs/safetensors, "Format"): little-endian values,
 * offsets relative to the data, no holes, string-to-string metadata.
 */
function readSafetensors(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headerLength = Number(view.getBigUint64(0, true));
  assert.equal(bytes[8], "{".charCodeAt(0));
  const header = JSON.parse(
    new TextDecoder("utf-8", { fatal: true }).decode(
      bytes.subarray(8, 8 + headerLength),
    ),
  );
  const { __metadata__: metadata, ...entries } = header;
  for (const value of Object.values(metadata)) {
    assert.equal(typeof value, "string");
  }
  const intervals: [number, number][] = [];
  const tensors: [string, unknown][] = [];
  for (
    const [name, entry] of Object.entries<Record<string, unknown>>(entries)
  ) {
    const [begin, end] = entry.data_offsets as [number, number];
    intervals.push([begin, end]);
    const values = [];
    for (let at = begin; at < end; at += 4) {
      const place = 8 + headerLength + at;
      values.push(
        entry.dtype === "F32"
          ? view.getFloat32(place, true)
          : view.getInt32(place, true),
      );
    }
    const { dtype, shape } = entry;
    tensors.push([name, { dtype, shape, values }]);
  }
  intervals.sort(([a, b], [c, d]) => a - c || b - d);
  let covered = 0;
  for (const [begin, end] of intervals) {
    assert.equal(begin, covered);
    covered = end;
  }
  assert.equal(8 + headerLength + covered, bytes.length);
  return { headerLength, metadata, tensors: Object.fromEntries(tensors) };
}

Deno.test("encodeCheckpoint() writes what the safetensors format describes", () => {
  const { headerLength, metadata, tensors } = readSafetensors(
    encodeCheckpoint(example()),
  );
  assert.equal((8 + headerLength) % 8, 0);
  assert.equal(metadata.format, "alphalab-checkpoint");
  assert.equal(metadata.version, "1");
  assert.deepEqual(JSON.parse(metadata.state), example().state);
  assert.deepEqual(tensors, {
    counts: { dtype: "I32", shape: [], values: [-2147483648] },
    nothing: { dtype: "F32", shape: [0, 4], values: [] },
    weights: {
      dtype: "F32",
      shape: [2, 3],
      values: [0, -0, 1.5, NaN, Infinity, 2 ** -149],
    },
  });
});

Deno.test("encodeCheckpoint() takes its digest over the file without the digest", async () => {
  const bytes = encodeCheckpoint(example());
  const { sha256 } = readSafetensors(bytes).metadata;
  assert.equal(sha256, await redigest(bytes));
});

Deno.test("encodeCheckpoint() gives the same bytes whatever the order of names", () => {
  const { state, tensors } = example();
  const reversed = Object.fromEntries(Object.entries(tensors).reverse());
  assert.deepEqual(
    encodeCheckpoint({ state, tensors: reversed }),
    encodeCheckpoint({ state, tensors }),
  );
});

Deno.test("encodeCheckpoint() takes a view's own part of its buffer", () => {
  const data = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
  const bytes = encodeCheckpoint({
    state: null,
    tensors: { view: { dtype: "float32", shape: [2], data } },
  });
  assert.deepEqual(readSafetensors(bytes).tensors, {
    view: { dtype: "F32", shape: [2], values: [2, 3] },
  });
});

Deno.test("encodeCheckpoint() rejects what would not come back the same", () => {
  const encode = (part: object) =>
    encodeCheckpoint({ ...example(), ...part } as Checkpoint);
  const data = new Float32Array(2);
  assert.throws(() => encode({ state: { loss: [1, NaN] } }), {
    name: "TypeError",
    message:
      "Cannot save checkpoint: state must hold finite numbers: got 1 NaN",
  });
  assert.throws(
    () => encode({ tensors: { a: { dtype: "int32", shape: [2], data } } }),
    {
      name: "TypeError",
      message:
        'Cannot save checkpoint: tensor "a" must be float32 with a Float32Array or int32 with an Int32Array: got int32 with Float32Array',
    },
  );
  assert.throws(
    () => encode({ tensors: { a: { dtype: "bool", shape: [2], data } } }),
    { name: "TypeError" },
  );
  assert.throws(
    () => encode({ tensors: { a: { dtype: "float32", shape: [2, 2], data } } }),
    {
      name: "RangeError",
      message:
        'Cannot save checkpoint: tensor "a" must have the 4 elements of its shape: got 2',
    },
  );
  assert.throws(
    () =>
      encode({
        tensors: { __metadata__: { dtype: "float32", shape: [2], data } },
      }),
    {
      name: "TypeError",
      message:
        'Cannot save checkpoint: tensor "__metadata__" must have another name',
    },
  );
});

Deno.test("decodeCheckpoint() gives back any checkpoint bit for bit", () => {
  const words = fc.array(fc.integer(), { maxLength: 9 })
    .map((values) => Int32Array.from(values));
  const tensor = fc.record({ bits: words, float: fc.boolean() })
    .map(({ bits, float }) =>
      float
        ? {
          dtype: "float32" as const,
          shape: [1, bits.length],
          data: new Float32Array(bits.buffer),
        }
        : { dtype: "int32" as const, shape: [bits.length], data: bits }
    );
  const name = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("__proto__", "2", "10", "constructor", ""),
  ).filter((text) => text !== "__metadata__");
  fc.assert(fc.property(
    fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value))),
    fc.array(fc.tuple(name, tensor)),
    fc.nat(9),
    (state, entries, shift) => {
      const tensors = Object.fromEntries(entries);
      const bytes = encodeCheckpoint({ state, tensors });
      readSafetensors(bytes);
      // A view into a larger buffer, at any offset, is as good as a file.
      const shifted = new Uint8Array(bytes.length + shift).subarray(shift);
      shifted.set(bytes);
      const decoded = decodeCheckpoint(shifted, "x");
      assert.deepEqual(decoded.state, state);
      assert.deepEqual(bitsOf(decoded), bitsOf({ state, tensors }));
    },
  ));
});

Deno.test("decodeCheckpoint() detects one flipped bit anywhere", () => {
  const bytes = encodeCheckpoint(example());
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      bytes[at] = bytes[at]! ^ (1 << bit);
      assertDamaged(bytes);
      bytes[at] = bytes[at]! ^ (1 << bit);
    }
  }
  decodeCheckpoint(bytes, "x");
});

Deno.test("decodeCheckpoint() detects a missing end of any length, and a longer one", () => {
  const bytes = encodeCheckpoint(example());
  for (let length = 0; length < bytes.length; length++) {
    assertDamaged(bytes.subarray(0, length));
  }
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  assertDamaged(longer);
});

Deno.test("decodeCheckpoint() detects any overwritten stretch", () => {
  const bytes = encodeCheckpoint(example());
  fc.assert(fc.property(
    fc.nat(bytes.length - 1),
    fc.uint8Array({ minLength: 1 }),
    (at, patch) => {
      const damaged = bytes.slice();
      damaged.set(patch.subarray(0, bytes.length - at), at);
      if (damaged.every((byte, index) => byte === bytes[index])) return;
      assertDamaged(damaged);
    },
  ));
});

Deno.test("decodeCheckpoint() says what is wrong with a file", () => {
  const bytes = encodeCheckpoint(example());
  const damaged = bytes.slice();
  damaged[bytes.length - 1]! ^= 1;
  assert.throws(() => decodeCheckpoint(damaged, "runs/a/c"), {
    name: "Error",
    message:
      "Cannot load checkpoint runs/a/c: file must match the SHA-256 in its header: got altered or missing bytes",
  });
  assert.throws(
    () => decodeCheckpoint(new TextEncoder().encode("# Report"), "c"),
    {
      message:
        "Cannot load checkpoint c: file must be an alphalab checkpoint: got other content",
    },
  );
});

Deno.test("decodeCheckpoint() rejects whole files of another version, format or layout", async () => {
  await assertRejectsEdit(
    '"version":"1"',
    '"version":"2"',
    "format version must be 1: got 2",
  );
  await assertRejectsEdit(
    '"format":"alphalab-checkpoint"',
    '"format":"another-checkpoint_"',
    "format must be alphalab-checkpoint: got another-checkpoint_",
  );
  await assertRejectsEdit(
    '"shape":[2,3]',
    '"shape":[3,3]',
    'tensor "weights" must lie in the file, F32 or I32: got {"dtype":"F32","shape":[3,3],"data_offsets":[4,28]}',
  );
  await assertRejectsEdit(
    "[4,28]",
    "[8,32]",
    'tensor "weights" must lie in the file, F32 or I32: got {"dtype":"F32","shape":[2,3],"data_offsets":[8,32]}',
  );
  await assertRejectsEdit(
    '"dtype":"I32"',
    '"dtype":"U32"',
    'tensor "counts" must lie in the file, F32 or I32: got {"dtype":"U32","shape":[],"data_offsets":[0,4]}',
  );
});

Deno.test("loadCheckpoint() reads what saveCheckpoint() wrote and leaves nothing else", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/checkpoint.safetensors`;
    saveCheckpoint(path, { state: 1, tensors: {} });
    saveCheckpoint(path, example());
    assert.deepEqual(bitsOf(loadCheckpoint(path)), bitsOf(example()));
    assert.deepEqual(Object.keys(readFiles(directory)), [
      "checkpoint.safetensors",
    ]);
  }));

Deno.test("loadCheckpoint() names the file in every error", () =>
  inTemporaryDirectory((directory) => {
    assert.throws(() => loadCheckpoint(`${directory}/c`), {
      message:
        `Cannot load checkpoint ${directory}/c: no such file or directory`,
    });
    Deno.writeTextFileSync(`${directory}/c`, "");
    assert.throws(() => loadCheckpoint(`${directory}/c`), {
      message:
        `Cannot load checkpoint ${directory}/c: file must be an alphalab checkpoint: got other content`,
    });
  }));

function assertDamaged(bytes: Uint8Array) {
  assert.throws(
    () => decodeCheckpoint(bytes, "x"),
    ({ message }: Error) =>
      message.startsWith("Cannot load checkpoint x: file must ") &&
      !message.includes("\n"),
  );
}

/** Replaces equally long header text and makes the digest right again. */
async function assertRejectsEdit(from: string, to: string, reason: string) {
  const text = charactersOf(encodeCheckpoint(example()));
  assert.equal(text.split(from).length, 2);
  const bytes = bytesOf(text.replace(from, to));
  bytes.set(bytesOf(await redigest(bytes)), text.indexOf('"sha256":"') + 10);
  assert.throws(() => decodeCheckpoint(bytes, "x"), {
    message: `Cannot load checkpoint x: ${reason}`,
  });
}

/** SHA-256 of the file with 64 zeros in the digest's place, by Web Crypto. */
async function redigest(bytes: Uint8Array): Promise<string> {
  const text = charactersOf(bytes);
  const zeroed = text.replace(
    /"sha256":"[0-9a-f]{64}"/,
    `"sha256":"${"0".repeat(64)}"`,
  );
  const digest = await crypto.subtle.digest("SHA-256", bytesOf(zeroed));
  return [...new Uint8Array(digest)]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** One byte a character, the inverse of `charactersOf()`. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function bitsOf({ tensors }: Checkpoint) {
  return Object.entries(tensors)
    .map(([name, { dtype, shape, data }]) => ({
      name,
      dtype,
      shape,
      bits: [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)],
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
