/**
 * The flag of a configuration's field, without dashes before it:
 * `learningRate` is `learning-rate`.
 */
export function flagName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
