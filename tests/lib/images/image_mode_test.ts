import { equal, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { hasTerminal, runInSandbox } from "../cli/run_in_sandbox.ts";

const FIXTURE = new URL("./fixtures/prints_image_mode.ts", import.meta.url);
const QUESTION = "\x1b[c";
const ignore = !await hasTerminal();

/**
 * Runs the fixture at a terminal that gives an answer once it is asked.
 *
 * @param answer pieces, sent one after the other; none of a mute terminal
 * @param options.rest of the fixture's command line
 * @param options.typed sent once the mode is known
 */
async function runAtTerminal(
  answer: readonly string[],
  { env = {}, rest = "", typed }: {
    env?: Record<string, string>;
    rest?: string;
    typed?: string;
  } = {},
): Promise<string> {
  const command =
    `'${Deno.execPath()}' run --quiet --no-prompt --deny-net --allow-read=. ` +
    `'${fileURLToPath(FIXTURE)}' ${rest}`;
  const child = new Deno.Command("script", {
    args: ["-qec", command, "/dev/null"],
    cwd: new URL("../../../", import.meta.url),
    env: { NO_COLOR: "", ...env },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const text = new TextDecoder();
  let output = "";
  let asked = false;
  for await (const bytes of child.stdout) {
    output += text.decode(bytes, { stream: true });
    if (typed !== undefined && output.includes("mode:")) {
      await writer.write(new TextEncoder().encode(typed));
      typed = undefined;
    }
    if (asked || !output.includes(QUESTION)) continue;
    asked = true;
    for (const part of answer) {
      await writer.write(new TextEncoder().encode(part));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  await writer.close();
  await child.status;
  return output;
}

function modeOf(output: string): string | undefined {
  return /mode: (\S+)/.exec(output)?.[1];
}

Deno.test("imageMode() is ascii in a pipe, and asks nothing", async () => {
  const { stdout, stderr } = await runInSandbox(FIXTURE);
  equal(stderr, "");
  equal(stdout, "mode: ascii\n");
});

const CASES: [name: string, answer: string[], mode: string][] = [
  ["sixel where the terminal draws them", ["\x1b[?62;4;22c"], "sixel"],
  ["half-block where it does not", ["\x1b[?62;22c"], "half-block"],
  ["half-block where 4 is its class", ["\x1b[?4;6c"], "half-block"],
  ["half-block where 4 is a digit only", ["\x1b[?64;14;42c"], "half-block"],
  ["the same for an answer in pieces", ["ls\n\x1b[?6", "5;4c"], "sixel"],
];
for (const [name, answer, mode] of CASES) {
  Deno.test({
    name: `imageMode() is ${name} (skipped without \`script\`)`,
    ignore,
    async fn() {
      const output = await runAtTerminal(answer);
      equal(modeOf(output), mode, output);
      ok(!output.includes("62;"), "the answer is not shown");
    },
  });
}

Deno.test({
  name:
    "imageMode() is ascii at a terminal that does not answer, and the process ends (skipped without `script`)",
  ignore,
  async fn() {
    const output = await runAtTerminal([]);
    equal(modeOf(output), "ascii", output);
  },
});

Deno.test({
  name:
    "imageMode() asks nothing under NO_COLOR, or where stdin is no terminal (skipped without `script`)",
  ignore,
  async fn() {
    const without = await runAtTerminal([], { env: { NO_COLOR: "1" } });
    equal(modeOf(without), "ascii");
    ok(!without.includes(QUESTION));
    const redirected = await runAtTerminal([], { rest: "</dev/null" });
    equal(modeOf(redirected), "half-block");
    ok(!redirected.includes(QUESTION));
  },
});

Deno.test({
  name:
    "imageMode() leaves the terminal as it was: what is typed next is shown (skipped without `script`)",
  ignore,
  async fn() {
    const options = { rest: "wait", typed: "hello\n" };
    const output = await runAtTerminal(["\x1b[?62;4c"], options);
    equal(modeOf(output), "sixel");
    ok(output.includes("hello"), output);
  },
});
