import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  assertBrought,
  assertRefused,
  bring,
  BYTES,
  FILE,
  finishSoon,
  HALF,
  INCOMING,
  KEPT,
  NAME,
  PART,
  PLACE,
  REMARK,
  withPlace,
} from "./data_place.ts";

Deno.test("data goes on where a cut connection left off, by ETag or by date", () =>
  withPlace(async (place) => {
    const versions = {
      good: '"first"',
      dated: "Sat, 21 Nov 2026 12:00:00 GMT",
    };
    for (const [mode, version] of Object.entries(versions)) {
      const cut = mode === "good" ? "cut" : "cut-dated";
      assertRefused(
        place,
        await bring(place, cut),
        `Cannot download ${
          place.mirror(cut)
        }/${FILE}: error reading a body from connection${KEPT}`,
        PART,
      );
      assertBrought(place, await bring(place, mode));
      assert.deepEqual(place.requests(), [
        cut,
        `${mode} bytes=${HALF}- ${version}`,
      ]);
      Deno.removeSync(join(place.directory, PLACE), { recursive: true });
    }
  }));

Deno.test("data asks again where a server sends less than the rest", () =>
  withPlace(async (place) => {
    await bring(place, "cut");
    assertBrought(place, await bring(place, "in-pieces"));
    const starts = [];
    for (let start = HALF; start < BYTES.length; start += 100) {
      starts.push(`in-pieces bytes=${start}- "first"`);
    }
    assert.ok(starts.length > 2);
    assert.deepEqual(place.requests(), ["cut", ...starts]);
  }));

Deno.test("data begins anew where the server has another version, or no ranges", () =>
  withPlace(async (place) => {
    await bring(place, "cut");
    // Other bytes, so that a part of another version would be seen.
    const path = join(place.directory, INCOMING, `${FILE}.part`);
    Deno.writeFileSync(path, new Uint8Array(HALF));
    assertBrought(place, await bring(place, "changed"));
    assert.deepEqual(place.requests(), [
      "cut",
      `changed bytes=${HALF}- "first"`,
    ]);

    Deno.removeSync(join(place.directory, PLACE), { recursive: true });
    await bring(place, "cut"); // whose version must be forgotten
    assertRefused(
      place,
      await bring(place, "cut-no-ranges"),
      `Cannot download ${
        place.mirror("cut-no-ranges")
      }/${FILE}: error reading a body from connection`,
      PART.slice(0, 1),
    );
    assertBrought(place, await bring(place, "no-ranges"));
    assert.deepEqual(place.requests(), [
      "cut",
      `cut-no-ranges bytes=${HALF}- "first"`,
      "no-ranges",
    ]);
  }));

Deno.test("data leaves a file packed that a server calls gzip-encoded", () =>
  withPlace(async (place) => {
    const packed = new Uint8Array(gzipSync(BYTES));
    Deno.writeFileSync(join(place.served, FILE), packed);
    const { stdout } = await bring(place, "encoded");
    assert.ok(stdout.includes(REMARK), stdout); // of the unpacked content
    const path = join(place.directory, PLACE, FILE);
    assert.deepEqual(Deno.readFileSync(path), packed);
  }));

Deno.test("data takes a part that was whole already, and begins anew where the rest does not fit", () =>
  withPlace(async (place) => {
    const path = join(place.directory, INCOMING, `${FILE}.part`);
    const rest = (start: number) => `bytes=${start}- "first"`;
    for (const length of [BYTES.length, BYTES.length + 1]) {
      await bring(place, "cut");
      const part = new Uint8Array(length);
      part.set(BYTES);
      Deno.writeFileSync(path, part);
      assertBrought(place, await bring(place, "good"));
      assert.deepEqual(place.requests(), [
        "cut",
        `good ${rest(length)}`,
        ...length > BYTES.length ? ["good"] : [],
      ]);
    }
    await bring(place, "cut");
    assertBrought(place, await bring(place, "wrong-range"));
    assert.deepEqual(place.requests(), [
      "cut",
      `wrong-range ${rest(HALF)}`,
      "wrong-range",
    ]);
  }));

Deno.test("data says in one line what a server answers, or that it says nothing", () =>
  withPlace(async (place) => {
    const refused = async (mode: string, reason: string, files: string[]) =>
      assertRefused(
        place,
        await bring(place, mode, "--timeout 0.5"),
        `Cannot download ${place.mirror(mode)}/${FILE}: ${reason}`,
        files,
      );
    const status = "the server must send the file: got";
    await refused("missing", `${status} 404 Not Found`, []);
    await refused("busy", `${status} 503 Service Unavailable`, []);
    await refused("silent", "nothing came for 0.5 s", []);
    await refused("stall", `nothing came for 0.5 s${KEPT}`, PART);
    // What is kept outlives an error.
    await refused("missing", `${status} 404 Not Found`, PART);
    assertBrought(place, await bring(place, "good"));
  }));

Deno.test("data stops at Ctrl-C and keeps what has come", () =>
  withPlace(async (place) => {
    const mirror = place.mirror("stall");
    const child = place.start(`${NAME} --mirror ${mirror} --unverified`);
    const path = join(place.directory, INCOMING, `${FILE}.part`);
    while (sizeOf(path) < HALF) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGINT");
    const { code, stderr } = await finishSoon(child);
    assert.equal(
      stderr,
      `SIGINT: saving; a second Ctrl-C ends at once\nInterrupted in ${mirror}/${FILE}${KEPT}\n`,
    );
    assert.equal(code, 130);
    assert.deepEqual(place.files(), PART);
    assertBrought(place, await bring(place, "good"));
  }));

Deno.test("data may reach no host but its own, nor be led to one", () =>
  withPlace(async (place) => {
    const refused = async (mirror: string, host: string, hosts = host) =>
      assertRefused(
        place,
        await place.run(`${NAME} --mirror ${mirror}`),
        `Cannot download ${mirror}/${FILE}: the task may use its publishers' hosts only, not ${host}: deno run --no-prompt -P=data --allow-net=${hosts} scripts/data.ts and the same flags allow it`,
        [],
      );
    await refused("https://example.org/x", "example.org:443");
    const { host, port } = new URL(place.mirror("moved"));
    const other = `localhost:${port}`;
    await refused(place.mirror("moved"), other, `${host},${other}`);
  }));

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
