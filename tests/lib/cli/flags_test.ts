import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { HelpRequested, UsageError } from "../../../lib/base/errors.ts";
import {
  booleanFlag,
  choice,
  flag,
  type FlagValues,
  integer,
  listFlag,
  number,
  positional,
  text,
} from "../../../lib/cli/flags.ts";
import { parseFlags } from "../../../lib/cli/command_line.ts";

const FLAGS = {
  activation: listFlag(choice(["relu", "linear", "relu-alpha"]), {
    default: ["relu", "linear", "relu-alpha"],
    describe: "activations; one net is trained for each (§5)",
  }),
  lambda: listFlag(number({ min: 0 }), {
    default: [0.5],
    describe: "weights λ of the penalty λ Σ|αᵢ|, one net each (§4)",
  }),
  epochs: flag(integer({ min: 1 }), {
    default: 3,
    unit: "epochs",
    describe: "passes over the training set (§4)",
  }),
  learningRate: flag(number({ greaterThan: 0, lessThan: 1 }), {
    default: 0.001,
    describe: "Adam's learning rate (§4)",
  }),
  seed: flag(integer({ min: 0, max: 4294967295 }), {
    default: 1,
    describe: "where all randomness comes from",
  }),
  shift: flag(number(), { default: 0, describe: "any number" }),
  clampAlpha: booleanFlag({ describe: "keep every α in [0, 1]" }),
  shuffle: booleanFlag({
    default: true,
    describe: "shuffle the training set before every epoch",
  }),
  penalty: flag(choice(["l1", "none"]), {
    default: "l1",
    describe: "whether the penalty reaches the gradient",
  }),
  out: flag(text(), {
    default: "runs/fashion-alpha",
    describe: "run directory",
  }),
};

type Config = FlagValues<typeof FLAGS>;

const DEFAULTS: Config = {
  activation: ["relu", "linear", "relu-alpha"],
  lambda: [0.5],
  epochs: 3,
  learningRate: 0.001,
  seed: 1,
  shift: 0,
  clampAlpha: false,
  shuffle: true,
  penalty: "l1",
  out: "runs/fashion-alpha",
};

function parse(...args: string[]): Config {
  return parseFlags("fashion-alpha", "Trains the nets.", FLAGS, args);
}

Deno.test("parseFlags() gives every default, in the order of the spec", () => {
  equal(JSON.stringify(parse()), JSON.stringify(DEFAULTS));
});

Deno.test("FlagValues has the type of each field", () => {
  const config = parse();
  // each line fails `deno check` where the type is wider or narrower
  const activation: readonly ("relu" | "linear" | "relu-alpha")[] =
    config.activation;
  const penalty: "l1" | "none" = config.penalty;
  const clampAlpha: boolean = config.clampAlpha;
  const lambda: readonly number[] = config.lambda;
  // @ts-expect-error -- a number is no text
  const epochs: string = config.epochs;
  deepEqual(
    [activation, penalty, clampAlpha, lambda, epochs],
    [DEFAULTS.activation, "l1", false, [0.5], 3],
  );
  // @ts-expect-error -- the default must be one of the choices
  flag(choice(["a", "b"]), { default: "c", describe: "" });
});

const ACCEPTED: readonly [args: string[], values: Partial<Config>][] = [
  [["--epochs", "12"], { epochs: 12 }],
  [["--epochs=12"], { epochs: 12 }],
  [["--epochs", "12", "--epochs", "4"], { epochs: 4 }],
  [["--learning-rate", "1e-2"], { learningRate: 0.01 }],
  [["--learning-rate", ".5"], { learningRate: 0.5 }],
  [["--shift", "-2.5E+1"], { shift: -25 }],
  [["--shift=-3"], { shift: -3 }],
  [["--seed", "4294967295"], { seed: 4294967295 }],
  [["--lambda", "0.1,2,5"], { lambda: [0.1, 2, 5] }],
  [["--activation=relu-alpha"], { activation: ["relu-alpha"] }],
  [["--activation", "linear,relu"], { activation: ["linear", "relu"] }],
  [["--clamp-alpha"], { clampAlpha: true }],
  [["--no-shuffle"], { shuffle: false }],
  [["--no-shuffle", "--shuffle"], { shuffle: true }],
  [["--penalty", "none"], { penalty: "none" }],
  [["--out", "a b=c"], { out: "a b=c" }],
  [["--out=a=b"], { out: "a=b" }],
  [["--out", "-"], { out: "-" }],
];

for (const [args, values] of ACCEPTED) {
  Deno.test(`parseFlags() accepts ${args.join(" ")}`, () => {
    deepEqual(parse(...args), { ...DEFAULTS, ...values });
  });
}

