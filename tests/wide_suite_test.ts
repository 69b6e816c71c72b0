/**
 * The conformance suites and the golden steps once more, in a process that has
 * the flags of V8 that the tasks have: the wide build as V8 packs it, bit for
 * bit against the relaxed one.
 */
import assert from "node:assert/strict";
import { IS_WIDE, V8_FLAGS } from "./wide_host.ts";

const ROOT = new URL("..", import.meta.url);

/** A first run, which the oracle is compared with, and a wide one. */
const TITLES =
  "/: (relaxed, threads: 1|wide, threads: 2)$|agrees with PyTorch/";

/** The files below a directory of tests that call `testOp`. */
function suitesOf(directory: string): string[] {
  return [...Deno.readDirSync(new URL(directory, ROOT))]
    .map(({ name }) => `${directory}/${name}`)
    .filter((path) =>
      path.endsWith("_test.ts") &&
      Deno.readTextFileSync(new URL(path, ROOT)).includes("\ntestOp")
    );
}

Deno.test({
  name: "all ops conform with pairs of vectors packed and no access checked",
  ignore: !IS_WIDE,
  async fn() {
    const suites = [
      suitesOf("tests/lib/ops"),
      suitesOf("tests/lib/losses"),
    ].flat();
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "test",
        "-q",
        "--no-prompt",
        "--no-check",
        "-P=test",
        "--parallel",
        // No function is compiled in haste first, which packs nothing.
        `${V8_FLAGS.join(" ")},--no-liftoff`,
        "--filter",
        TITLES,
        "tests/golden_steps_test.ts",
        ...suites,
      ],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder();
    const printed = text.decode(stdout);
    assert.equal(code, 0, printed + text.decode(stderr));
    const count = (end: RegExp) => printed.match(end)?.length ?? 0;
    const relaxed = count(/: relaxed, threads: 1 \.\.\. ok/g);
    assert.ok(relaxed >= suites.length, `${relaxed} ops`);
    assert.equal(count(/agrees with PyTorch's \.\.\. ok/g), 1);
    // The loss that a loop of the host computes runs with one build alone.
    assert.equal(count(/: wide, threads: 2 \.\.\. ok/g), relaxed - 1);
  },
});
