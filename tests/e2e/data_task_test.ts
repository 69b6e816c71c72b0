import assert from "node:assert/strict";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { isPresent } from "../../lib/data/load_dataset.ts";
import { sha256Of } from "../../lib/data/data_file.ts";
import { lockDirectory } from "../../lib/base/lock_directory.ts";
import {
  assertBrought,
  assertRefused,
  bring,
  BYTES,
  FILE,
  INCOMING,
  NAME,
  PLACE,
  REMARK,
  walk,
  withPlace,
} from "./data_place.ts";
import { ROOT } from "./run_task.ts";

Deno.test("data brings a data set from a mirror and says that it is not the published one", () =>
  withPlace(async (place) => {
    const result = await bring(place, "good/");
    assertBrought(place, result);
    assert.equal(
      result.stdout,
      `
bringing pneumoniamnist to data/pneumoniamnist/
${FILE}: from ${place.mirror("good")}/${FILE}
┌────────────────┬───────┬───────────┬───────┬────────────┬──────┬─────┐
│ data set       │ files │ published │ train │ validation │ test │  MB │
├────────────────┼───────┼───────────┼───────┼────────────┼──────┼─────┤
│ pneumoniamnist │     1 │ no        │     3 │          1 │    2 │ 0.0 │
└────────────────┴───────┴───────────┴───────┴────────────┴──────┴─────┘
  ${REMARK}
`.trimStart(),
    );
    assert.deepEqual(place.requests(), ["good"]);

    const directory = join(place.directory, "data/fashion-mnist");
    Deno.symlinkSync(`${ROOT}/data/fashion-mnist`, directory);
    const { stdout, code } = await place.run("--json");
    assert.equal(code, 0);
    assert.match(stdout, /│ fashion-mnist +│ +4 │ yes +│ 60000 │/);
    assert.match(stdout, /│ pneumoniamnist +│ +1 │ no +│ +3 │/);
    assert.ok(stdout.includes(REMARK));
    assert.match(
      stdout,
      /^octmnist is not there: deno task data octmnist brings it$/m,
    );
    const { datasets } = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
    assert.deepEqual(datasets[1], {
      name: NAME,
      files: [{
        name: FILE,
        bytes: BYTES.length,
        sha256: sha256Of(BYTES),
        isPublished: false,
      }],
      train: 3,
      validation: 1,
      test: 2,
      remarks: [REMARK],
    });
  }));

Deno.test({
  name: "data leaves no file behind on a full disk",
  ignore: Deno.build.os !== "linux", // no /dev/full elsewhere
  fn: () =>
    withPlace(async (place) => {
      const incoming = join(place.directory, INCOMING);
      Deno.mkdirSync(incoming, { recursive: true });
      const full = (name: string) =>
        Deno.symlinkSync("/dev/full", join(incoming, name));
      full(`${FILE}.part`);
      const { code, stderr } = await bring(place, "good");
      assert.equal(
        stderr,
        `Cannot write ${INCOMING}/${FILE}.part: no space left on device\n`,
      );
      assert.equal(code, 1);
      assert.ok(!place.files().includes(FILE));

      full(`${FILE}.tmp`);
      const copied = await place.run(
        `${NAME} --from ${place.served} --unverified`,
      );
      assert.equal(
        copied.stderr,
        `Cannot write ${INCOMING}/${FILE}: no space left on device\n`,
      );
      assert.equal(copied.code, 1);
      assert.ok(!place.files().includes(FILE));
    }, "-A"), // else Deno forbids /dev/full
});

Deno.test("data takes files from a folder, or says which is missing", () =>
  withPlace(async (place) => {
    const { served } = place;
    assertBrought(
      place,
      await place.run(`${NAME} --from ${served} --unverified`),
    );
    assert.equal(
      (await place.run(`mnist --from ${served}`)).stderr,
      `Cannot bring mnist: ${served} must hold train-images-idx3-ubyte.gz: got no such file\n`,
    );
    assert.equal(
      (await place.run(`mnist --from ${served}/nowhere`)).stderr,
      `Cannot bring mnist: ${served}/nowhere must be a folder: got nothing of that name\n`,
    );
  }));

