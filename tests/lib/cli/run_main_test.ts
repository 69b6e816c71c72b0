import { deepEqual, equal, match } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runInSandbox } from "./run_in_sandbox.ts";

const FIXTURE = new URL("./fixtures/ends_with.ts", import.meta.url);

const CASES: readonly [
  end: string,
  code: number,
  stdout: string,
  stderr: string,
][] = [
  ["well", 0, "done\nfinally\n", ""],
  ["help", 0, "finally\nUsage: this\n", ""],
  ["usage", 2, "finally\n", "Cannot parse --x: expected y: got z\n"],
  [
    "error",
    1,
    "finally\n",
    "Cannot train: the loss must be finite: got NaN\n",
  ],
  ["interrupt", 130, "finally\n", "Stopped at step 12\n"],
  [
    "text",
    1,
    "finally\n",
    'Cannot go on: what is thrown must be an Error: got "plain text"\n',
  ],
  [
    "missing",
    1,
    "finally\n",
    "Cannot read runs/there is no such file: no such file or directory\n",
  ],
  [
    "forbidden",
    1,
    "finally\n",
    'Cannot write "lib/x": the task\'s permissions in deno.json must allow it: got a refusal\n',
  ],
];

for (const [end, code, stdout, stderr] of CASES) {
  Deno.test(`runMain() ends with code ${code} on "${end}"`, async () => {
    deepEqual(await runInSandbox(FIXTURE, [end]), { code, stdout, stderr });
  });
}

Deno.test("runMain() makes --help a text on stdout and code 0", async () => {
  const { code, stdout, stderr } = await runInSandbox(FIXTURE, [
    "flags",
    "--help",
  ]);
  deepEqual([code, stderr], [0, ""]);
  match(stdout, /^Usage: deno task fixture \[flags\]$/m);
});

Deno.test("runMain() makes a bad flag one line on stderr and code 2", async () => {
  const { code, stderr } = await runInSandbox(FIXTURE, ["flags", "--epohs=1"]);
  equal(code, 2);
  equal(
    stderr,
    'Cannot parse the flags: expected a known flag (did you mean --epochs?): got "--epohs"\n',
  );
});

const { success: hasFullDevice } = await new Deno.Command("sh", {
  args: ["-c", "test -c /dev/full"],
}).output();

/** Runs the fixture by a shell, `redirection` behind it. */
async function redirected(end: string, redirection: string) {
  const command =
    `'${Deno.execPath()}' run --quiet --no-prompt --allow-read=. '${
      fileURLToPath(FIXTURE)
    }' ${end} ${redirection}`;
  const { code, stderr } = await new Deno.Command("sh", {
    args: ["-c", command],
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test({
  name:
    "runMain() needs one line where stdout is full, and none where stderr is too (skipped without /dev/full)",
  ignore: !hasFullDevice,
  async fn() {
    const stderr = "Cannot print or use a file: no space left on device\n";
    const help = ["flags --help", "help"];
    for (const end of [...help, "well"]) {
      deepEqual(await redirected(end, "> /dev/full"), { code: 1, stderr });
    }
    const piped = await redirected("usage", "2> /dev/full | true");
    deepEqual(piped, { code: 0, stderr: "" });
    const both = await redirected("help", "> /dev/full 2>&1");
    deepEqual(both, { code: 1, stderr: "" });
  },
});
