/** Value of an environment variable; undefined where it is not set, or empty, as CI services pass what is not set. */
export function variable(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}
