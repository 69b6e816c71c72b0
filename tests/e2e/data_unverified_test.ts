import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { sha256Of } from "../../lib/data/data_file.ts";
import { cifarBatchOf } from "../lib/data/fixtures/write_cifar_10.ts";
import { idxOf } from "../lib/data/fixtures/write_idx.ts";
import { tarOf } from "../lib/data/fixtures/write_tar.ts";
import {
  assertRefused,
  bring,
  BYTES,
  FILE,
  HALF,
  INCOMING,
  MD5,
  NAME,
  PLACE,
  walk,
  withPlace,
} from "./data_place.ts";

Deno.test("data keeps no file with a wrong checksum, and leaves the old one alone", () =>
  withPlace(async (place) => {
    const wrong =
      `Cannot accept ${FILE}: its md5 must be 28209eda62fecd6e6a2d98b1501bb15f: got ${MD5} (--unverified takes it all the same)`;
    const flags = `${NAME} --mirror ${place.mirror("good")}`;
    assertRefused(place, await place.run(flags), wrong, []);

    await bring(place, "good");
    const files = ["files.json", FILE];
    assertRefused(place, await place.run(flags), wrong, files);
    assertRefused(
      place,
      await place.run(`${NAME} --from ${place.served}`),
      wrong,
      files,
    );
  }));

Deno.test("data takes parts of CIFAR-10, plain or gzipped, but only unverified", () =>
  withPlace(async (place) => {
    const train = cifarBatchOf([3, 1]), test = cifarBatchOf([9]);
    const write = (name: string, bytes: Uint8Array) =>
      Deno.writeFileSync(join(place.served, name), bytes);
    write("data_batch_2.bin", train);
    write("test_batch.bin.gz", gzipSync(test));
    const flags = `cifar-10 --from ${place.served}`;
    const refused = await place.run(flags);
    assert.equal(
      refused.stderr,
      "Cannot accept data_batch_2.bin: it must have a published checksum: got none (--unverified takes it all the same)\n",
    );
    assert.equal(refused.code, 1);
    await place.run(`${flags} --unverified`);
    const { stdout } = await place.run("");
    assert.match(stdout, /│ cifar-10 +│ +2 │ no +│ +2 │ +— │ +1 │/);
    const remarks = [
      ...Object.entries({
        "data_batch_2.bin": train,
        "test_batch.bin.gz": test,
      })
        .map(([name, bytes]) =>
          `${name} is not the published file: SHA-256 ${
            sha256Of(bytes).slice(0, 16)
          }…`
        ),
      "cifar-10 has 1 of its 5 training batches: 2 images",
    ];
    assert.ok(stdout.includes(`\n  ${remarks.join("\n  ")}\n`), stdout);
  }));

Deno.test("data keeps no bad batch of CIFAR-10, and lets no archive write outside", () =>
  withPlace(async (place) => {
    const refused = async (
      name: string,
      bytes: Uint8Array,
      message: string,
    ) => {
      Deno.writeFileSync(join(place.served, name), bytes);
      const { code, stderr } = await place.run(
        `cifar-10 --from ${place.served} --unverified`,
      );
      assert.equal(stderr, `${message}\n`);
      assert.equal(code, 1);
      assert.deepEqual(
        [...walk(join(place.directory, "data"))],
        ["cifar-10/.lock"],
      );
    };
    const good = cifarBatchOf([0]);
    const name = "data_batch_1.bin";
    Deno.writeFileSync(join(place.served, "test_batch.bin"), good);
    await refused(
      name,
      good.subarray(0, 3000),
      `Cannot parse data/cifar-10/incoming/${name}: it must hold whole records of 3073 bytes: got 3000 bytes`,
    );
    await refused(
      name,
      cifarBatchOf([9, 10]),
      `Cannot parse data/cifar-10/incoming/${name}: labels must be 0 to 9: got 10 in record 2`,
    );
    const archive = "cifar-10-binary.tar.gz";
    const paths = ["../../outside.bin", "../mnist/x", "/tmp/outside.bin"];
    for (const path of paths) {
      await refused(
        archive,
        gzipSync(tarOf([{ path, content: good }])),
        `Cannot unpack data/cifar-10/incoming/${archive}: it must hold nothing but files right in cifar-10-batches-bin/: got the file "${path}"`,
      );
    }
    await refused(
      archive,
      gzipSync(tarOf([])).subarray(0, -9),
      `Cannot unpack ${archive}: gzip data must be whole and undamaged: got unexpected end of file`,
    );
  }));

Deno.test("data keeps no unverified file that is no such data set, but what was there", () =>
  withPlace(async (place) => {
    const message =
      `Cannot unpack ${INCOMING}/${FILE}: zip data must be whole and undamaged: got End of central directory not found`;
    const bad = BYTES.subarray(0, HALF);
    Deno.writeFileSync(join(place.served, FILE), bad);
    assertRefused(place, await bring(place, "good"), message, []);

    Deno.writeFileSync(join(place.served, FILE), BYTES);
    await bring(place, "good");
    Deno.writeFileSync(join(place.served, FILE), bad);
    const files = ["files.json", FILE];
    assertRefused(place, await bring(place, "good"), message, files);
    const { stdout } = await place.run("");
    assert.match(stdout, /│ pneumoniamnist +│ +1 │ no +│ +3 │/);

    Deno.removeSync(join(place.directory, PLACE, FILE));
    const damaged = await place.run("");
    assert.match(
      damaged.stdout,
      /^Cannot read [^\n]+: got no such file \(deno task data pneumoniamnist brings it anew\)$/m,
    );
  }));

Deno.test("data leaves a set alone of which not all the files come", () =>
  withPlace(async (place) => {
    const write = (part: string, label: number) => {
      const put = (name: string, content: Uint8Array) =>
        Deno.writeFileSync(join(place.served, name), gzipSync(content));
      put(`${part}-images-idx3-ubyte.gz`, idxOf([1, 28, 28], 0));
      put(`${part}-labels-idx1-ubyte.gz`, idxOf([1], label));
    };
    write("train", 3);
    write("t10k", 3);
    const flags = `mnist --mirror ${place.mirror("good")} --unverified`;
    assert.equal((await place.run(flags)).code, 0);

    write("train", 4);
    Deno.removeSync(join(place.served, "t10k-images-idx3-ubyte.gz"));
    const { code, stderr } = await place.run(flags);
    assert.match(stderr, /t10k-images-idx3-ubyte.gz: [^\n]+: got 500 /);
    assert.equal(code, 1);
    const { stdout } = await place.run("");
    assert.match(stdout, /│ mnist +│ +4 │ no +│ +1 │ +— │ +1 │/);
  }));
