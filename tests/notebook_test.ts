import assert from "node:assert/strict";
import { readFile, ROOT } from "./project_files.ts";

/** A notebook's cell, as far as it is read here. */
interface Cell {
  cell_type: "code" | "markdown";
  source: string[];
  outputs?: { text?: string[]; data?: Record<string, string[]> }[];
}

const { cells }: { cells: Cell[] } = JSON.parse(
  readFile("docs/notebooks/alphalab.ipynb"),
);

/** Prints what a cell shows; `Deno.jupyter` is there in notebooks alone. */
const SHOW = "const show = (_: unknown, text: string) => console.log(text);";

Deno.test("the notebook's cells run one after the other, and give what it shows", async () => {
  const code = cells.filter(({ cell_type }) => cell_type === "code");
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-read=.", "-"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const program = [SHOW].concat(
    code.map(({ source }) =>
      source.join("").replace("Deno.jupyter.svg", "show")
    ),
  );
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(program.join("\n")));
  await writer.close();
  const output = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.deepEqual([output.code, text(output.stderr)], [0, ""]);
  const shown = code.flatMap(({ outputs = [] }) => outputs)
    .flatMap(({ text, data }) => text ?? data!["image/svg+xml"]!).join("");
  // Other processors may differ in last digits, which the picture shows too.
  const shape = (text: string) =>
    text.slice(0, text.indexOf("<svg")).replace(/\.\d+/g, ".…");
  const actual = text(output.stdout);
  assert.equal(shape(actual), shape(shown));
  assert.match(actual, /gradient \[ 0\.25, 1 \]/);
  const accuracy = Number(/epoch 2: test accuracy (\S+)/.exec(actual)![1]);
  assert.ok(accuracy > 0.78, `${accuracy}`);
  for (const one of [actual, shown]) {
    assert.match(one, /<svg [^]*Training loss[^]*<\/svg>/);
  }
});

Deno.test("the notebook says that it has all permissions", () => {
  assert.match(cells[0]!.source.join(""), /has\s+all\s+permissions/);
});
