import assert from "node:assert/strict";
import { parseFlags } from "../../../lib/cli/command_line.ts";
import { booleanFlag, flag, integer } from "../../../lib/cli/flags.ts";
import {
  datasetFlag,
  decisiveFlags,
  jobsFlag,
  onnxFlag,
  refuseLargeBatch,
  runFlags,
  seedsOf,
  threadsFlag,
} from "../../../lib/cli/run_flags.ts";

Deno.test("seedsOf() counts from --seed up to the generator's last", () => {
  assert.deepEqual(seedsOf({ seed: 3, seeds: 1 }), [3]);
  const last = [4294967294, 4294967295];
  assert.deepEqual(seedsOf({ seed: 4294967294, seeds: 2 }), last);
  assert.throws(() => seedsOf({ seed: 4294967294, seeds: 3 }), {
    name: "UsageError",
    message:
      "Cannot parse --seeds: expected a last seed of at most 4294967295: got 4294967296",
  });
});

/** Fields that say where and how a task runs: no result depends on them. */
const INDECISIVE = "threads jobs out force resume live onnx quiet json".split(
  " ",
);

Deno.test("decisiveFlags() leaves out flags that do not decide, and unknown ones", () => {
  const flags = {
    ...runFlags("task"),
    threads: threadsFlag(),
    jobs: jobsFlag(),
    onnx: onnxFlag(),
    epochs: flag(integer(), { default: 3, describe: "passes" }),
    shuffle: booleanFlag({ describe: "shuffle" }),
    dataset: datasetFlag("mnist"),
  };
  const config = parseFlags("task", "Trains.", flags, ["--epochs", "5"]);
  assert.deepEqual(decisiveFlags(flags, { ...config, other: 1 }), {
    epochs: 5,
    shuffle: false,
    dataset: null,
  });
});

/** What a script writes for each of its flags. */
function* flagSources(): Generator<
  [script: string, field: string, source: string]
> {
  const scripts = new URL("../../../scripts/", import.meta.url);
  for (const { name } of Deno.readDirSync(scripts)) {
    const text = Deno.readTextFileSync(new URL(name, scripts));
    if (!/[rR]unFlags\(|byHandFlags\(/.test(text)) continue;
    const spec = /^const FLAGS = \{\n(.*?)^\};/ms.exec(text)?.[1];
    assert.ok(spec, `${name} has no FLAGS`);
    for (const source of spec.split(/^ {2}(?=\w+: )/m)) {
      const field = /^(\w+): /.exec(source)?.[1];
      if (field) yield [name, field, source];
    }
  }
}

Deno.test("a script marks each flag that does not decide results, and no other", () => {
  const scripts = new Set<string>();
  for (const [script, field, source] of flagSources()) {
    scripts.add(script);
    const isMarked = /decides: false|: (threads|jobs|onnx)Flag\(/.test(source);
    assert.equal(isMarked, INDECISIVE.includes(field), `${script}: ${field}`);
  }
  assert.equal(scripts.size, 14);
});

Deno.test("refuseLargeBatch() takes as many images as there are, and no more", () => {
  refuseLargeBatch({ batchSize: 5 }, { count: 5 });
  assert.throws(() => refuseLargeBatch({ batchSize: 6 }, { count: 5 }), {
    name: "UsageError",
    message:
      "Cannot parse --batch-size: expected at most the 5 training images: got 6",
  });
});
