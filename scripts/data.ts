/**
 * Brings a data set to `data/NAME/`, or lists what is there.
 *
 *   deno task data
 *   deno task data mnist
 *   deno task data octmnist --from ~/Downloads
 *   deno task data octmnist --mirror https://example.org/medmnist
 *
 * A file comes from its publisher, from a folder or one of those in it (--from;
 * MNIST also unpacked and under Kaggle's names) or from another server
 * (--mirror, which has the files right under its address). Each file is held
 * against the published checksum in data/NAME/incoming/; only when all are
 * there and right do they take the place of what was there before. A download
 * that was cut goes on where it was when the same command is given again.
 * `data/NAME/files.json` keeps each file's SHA-256.
 * Expect 12 MB for MNIST, 4 MB for PneumoniaMNIST, 170 MB for CIFAR-10.
 *
 * --unverified also accepts files with another checksum, and parts of CIFAR-10;
 * every run on them says so.
 *
 * This task alone may use the network, and only the publishers' hosts
 * (deno.json, permission set "data"). A mirror's host must be allowed by hand:
 *
 *   deno run --no-prompt -P=data --allow-net=example.org scripts/data.ts \
 *     octmnist --mirror https://example.org/medmnist
 */
import { describeError } from "../lib/cli/run_main.ts";
import { UsageError } from "../lib/base/errors.ts";
import {
  booleanFlag,
  choice,
  flag,
  type FlagValues,
  number,
  positional,
  text,
  type ValueKind,
} from "../lib/cli/flags.ts";
import { parseFlags } from "../lib/cli/command_line.ts";
import { createOutput, type Output } from "../lib/cli/output.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { textTable } from "../lib/reporting/text_table.ts";
import { wrapText } from "../lib/base/wrap_text.ts";
import {
  bringDataset,
  DATA_DIRECTORY,
  findDataset,
  type FoundDataset,
} from "../lib/data/bring_dataset.ts";
import { DATASET_NAMES } from "../lib/data/load_dataset.ts";

const address: ValueKind<string> = {
  placeholder: "address",
  expected: "an http or https address",
  parse(text) {
    const isHttp = /^https?:$/.test(URL.parse(text)?.protocol ?? "");
    return isHttp ? text.replace(/\/+$/, "") : undefined;
  },
};

const SUMMARY = `Brings a data set to data/NAME/, or lists what is there.

A mirror's host must be allowed:
deno run --no-prompt -P=data --allow-net=HOST scripts/data.ts NAME --mirror URL`;

const FLAGS = {
  name: positional(choice(DATASET_NAMES), {
    default: null,
    describe: "data set to bring; without a name, what is there is listed",
  }),
  from: flag<string | null>(text(), {
    default: null,
    describe: "folder that holds the files, in itself or in a folder below it",
  }),
  mirror: flag<string | null>(address, {
    default: null,
    describe: "address of another server's folder that holds the files",
  }),
  unverified: booleanFlag({
    describe:
      "accept other files than the published ones; each run will say so",
  }),
  timeout: flag(number({ greaterThan: 0, max: 86_400 }), {
    default: 30,
    unit: "s",
    describe: "give up a server that has sent nothing for this time",
  }),
  quiet: booleanFlag({ describe: "print errors only" }),
  json: booleanFlag({
    describe: "print what is there as JSON in the last line",
  }),
};

type Config = FlagValues<typeof FLAGS>;

function printFound(found: readonly FoundDataset[], output: Output) {
  output.log(textTable({
    // deno-fmt-ignore -- as the table's head is printed
    columns: [
      "data set", "files", "published", "train", "validation", "test", "MB",
    ],
    rows: found.map(({ name, files, train, validation, test }) => [
      name,
      String(files.length),
      files.every(({ isPublished }) => isPublished) ? "yes" : "no",
      ...[train, validation, test].map((count) => count?.toString() ?? "—"),
      (files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1),
    ]),
    aligns: ["left", "right", "left", "right", "right", "right", "right"],
  }));
  for (const { remarks } of found) {
    for (const remark of remarks) output.log(wrapText(remark));
  }
}

async function list(output: Output) {
  const found: FoundDataset[] = [];
  const rest: string[] = [];
  output.log(`reading all that is in ${DATA_DIRECTORY}/`);
  for (const name of DATASET_NAMES) {
    try {
      const one = await findDataset(name);
      if (one.files.length > 0) found.push(one);
      else rest.push(`${name} is not there: deno task data ${name} brings it`);
    } catch (error) {
      const remedy = name === "fashion-mnist"
        ? ""
        : ` (deno task data ${name} brings it anew)`;
      rest.push(describeError(error) + remedy);
    }
  }
  if (found.length > 0) printFound(found, output);
  rest.forEach(output.log);
  output.result({ task: "data", datasets: found });
}

async function main() {
  const config: Config = parseFlags(
    "data",
    SUMMARY,
    FLAGS,
    Deno.args,
  );
  const { name, from, mirror, unverified } = config;
  const output = createOutput(config);
  if (from !== null && mirror !== null) {
    throw new UsageError("Cannot parse --from: expected it without --mirror");
  }
  if (name === null) {
    if (from !== null || mirror !== null || unverified) {
      throw new UsageError(
        "Cannot parse name: expected a data set to bring: got none",
      );
    }
    await list(output);
  } else if (name === "fashion-mnist") {
    output.log("fashion-mnist is part of the project: nothing to bring");
    output.result({ task: "data", datasets: [await findDataset(name)] });
  } else {
    await bringDataset(name, { ...config, log: output.log });
    const found = await findDataset(name);
    printFound([found], output);
    output.result({ task: "data", datasets: [found] });
  }
}

if (import.meta.main) await runMain(main);
