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
import { join } from "node:path";
import { describeError } from "../lib/cli/describe_error.ts";
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
  copyFile,
  fetchFile,
  findPublishedFile,
} from "../lib/data/bring_file.ts";
import {
  type DatasetRecord,
  type FileRecord,
  readDatasetRecord,
  RECORD_FILE,
  writeDatasetRecord,
} from "../lib/data/dataset_record.ts";
import { type SourceFile, SOURCES } from "../lib/data/dataset_sources.ts";
import type { ImageDataset } from "../lib/data/image_dataset.ts";
import {
  DATASET_NAMES,
  type DatasetName,
  loadDataset,
} from "../lib/data/load_dataset.ts";
import { type LocatedFile, locateFiles } from "../lib/data/locate_files.ts";
import { createTransferLine } from "../lib/data/transfer_line.ts";
import { listenForInterruption } from "../lib/base/interruption.ts";
import { lockDirectory } from "../lib/base/lock_directory.ts";

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

type SourceName = keyof typeof SOURCES;

/** Where the data sets are, from the project's directory. */
const ROOT = "data";

/** Where a data set's files are, in its directory, until they all are right. */
const INCOMING = "incoming";

/** What is there of a data set. */
interface Found {
  name: DatasetName;
  /** None: it is not there. */
  files: readonly (FileRecord & { name: string; bytes: number })[];
  /** Numbers of images; null where there are none. */
  train: number | null;
  validation: number | null;
  test: number | null;
  /** What every run on it says. */
  remarks: readonly string[];
}

/** Reads all of a data set, so that its files are known to be right. */
async function find(
  name: DatasetName,
  directory = join(ROOT, name),
): Promise<Found> {
  let record = readDatasetRecord(directory);
  let dataset: ImageDataset | null = null;
  if (name === "fashion-mnist") { // part of the project, so it has no record
    dataset = await loadDataset(name, { directory });
    record = Object.fromEntries(
      Object.entries(dataset.sha256).map(([file, sha256]) => [
        `${file}.gz`,
        { sha256, isPublished: true },
      ]),
    );
  } else if (record !== null) {
    dataset = await loadDataset(name, { directory });
  }
  return {
    name,
    files: Object.entries(record ?? {}).map(([name, known]) => ({
      name,
      bytes: Deno.statSync(join(directory, name)).size,
      ...known,
    })),
    train: dataset?.train.count ?? null,
    validation: dataset?.validation?.count ?? null,
    test: dataset?.test.count ?? null,
    remarks: dataset?.remarks ?? [],
  };
}

function printFound(found: readonly Found[], output: Output) {
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
  const found: Found[] = [];
  const rest: string[] = [];
  output.log(`reading all that is in ${ROOT}/`);
  for (const name of DATASET_NAMES) {
    try {
      const one = await find(name);
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

async function bring(name: SourceName, config: Config, output: Output) {
  const { from, mirror, timeout, unverified, quiet } = config;
  const directory = join(ROOT, name);
  const incoming = join(directory, INCOMING);
  const source = SOURCES[name];
  const files: readonly (SourceFile | LocatedFile)[] = from === null
    ? source.files
    : locateFiles(from, { name, ...source });
  Deno.mkdirSync(directory, { recursive: true });
  using _lock = lockDirectory(directory);
  Deno.mkdirSync(incoming, { recursive: true });
  output.log(`bringing ${name} to ${directory}/`);

  const download = async (file: SourceFile) => {
    const url = mirror === null ? file.url : `${mirror}/${file.name}`;
    output.log(`${file.name}: from ${url}`);
    using interruption = listenForInterruption();
    using line = createTransferLine(file.name, !quiet);
    try {
      return await fetchFile(url, incoming, file, {
        timeout,
        isUnverifiedAllowed: unverified,
        signal: interruption.signal,
        onProgress: line.update,
      });
    } catch (error) {
      const failure = error as Error;
      if (failure.message.startsWith("Cannot download")) {
        failure.message +=
          `; deno task data ${name} --from DIR takes files from a folder`;
      }
      throw failure;
    }
  };
  const record: Record<string, FileRecord> = {};
  const kept: string[] = [];
  for (const file of files) {
    const present = findPublishedFile(directory, file);
    if (present !== null) kept.push(file.name);
    record[file.name] = present ?? findPublishedFile(incoming, file) ??
      ("path" in file
        ? copyFile(incoming, file, unverified)
        : await download(file));
  }
  if (Object.values(record).some(({ isPublished }) => !isPublished)) {
    await checkUnverified(name, record, kept);
  }
  for (const file of Object.keys(record)) {
    if (kept.includes(file)) continue;
    Deno.renameSync(join(incoming, file), join(directory, file));
  }
  writeDatasetRecord(directory, record);
  Deno.removeSync(incoming, { recursive: true });
  const found = await find(name);
  printFound([found], output);
  output.result({ task: "data", datasets: [found] });
}

/** Loads the files that no checksum vouches for, or removes them. */
async function checkUnverified(
  name: SourceName,
  record: DatasetRecord,
  kept: readonly string[],
) {
  const directory = join(ROOT, name);
  const incoming = join(directory, INCOMING);
  for (const file of kept) { // they are loaded together
    Deno.copyFileSync(join(directory, file), join(incoming, file));
  }
  writeDatasetRecord(incoming, record);
  try {
    await find(name, incoming);
  } catch (error) {
    for (const [file, { isPublished }] of Object.entries(record)) {
      if (isPublished && !kept.includes(file)) continue;
      Deno.removeSync(join(incoming, file));
    }
    Deno.removeSync(join(incoming, RECORD_FILE));
    throw error;
  }
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
    output.result({ task: "data", datasets: [await find(name)] });
  } else await bring(name, config, output);
}

if (import.meta.main) await runMain(main);
