import assert from "node:assert/strict";
import houseStyle from "./house_style.ts";

function problems(source: string, rule: string) {
  return Deno.lint.runPlugin(houseStyle, "example.ts", source)
    .filter(({ id }) => id === `house-style/${rule}`);
}

/** The source after the fixes of its problems, the last one first. */
function fixed(source: string): string {
  return problems(source, "no-literal-spread").reverse().reduce(
    (text, { fix }) =>
      (fix ?? []).reduce(
        (text, { range, text: by }) =>
          text.slice(0, range[0]) + by + text.slice(range[1]),
        text,
      ),
    source,
  );
}

Deno.test("no-literal-spread puts a literal's elements where its spread stands", () => {
  const cases = {
    'const α = [1, ...["a", "b"]];': 'const α = [1, "a", "b"];',
    "const x = { ...{ a, b: 1, }, c };": "const x = { a, b: 1, c };",
    "f(...[a, b]);": "f(a, b);",
    "new Map(...[entries]);": "new Map(entries);",
    "const x = [...[1, 2] as const];": "const x = [1, 2];",
  };
  for (const [source, expected] of Object.entries(cases)) {
    assert.equal(fixed(source), expected);
  }
});

Deno.test("no-literal-spread changes nothing that would then mean something else", () => {
  for (const source of ["const x = { ...[1, 2] };", "const x = [...[]];"]) {
    assert.equal(problems(source, "no-literal-spread").length, 1, source);
    assert.equal(fixed(source), source);
  }
});

Deno.test("no-literal-spread lets what is no literal be spread", () => {
  const good = [
    "const x = [...values];",
    "const x = { ...condition && { a } };",
    "const x = [...condition ? [a] : []];",
    "const { a, ...rest } = x;",
    "function f(...[a, b]: number[]) {}",
  ];
  for (const source of good) {
    assert.deepEqual(problems(source, "no-literal-spread"), [], source);
  }
});

Deno.test("no-literal-spread reads the examples of comments", () => {
  for (const example of ["f({ ...{ a } })", 'f(...["a"])']) {
    const source = `/**\n * ${example}\n */`;
    assert.equal(problems(source, "no-literal-spread").length, 1, source);
  }
});

Deno.test("comment-width counts the columns of each line of a comment", () => {
  const at = (columns: number) => `// ${"α".repeat(columns - 3)}`;
  assert.equal(problems(at(80), "comment-width").length, 0);
  assert.equal(problems(at(81), "comment-width").length, 1);
  const block = `/**\n * ${"a".repeat(77)}\n * a\n * ${"a".repeat(78)}\n */`;
  assert.equal(problems(block, "comment-width").length, 1);
  const trailing = `const ${"x".repeat(70)} = 1; // why`;
  assert.equal(problems(trailing, "comment-width").length, 1);
  const code = `const x = "${"a".repeat(90)}";\n// short`;
  assert.equal(problems(code, "comment-width").length, 0);
});
