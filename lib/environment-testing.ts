import { ConfigError } from './environment'

/** Only for tests: the problems that a parser of the environment reports. */
export function problemsOf(parse: () => unknown): readonly string[] {
  try {
    parse()
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}