const EPOCHS = "expected an integer of at least 1: got";
const RATE = "expected a number greater than 0 and less than 1: got";
const SEED = "expected an integer from 0 to 4294967295: got";
const LAMBDA =
  "expected comma-separated values without repeats, each a number of at least 0: got";
const FLAG = "Cannot parse the flags: expected a known flag";

const REJECTED: readonly [args: string[], message: string][] = [
  [["--epochs", "0"], `Cannot parse --epochs: ${EPOCHS} "0"`],
  [["--epochs=0"], `Cannot parse --epochs: ${EPOCHS} "0"`],
  [["--epochs", "1.5"], `Cannot parse --epochs: ${EPOCHS} "1.5"`],
  [["--epochs", "3abc"], `Cannot parse --epochs: ${EPOCHS} "3abc"`],
  [["--epochs", "1e3"], `Cannot parse --epochs: ${EPOCHS} "1e3"`],
  [["--epochs", ""], `Cannot parse --epochs: ${EPOCHS} ""`],
  [["--epochs="], `Cannot parse --epochs: ${EPOCHS} ""`],
  [["--epochs", " 3"], `Cannot parse --epochs: ${EPOCHS} " 3"`],
  [["--epochs", "٣"], `Cannot parse --epochs: ${EPOCHS} "٣"`],
  [
    ["--epochs", "9007199254740993"],
    `Cannot parse --epochs: ${EPOCHS} "9007199254740993"`,
  ],
  [["--epochs"], "Cannot parse --epochs: expected a value: got none"],
  [["--epochs", "--shuffle"], `Cannot parse --epochs: ${EPOCHS} "--shuffle"`],
  [["--seed", "-1"], `Cannot parse --seed: ${SEED} "-1"`],
  [["--seed", "4294967296"], `Cannot parse --seed: ${SEED} "4294967296"`],
  [["--learning-rate", "0"], `Cannot parse --learning-rate: ${RATE} "0"`],
  [["--learning-rate", "1"], `Cannot parse --learning-rate: ${RATE} "1"`],
  [["--learning-rate", "NaN"], `Cannot parse --learning-rate: ${RATE} "NaN"`],
  [
    ["--shift", "Infinity"],
    'Cannot parse --shift: expected a number: got "Infinity"',
  ],
  [
    ["--shift", "-1e400"],
    'Cannot parse --shift: expected a number: got "-1e400"',
  ],
  [["--shift", "0x10"], 'Cannot parse --shift: expected a number: got "0x10"'],
  [
    ["--shift", "1_000"],
    'Cannot parse --shift: expected a number: got "1_000"',
  ],
  [["--shift", "0,5"], 'Cannot parse --shift: expected a number: got "0,5"'],
  [["--shift", "."], 'Cannot parse --shift: expected a number: got "."'],
  [["--shift", "1\n2"], 'Cannot parse --shift: expected a number: got "1\\n2"'],
  [["--lambda", "-0.1"], `Cannot parse --lambda: ${LAMBDA} "-0.1"`],
  [["--lambda", "0.1,,2"], `Cannot parse --lambda: ${LAMBDA} "0.1,,2"`],
  [["--lambda", "0.1,"], `Cannot parse --lambda: ${LAMBDA} "0.1,"`],
  [["--lambda", "0.1, 2"], `Cannot parse --lambda: ${LAMBDA} "0.1, 2"`],
  [["--lambda", "0.5,2,0.50"], `Cannot parse --lambda: ${LAMBDA} "0.5,2,0.50"`],
  [["--lambda", "0,-0"], `Cannot parse --lambda: ${LAMBDA} "0,-0"`],
  [
    ["--activation", "tanh"],
    'Cannot parse --activation: expected comma-separated values without repeats, each one of relu, linear, relu-alpha: got "tanh"',
  ],
  [
    ["--penalty", "L1"],
    'Cannot parse --penalty: expected one of l1, none: got "L1"',
  ],
  [["--out", ""], 'Cannot parse --out: expected a text: got ""'],
  [["--out", "--force"], 'Cannot parse --out: expected a text: got "--force"'],
  [["--epohs", "3"], `${FLAG} (did you mean --epochs?): got "--epohs"`],
  [["--epohs=3"], `${FLAG} (did you mean --epochs?): got "--epohs"`],
  [
    ["--learning_rate", "1"],
    `${FLAG} (did you mean --learning-rate?): got "--learning_rate"`,
  ],
  [["--wholly-else"], `${FLAG} (see --help): got "--wholly-else"`],
  [["-e", "3"], `${FLAG} (see --help): got "-e"`],
  [
    ["--no-clamp-alpha"],
    `${FLAG} (did you mean --clamp-alpha?): got "--no-clamp-alpha"`,
  ],
  [
    ["relu"],
    'Cannot parse the flags: expected flags only (see --help): got "relu"',
  ],
  [
    ["--clamp-alpha=yes"],
    'Cannot parse the flags: expected flags only (see --help): got "yes"',
  ],
  [
    ["--", "--epochs", "3"],
    'Cannot parse the flags: expected flags only (see --help): got "--epochs"',
  ],
  [
    ["-5"],
    'Cannot parse the flags: expected flags only (see --help): got "-5"',
  ],
];

