import assert from "node:assert/strict";
import {
  booleanFlag,
  flag,
  integer,
  listFlag,
} from "../../../lib/cli/flags.ts";
import {
  datasetFlag,
  runFlags,
  threadsFlag,
} from "../../../lib/cli/run_flags.ts";
import { parseRunFlags } from "../../../lib/run/parse_run_flags.ts";
import { openRunDirectory } from "../../../lib/run/run_directory.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";

const FLAGS = {
  epochs: flag(integer({ min: 1 }), { default: 3, describe: "passes" }),
  sizes: listFlag(integer({ min: 1 }), { default: [], describe: "of layers" }),
  shuffle: booleanFlag({ default: true, describe: "draw an order" }),
  tune: booleanFlag({ describe: "try more" }),
  dataset: datasetFlag("mnist"),
  threads: threadsFlag(),
  ...runFlags("my-task"),
};

const parse = (...args: string[]) =>
  parseRunFlags("my-task", "Trains.", FLAGS, args);

/** A run of `my-task` that was given `--epochs 5 --sizes 1,2 --no-shuffle`. */
function makeRun(path: string, asked: object | undefined, task = "my-task") {
  const run = openRunDirectory({
    path,
    files: [],
    environment: {},
    force: false,
    resume: false,
    config: {
      epochs: 5,
      sizes: [1, 2],
      shuffle: false,
      tune: true,
      dataset: "fashion-mnist",
    },
    asked: asked as undefined,
    pinned: { task },
  });
  run.begin();
  run.close();
}

const ASKED = {
  epochs: 5,
  sizes: [1, 2],
  shuffle: false,
  tune: true,
  dataset: null,
};

Deno.test("parseRunFlags() takes what is not given from the run, with --resume only", () =>
  inTemporaryDirectory((directory) => {
    const out = `${directory}/run`;
    makeRun(out, ASKED);
    const resumed = parse("--out", out, "--resume", "--threads", "2");
    assert.deepEqual(resumed, {
      ...ASKED,
      threads: 2,
      out,
      resume: true,
      force: false,
      quiet: false,
      json: false,
    });
    const given = parse(
      "--out",
      out,
      "--resume",
      "--epochs",
      "3",
      "--shuffle",
    );
    assert.deepEqual([given.epochs, given.shuffle, given.tune], [
      3,
      true,
      true,
    ]);
    const { epochs, sizes, shuffle, tune } = parse("--out", out);
    assert.deepEqual([epochs, sizes, shuffle, tune], [3, [], true, false]);
  }));

Deno.test("parseRunFlags() takes the resolved values of a run that recorded no others", () =>
  inTemporaryDirectory((directory) => {
    const out = `${directory}/run`;
    makeRun(out, undefined);
    const { epochs, dataset } = parse("--out", out, "--resume");
    assert.deepEqual([epochs, dataset], [5, "fashion-mnist"]);
  }));

Deno.test("parseRunFlags() leaves a missing run to the one that opens it", () =>
  inTemporaryDirectory((directory) => {
    for (const out of [directory, `${directory}/none`]) {
      assert.equal(parse("--out", out, "--resume").epochs, 3);
    }
  }));

Deno.test("parseRunFlags() refuses another task's run and names the command that goes on", () =>
  inTemporaryDirectory((directory) => {
    const out = `${directory}/it is`;
    makeRun(out, ASKED, "other");
    assert.throws(() => parse("--out", out, "--resume"), {
      message:
        `Cannot resume run: directory ${out} must hold a run of my-task: got one of other (deno task other --out '${out}' --resume goes on with it)`,
    });
  }));

Deno.test("parseRunFlags() refuses a record whose flags were edited", () =>
  inTemporaryDirectory((directory) => {
    for (
      const [i, [edited, message]] of ([
        [{ epochs: "5" }, 'epochs must be an integer of at least 1: got "5"'],
        [{ epochs: 0 }, "epochs must be an integer of at least 1: got 0"],
        [{ tune: null }, "tune must be true or false: got null"],
        [{ sizes: [1, 1] }, /^.*sizes must be comma-.*: got \[1,1\]$/],
      ] as const).entries()
    ) {
      const out = `${directory}/${i}`;
      makeRun(out, edited);
      assert.throws(() => parse("--out", out, "--resume"), {
        message: typeof message === "string"
          ? `Cannot read ${out}/config.json: ${message}`
          : message,
      });
    }
  }));

Deno.test("parseRunFlags() refuses --force with --resume", () => {
  assert.throws(() => parse("--force", "--resume"), {
    message: "Cannot parse --force: expected it without --resume",
  });
});
