/** Runs a test's body with a directory of its own and removes it afterwards. */
export async function withTempDirectory(
  body: (directory: string) => Promise<void> | void,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await body(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
