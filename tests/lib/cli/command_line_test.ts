import assert from "node:assert/strict";
import { commandLine, givenFlags } from "../../../lib/cli/command_line.ts";
import {
  booleanFlag,
  flag,
  integer,
  listFlag,
  positional,
  text,
} from "../../../lib/cli/flags.ts";

const FLAGS = {
  from: flag(text(), { default: "runs/a", describe: "a directory" }),
  image: listFlag(integer(), { default: [], describe: "indices" }),
  shuffle: booleanFlag({ default: true, describe: "shuffle" }),
  clampAlpha: booleanFlag({ describe: "clamp" }),
};

Deno.test("commandLine() leaves out what is as by default", () => {
  const config = {
    from: "runs/a",
    image: [],
    shuffle: true,
    clampAlpha: false,
  };
  assert.equal(commandLine("task", FLAGS, config), "deno task task");
  assert.equal(
    commandLine("task", FLAGS, {
      from: "runs/b",
      image: [0, 17],
      shuffle: false,
      clampAlpha: true,
    }),
    "deno task task --from runs/b --image 0,17 --no-shuffle --clamp-alpha",
  );
});

Deno.test("commandLine() puts what has no flag first, without a name", () => {
  const flags = {
    all: booleanFlag({ describe: "all" }),
    source: positional(text(), { describe: "run" }),
  };
  assert.equal(
    commandLine("task", flags, { all: true, source: "runs/a b" }),
    "deno task task 'runs/a b' --all",
  );
});

Deno.test("commandLine() quotes what a shell would take apart", () => {
  assert.equal(
    commandLine("task", FLAGS, { from: "runs/my nets; it's $5" }),
    "deno task task --from 'runs/my nets; it'\\''s $5'",
  );
});

Deno.test("givenFlags() has what the command line names, defaults too", () => {
  const given = (line: string) =>
    givenFlags(FLAGS, line.split(" ").filter((arg) => arg !== ""));
  assert.deepEqual(given(""), {});
  assert.deepEqual(
    given("--from runs/a --image=7 --clamp-alpha --no-shuffle"),
    {
      from: "runs/a",
      image: [7],
      clampAlpha: true,
      shuffle: false,
    },
  );
});
