/** The command line is not one of ours: told with the usage, exit code 2, as Go's flag package does. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}
