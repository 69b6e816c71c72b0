/** Names in an error, which is one line. */
const MOST_NAMES = 3;

/**
 * Finds whose a restored optimizer's state is: a variable's of the same name,
 * or else one's of the same name but for the number that `tf.loadLayersModel`
 * appends where a name is taken, `dense/kernel_1`, if only one is so named in
 * the state and among the variables.
 *
 * @param names variables that are about to be updated and have no state yet
 * @param saved the names in the state that nobody has claimed
 * @param existing names of all variables there are
 * @returns the names of variables with those in the state; a variable that is
 * not among them is new
 * @throws {RangeError} where a variable would be new while restored state is
 * left over, or some state belongs to no variable at all
 */
export function matchRestored(
  names: readonly string[],
  saved: readonly string[],
  existing: readonly string[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of names) {
    if (saved.includes(name)) found.set(name, name);
  }
  for (const name of names) {
    if (found.has(name)) continue;
    const isIts = (other: string) =>
      withoutNumber(other) === withoutNumber(name);
    const [match, ...more] = saved.filter(isIts);
    const isAlone = names.filter(isIts).length === 1 && more.length === 0;
    if (match !== undefined && isAlone) found.set(name, match);
  }
  const left = [...new Set(saved).difference(new Set(found.values()))];
  const known = new Set(existing.map(withoutNumber));
  const lost = found.size < names.length
    ? left
    : left.filter((name) => !known.has(withoutNumber(name)));
  if (lost.length > 0) {
    throw new RangeError(
      `Cannot update parameters: the restored state must be of ${
        listNames(names)
      }: got that of ${listNames(lost)}`,
    );
  }
  return found;
}

function withoutNumber(name: string): string {
  return name.replace(/_\d+$/, "");
}

function listNames(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  const first = names.slice(0, MOST_NAMES).join(", ");
  return rest > 0 ? `${first} and ${rest} more` : first;
}