for (const [args, message] of REJECTED) {
  Deno.test(`parseFlags() rejects ${JSON.stringify(args)}`, () => {
    throws(() => parse(...args), new UsageError(message));
  });
}

Deno.test("parseFlags() reads every finite number as JavaScript prints it", () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (value) => parse("--shift", String(value)).shift === value,
    ),
  );
});

Deno.test("parseFlags() throws the help, at most 80 columns wide", () => {
  const golden = Deno.readTextFileSync(
    new URL("./golden/help.txt", import.meta.url),
  );
  throws(() => parse("--epochs", "2", "--help"), (error: unknown) => {
    ok(error instanceof HelpRequested);
    equal(error.help + "\n", golden);
    return true;
  });
  ok(golden.split("\n").every((line) => line.length <= 80));
});

Deno.test("parseFlags() refuses a field whose flag would mean something else", () => {
  for (const field of ["help", "noBias"]) {
    const spec = { [field]: booleanFlag({ describe: "" }) };
    throws(() => parseFlags("x", "", spec, []), TypeError);
  }
});

const DATA_FLAGS = {
  name: positional(choice(["mnist", "cifar-10"]), {
    describe: "the data set",
  }),
  force: booleanFlag({ describe: "download again" }),
  topK: positional(integer({ min: 1 }), {
    default: null,
    describe: "how many files",
  }),
};

function parseData(...args: string[]): FlagValues<typeof DATA_FLAGS> {
  return parseFlags("data", "Downloads.", DATA_FLAGS, args);
}

Deno.test("parseFlags() reads positionals wherever they stand among flags", () => {
  const mnist = { name: "mnist", force: false, topK: null };
  equal(JSON.stringify(parseData("mnist")), JSON.stringify(mnist));
  const both = { name: "cifar-10", force: true, topK: 3 };
  deepEqual(parseData("cifar-10", "3", "--force"), both);
  deepEqual(parseData("cifar-10", "--force", "3"), both);
  deepEqual(parseData("--force", "--", "cifar-10", "3"), both);
});

Deno.test("FlagValues has the type of each positional", () => {
  const config = parseData("mnist");
  // each line fails `deno check` where the type is wider or narrower
  const name: "mnist" | "cifar-10" = config.name;
  // @ts-expect-error -- it may be left out
  const topK: number = config.topK;
  deepEqual([name, topK], ["mnist", null]);
});

const REJECTED_DATA: readonly [args: string[], message: string][] = [
  [[], "Cannot parse name: expected one of mnist, cifar-10: got none"],
  [
    ["--force"],
    "Cannot parse name: expected one of mnist, cifar-10: got none",
  ],
  [
    ["imagenet"],
    'Cannot parse name: expected one of mnist, cifar-10: got "imagenet"',
  ],
  [[""], 'Cannot parse name: expected one of mnist, cifar-10: got ""'],
  [
    ["mnist", "0"],
    'Cannot parse top-k: expected an integer of at least 1: got "0"',
  ],
  [
    ["mnist", "1", "2", "3"],
    'Cannot parse the flags: expected only <name> [top-k] and flags (see --help): got "2"',
  ],
  [
    ["mnist", "--forse"],
    'Cannot parse the flags: expected a known flag (did you mean --force?): got "--forse"',
  ],
];

for (const [args, message] of REJECTED_DATA) {
  Deno.test(`parseFlags() with positionals rejects ${JSON.stringify(args)}`, () => {
    throws(() => parseData(...args), new UsageError(message));
  });
}

Deno.test("parseFlags() throws help that names the positionals first", () => {
  throws(() => parseData("--help"), (error: unknown) => {
    ok(error instanceof HelpRequested);
    equal(
      error.help,
      `
Usage: deno task data <name> [top-k] [flags]

Downloads.

Arguments:
  name        the data set [one of mnist, cifar-10]
  top-k       how many files [an integer of at least 1]

Flags:
  --force     download again
  -h, --help  show this help
`.trim(),
    );
    return true;
  });
});
