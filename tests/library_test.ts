import assert from "node:assert/strict";
import { readConfig, readFile, ROOT } from "./project_files.ts";

const DOCUMENT = readFile("docs/library.md");

/** The n-th block of code in a language in docs/library.md. */
function block(language: string, n = 0): string {
  const fence = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm");
  return [...DOCUMENT.matchAll(fence)][n]![1]!;
}

/**
 * Runs the document's program in a directory `mine` that has a link to the
 * project beside it.
 *
 * @param config the directory's deno.json
 * @param command a line that begins with `deno run`
 * @param copied whether the directory has a copy of the data sets
 * @returns its exit code and what it prints
 */
async function runProgram(config: string, command: string, copied: boolean) {
  const root = await Deno.makeTempDir();
  const mine = `${root}/mine`;
  try {
    await Deno.symlink(ROOT, `${root}/alphalab`);
    await Deno.mkdir(mine);
    if (copied) await Deno.symlink(new URL("data", ROOT), `${mine}/data`);
    await Deno.writeTextFile(`${mine}/deno.json`, config);
    await Deno.writeTextFile(`${mine}/program.ts`, block("ts"));
    // The packages' versions, so that no registry is asked for them.
    await Deno.writeTextFile(`${mine}/deno.lock`, readFile("deno.lock"));
    const [, , ...args] = command.trim().split(" ");
    const output = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt"].concat(args),
      cwd: mine,
      env: { NO_COLOR: "1" },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return {
      code: output.code,
      stdout: text(output.stdout),
      stderr: text(output.stderr),
    };
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** That the program printed what the document says. */
function assertPrinted(
  output: { code: number; stdout: string; stderr: string },
) {
  assert.equal(output.code, 0, output.stderr);
  assert.equal(output.stdout, "2 [ 0.5, 1 ]\n60000 training images\n");
}

/** The types of the files that a program loads from the project. */
const TYPES: Record<string, string> = {
  ts: "text/typescript",
  json: "application/json",
  wasm: "application/wasm",
};

/**
 * Serves the project's files on the loopback address, as a web site would.
 *
 * @param respond what is sent in the place of some of them
 */
function serveProject(respond: (path: string) => Response | null = () => null) {
  const served: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async ({ url }) => {
      const path = new URL(url).pathname.replace("/alphalab/", "");
      const type = TYPES[path.split(".").at(-1)!];
      assert.ok(type, path);
      served.push(path);
      const other = respond(path);
      if (other) return other;
      const body = await Deno.readFile(new URL(path, ROOT));
      return new Response(body, { headers: { "content-type": type } });
    },
  );
  return { server, served, host: `127.0.0.1:${server.addr.port}` };
}

Deno.test("a program beside a checkout computes on two threads", async () => {
  const [, command] = block("sh").split("\n");
  assertPrinted(await runProgram(block("json"), command!, false));
});

/** Runs the document's program with the project from a server. */
function runFromServer(host: string) {
  const command = block("sh", 1)
    .replaceAll("https://HOST", `http://${host}`).replaceAll("HOST", host);
  return runProgram("{}", command, true);
}

Deno.test("a program imports a checkout from a server and computes on two threads", async () => {
  const { server, served, host } = serveProject();
  try {
    assertPrinted(await runFromServer(host));
  } finally {
    await server.shutdown();
  }
  assert.ok(served.some((path) => path.endsWith(".wasm")), "no kernels");
  assert.ok(served.includes("lib/wasm/kernel_worker.ts"), "no worker");
});

Deno.test("a server that has no kernels is named, with their address", async () => {
  const page = () => new Response("<html>", { status: 200 });
  const none = () => new Response(null, { status: 404 });
  const cases: [respond: () => Response, message: string][] = [
    [none, "must be there: got status 404"],
    [page, "must be a WebAssembly module: got other or damaged content"],
  ];
  for (const [respond, message] of cases) {
    const { server, host } = serveProject((path) =>
      path.endsWith(".wasm") ? respond() : null
    );
    try {
      const { code, stderr } = await runFromServer(host);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`kernels/build/\\w+\\.wasm ${message}`));
    } finally {
      await server.shutdown();
    }
  }
});

Deno.test("docs/library.md lists the paths that are exported", () => {
  const listed = [...DOCUMENT.matchAll(/^\| `(alphalab[\w/]*)`/gm)]
    .map(([, path]) => path!.replace("alphalab", "."));
  assert.deepEqual(listed.sort(), Object.keys(readConfig().exports).sort());
});

Deno.test("TF.js's module is started in the version that deno.json names", () => {
  const name = readConfig().imports["@tensorflow/tfjs-backend-wasm"]!;
  const source = readFile("lib/wasm/start_tfjs_module.ts");
  assert.ok(source.includes(`"${name}/wasm-out/`), name);
});
