import assert from "node:assert/strict";
import {
  fileExists,
  FLOORS,
  readConfig,
  readFile,
  ROOT,
} from "./project_files.ts";

/** Paths of the pages in a directory and those below it. */
function pagesIn(directory: string): string[] {
  const entries = [...Deno.readDirSync(new URL(directory, ROOT))];
  return entries.flatMap(({ name, isDirectory }) => {
    if (isDirectory) return pagesIn(`${directory}${name}/`);
    return name.endsWith(".md") ? [`${directory}${name}`] : [];
  });
}

/** The pages at the root, and those of docs/ and data/. */
const PAGES = [
  ...[...Deno.readDirSync(ROOT)].map(({ name }) => name)
    .filter((name) => name.endsWith(".md")),
  ...pagesIn("docs/"),
  ...pagesIn("data/"),
];

/** The page without its blocks of code. */
function proseOf(page: string): string {
  return page.replace(/^(`{3,}).*?^\1$/gms, "");
}

/** What a page's headings are called in links to them, as GitHub does it. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-")
  );
}

/** Links of a page that lead to no file of the project or to no heading. */
function brokenLinks(path: string, page: string): string[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)];
  return links.map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file, anchor] = target.split("#") as [string, string?];
      const url = new URL(file, new URL(path, ROOT));
      if (file !== "" && !fileExists(url)) return true;
      if (anchor === undefined) return false;
      const text = file === "" ? page : Deno.readTextFileSync(url);
      return !anchorsOf(text).includes(decodeURIComponent(anchor));
    })
    .map((target) => `${path} → ${target}`);
}

/** What recipes have their reader make: files, and a task. */
const TO_BE_MADE =
  /\/(?:cube|softmax_regression)(?:_test)?\.ts$|^softmax-regression$/;

/** Tasks that a page names and that deno.json does not have. */
function unknownTasks(path: string, page: string): string[] {
  const { tasks } = readConfig();
  return [...page.matchAll(/\bdeno(?:@[\d.]+)? task ([a-z][\w:-]*)/g)]
    .map(([, task]) => task!)
    .filter((task) => !TO_BE_MADE.test(task) && !(task in tasks))
    .map((task) => `${path}: deno task ${task}`);
}

/** Files of the project that a page names and that are not there. */
function missingFiles(path: string, page: string): string[] {
  const form = /`((?:bench|data|docs|kernels|lib|scripts|tests)\/[\w./-]+)`/g;
  return [...proseOf(page).matchAll(form)].map(([, name]) => name!)
    .filter((name) =>
      !TO_BE_MADE.test(name) && !fileExists(new URL(name, ROOT))
    )
    .map((name) => `${path}: ${name}`);
}

Deno.test("a broken link, an unknown task and a missing file are seen", () => {
  const links = "[a](README.md) [b](#one-α-two) [c](https://example.org)";
  assert.deepEqual(brokenLinks("a.md", `# One: α, two\n${links}`), []);
  assert.equal(brokenLinks("a.md", "[a](none.md) [b](#none)").length, 2);
  assert.equal(brokenLinks("docs/a.md", "[a](README.md)").length, 1);
  assert.deepEqual(unknownTasks("a.md", "`deno task ok`, deno task NAME"), []);
  assert.equal(unknownTasks("a.md", "deno task none-such").length, 1);
  assert.deepEqual(missingFiles("a.md", "`lib/run/`, `lib/<room>/a.ts`"), []);
  assert.equal(missingFiles("a.md", "`lib/none/such.ts`").length, 1);
});

Deno.test("links of the pages lead to files and headings that are there", () => {
  assert.ok(PAGES.includes("README.md") && PAGES.includes("docs/runs.md"));
  const broken = PAGES.flatMap((path) => brokenLinks(path, readFile(path)));
  assert.deepEqual(broken, []);
});

Deno.test("pages name tasks and files that are there", () => {
  const wrong = PAGES.flatMap((path) => [
    ...unknownTasks(path, readFile(path)),
    ...missingFiles(path, readFile(path)),
  ]);
  assert.deepEqual(wrong, []);
});

Deno.test("the README can be read at a sitting", () => {
  const lines = readFile("README.md").split("\n").length;
  assert.ok(lines <= 150, `${lines} lines`);
});

Deno.test("ARCHITECTURE.md has each floor with its rooms", () => {
  const rows = readFile("ARCHITECTURE.md")
    .matchAll(/^\| +(\d+) \| (.*?) +\| /gm);
  const floors = [...rows].map(([, floor, rooms]) => [
    Number(floor),
    [...rooms!.matchAll(/`lib\/(\w+)\/`/g)].map(([, room]) => room!).sort(),
  ]);
  const expected = FLOORS.map((rooms, i) => [i + 1, [...rooms].sort()]);
  assert.deepEqual(floors, expected.toReversed());
});

Deno.test("CITATION.cff has the package's version", () => {
  const { version } = JSON.parse(readFile("deno.json"));
  assert.match(version, /^\d+\.\d+\.\d+$/);
  const [, cited] = /^version: (.*)$/m.exec(readFile("CITATION.cff")) ?? [];
  assert.equal(cited, version);
});
