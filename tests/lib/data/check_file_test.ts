import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { checkFile, isPublished } from "../../../lib/data/check_file.ts";
import { sha256Of } from "../../../lib/data/read_data_file.ts";

const bytes = new TextEncoder().encode("hello\n");
// `printf 'hello\n' | sha256sum` and md5sum.
const sha256 =
  "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
const md5 = "b1946ac92492d2347c6235b4d2611184";

const plain = {
  name: "hello",
  checksum: { algorithm: "sha256", hex: sha256 },
} as const;
const byMd5 = {
  name: "hello",
  checksum: { algorithm: "md5", hex: md5 },
} as const;
const other = new TextEncoder().encode("hullo\n");

Deno.test("checkFile() accepts the published file by either checksum", () => {
  for (const file of [plain, byMd5]) {
    assert.equal(isPublished(bytes, file), true);
    assert.deepEqual(checkFile(bytes, file, false), {
      sha256,
      isPublished: true,
    });
  }
});

Deno.test("checkFile() records the SHA-256 of the unpacked content", () => {
  const packed = gzipSync(bytes);
  const file = { ...plain, name: "hello.gz" };
  // The published checksum is of the file as it comes.
  assert.throws(() => checkFile(packed, file, false), /^Error: Cannot accept/);
  assert.deepEqual(checkFile(packed, file, true), {
    sha256,
    isPublished: false,
  });
});

Deno.test("checkFile() accepts a published file's content where it comes unpacked", () => {
  const packed = gzipSync(bytes);
  const hex = sha256Of(packed);
  const file = {
    ...{ name: "hello.gz", contentSha256: sha256 },
    checksum: { algorithm: "sha256", hex } as const,
  };
  for (const one of [packed, bytes]) {
    assert.deepEqual(checkFile(one, file, false), {
      sha256,
      isPublished: true,
    });
  }
  // `printf 'hullo\n' | sha256sum`
  const wrong =
    "165e3927cb9dc09c3a04bd2885de5029c8ec7c16ae2f7ff275dee5a1bf2595f3";
  assert.throws(() => checkFile(other, file, false), {
    message:
      `Cannot accept hello.gz: its sha256 must be ${sha256}: got ${wrong} (--unverified takes it all the same)`,
  });
});

Deno.test("checkFile() refuses another file, and one without a checksum", () => {
  assert.equal(isPublished(other, plain), false);
  assert.throws(() => checkFile(other, byMd5, false), {
    // `printf 'hullo\n' | md5sum`
    message:
      `Cannot accept hello: its md5 must be ${md5}: got 8a387fac5645c619277b00f27cc590b9 (--unverified takes it all the same)`,
  });
  assert.throws(() => checkFile(bytes, { name: "hello" }, false), {
    message:
      "Cannot accept hello: it must have a published checksum: got none (--unverified takes it all the same)",
  });
  assert.equal(checkFile(other, plain, true).isPublished, false);
  assert.deepEqual(checkFile(bytes, { name: "hello" }, true), {
    sha256,
    isPublished: false,
  });
});

Deno.test("checkFile() refuses damaged gzip data, whether verified or not", () => {
  const packed = gzipSync(bytes).subarray(0, -3);
  assert.throws(() => checkFile(packed, { name: "hello.gz" }, true), {
    message:
      "Cannot unpack hello.gz: gzip data must be whole and undamaged: got unexpected end of file",
  });
});
