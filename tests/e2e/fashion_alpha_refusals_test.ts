import assert from "node:assert/strict";
import {
  readRun,
  ROOT,
  runTask,
  snapshot,
  withRunDirectory,
} from "./run_task.ts";

const TASK = "fashion-alpha";

Deno.test("fashion-alpha keeps what was there when it refuses to run", async () => {
  await withRunDirectory(async (out) => {
    const flags =
      "--train-size 100 --test-size 100 --epochs 1 --activation relu-alpha " +
      `--quiet --out ${out}`;
    assert.equal((await runTask(`${TASK} ${flags}`)).code, 0);
    const before = snapshot(out);
    const refused = async (code: number, text: RegExp, more = "") => {
      const result = await runTask(`${TASK} ${flags} ${more}`);
      assert.match(result.stderr, text);
      assert.equal(result.stderr.trim().split("\n").length, 1, result.stderr);
      assert.equal(result.code, code);
      assert.equal(result.stdout, "");
      assert.deepEqual(snapshot(out), before);
    };
    // Without --quiet too, nothing is printed before the refusal.
    const loud = await runTask(`${TASK} ${flags.replace("--quiet", "")}`);
    assert.match(loud.stderr, /^Cannot start run: /);
    assert.deepEqual([loud.code, loud.stdout], [1, ""]);
    const resume = `deno task fashion-alpha --out ${out} --resume`;
    await refused(1, new RegExp(`already holds a run: ${resume} continues`));
    await refused(
      1,
      new RegExp(`--learning-rate differs: .*; ${resume} goes on with its own`),
      "--resume --learning-rate=1",
    );
    await refused(2, /--force: expected it without/, "--resume --force");
    await refused(2, /did you mean --epochs\?/, "--force --epoch 3");
    await refused(2, /--epochs: .* got "0"/, "--force --epochs 0");
    await refused(2, /--epochs: .* got "1.5"/, "--force --epochs 1.5");
    await refused(2, /--lambda: /, "--force --lambda 0.1,NaN");
    await refused(2, /--learning-rate: /, "--force --learning-rate=-1");
    await refused(2, /--alpha-init: /, "--force --alpha-init Infinity");
    await refused(2, /--batch-size: /, "--force --batch-size 101");
    await refused(2, /--threads: /, "--force --threads 9");
    await refused(
      2,
      /^Cannot parse --seeds: .*4294967295: got 4294967296$/m,
      "--force --seed 4294967295 --seeds 2",
    );
    for (const name of ["--lambda", "--long-lambda", "--variant-lambda"]) {
      await refused(
        2,
        new RegExp(`^Cannot parse ${name}: .* got relu,linear$`, "m"),
        `--force --activation relu,linear ${name} 0.5`,
      );
    }
    for (const varied of ["--clamp-alpha", "--penalty none"]) {
      await refused(
        2,
        /^Cannot parse --variant-lambda: .* loss as written: got a variant$/m,
        `--force --variant-lambda 0.5 ${varied}`,
      );
    }

    // A finished run is shown again and not trained again.
    const again = await runTask(`${TASK} ${flags} --resume --json`);
    assert.equal(again.code, 0);
    assert.ok(readRun(out, "steps.csv").length > 0);
    assert.equal(JSON.parse(again.stdout).nets[0].epoch, 1);

    const checkpoint = `${ROOT}/${out}/checkpoint.safetensors`;
    const bytes = Deno.readFileSync(checkpoint);
    bytes[bytes.length >> 1]! ^= 1;
    Deno.writeFileSync(checkpoint, bytes);
    const damaged = await runTask(`${TASK} ${flags} --resume`);
    assert.match(damaged.stderr, /^Cannot load checkpoint .*altered.*\n$/);
    assert.equal(damaged.code, 1);
  });
});
