/** An error that the command shows as one line. */
export class ReportError extends Error {
  /** @param code the exit code: 2 for arguments, 1 for the rest */
  constructor(
    message: string,
    readonly code: 1 | 2,
  ) {
    super(message);
  }
}