Deno.test("data does not work where another process does", () =>
  withPlace(async (place) => {
    Deno.mkdirSync(join(place.directory, PLACE), { recursive: true });
    using _lock = lockDirectory(join(place.directory, PLACE));
    assertRefused(
      place,
      await bring(place, "good"),
      `Cannot use ${PLACE}: another process is working there`,
      [],
    );
  }));

Deno.test({
  name:
    "data brings the published MNIST, and only once (skipped where it is not in data/)",
  ignore: !isPresent("mnist"),
  fn: () =>
    withPlace(async (place) => {
      const files = [...Deno.readDirSync(`${ROOT}/data/mnist`)]
        .map(({ name }) => name).filter((name) => name.endsWith(".gz"));
      for (const name of files) {
        Deno.copyFileSync(
          `${ROOT}/data/mnist/${name}`,
          join(place.served, name),
        );
      }
      const flags = `mnist --mirror ${place.mirror("good")}`;
      const last = join(place.served, "t10k-labels-idx1-ubyte.gz");
      Deno.renameSync(last, `${last}.later`);
      assert.equal((await place.run(flags)).code, 1);
      Deno.renameSync(`${last}.later`, last);
      for (let time = 0; time < 2; time++) {
        const { code, stdout, stderr } = await place.run(flags);
        assert.equal(stderr, "");
        assert.equal(code, 0);
        assert.match(
          stdout,
          /│ mnist +│ +4 │ yes +│ 60000 │ +— │ 10000 │ 11.6 │/,
        );
        assert.doesNotMatch(stdout, /not the published/);
      }
      assert.equal(place.requests().length, 5); // 4, and the last again

      // One file in another packing: the others are kept.
      const name = "t10k-labels-idx1-ubyte.gz";
      const path = join(place.served, name);
      const content = gunzipSync(Deno.readFileSync(path));
      Deno.writeFileSync(path, gzipSync(content, { level: 1 }));
      Deno.removeSync(join(place.directory, "data/mnist", name));
      const { stdout, stderr } = await place.run(`${flags} --unverified`);
      assert.equal(stderr, "");
      assert.match(stdout, /│ mnist +│ +4 │ no +│ 60000 │ +— │ 10000 │/);
      assert.ok(stdout.includes(`\n  ${name} is not the published file: `));
      assert.deepEqual(place.requests(), ["good"]);
      assert.deepEqual(
        [...walk(join(place.directory, "data/mnist"))].sort(),
        [".lock", "files.json", ...files.sort()],
      );
    }),
});

Deno.test("data explains itself and says which flag is wrong", () =>
  withPlace(async (place) => {
    const help = await place.run("--help");
    assert.equal(help.code, 0);
    assert.match(help.stdout, /^Usage: deno task data \[name\] \[flags\]\n/);
    assert.match(
      help.stdout,
      /^deno run --no-prompt -P=data --allow-net=HOST scripts\/data.ts NAME --mirror URL$/m,
    );
    // A place of its own, where not even Fashion-MNIST is.
    const empty = await place.run("");
    assert.equal(empty.code, 0);
    assert.doesNotMatch(empty.stdout, /│/);
    assert.match(empty.stdout, /^mnist is not there: deno task data mnist /m);
    const refused = async (flags: string, message: string) => {
      const { code, stderr } = await place.run(flags);
      assert.equal(stderr, `${message}\n`);
      assert.equal(code, 2);
    };
    await refused(
      "mnits",
      'Cannot parse name: expected one of fashion-mnist, mnist, octmnist, pneumoniamnist, cifar-10: got "mnits"',
    );
    await refused(
      "--unverified",
      "Cannot parse name: expected a data set to bring: got none",
    );
    await refused(
      "mnist --from . --mirror https://example.org",
      "Cannot parse --from: expected it without --mirror",
    );
    await refused(
      "mnist --timeout 3000000",
      'Cannot parse --timeout: expected a number greater than 0 and of at most 86400: got "3000000"',
    );
    await refused(
      "mnist --mirror example.org",
      'Cannot parse --mirror: expected an http or https address: got "example.org"',
    );
  }));
