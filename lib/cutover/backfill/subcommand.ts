import type { ParseArgsConfig } from 'node:util'
import type { Progress } from './progress'

/** What a subcommand may use of its process. */
export type Surroundings = {
  print: (line: string) => void
  /** Starts a progress display. */
  progress: (label: string) => Progress
  /** The folder for files with personal data, which git ignores. */
  folder: string
  /** Aborts when the operator presses Ctrl-C. */
  signal: AbortSignal
}

export const exitCodes = { clean: 0, broken: 1, needsDecision: 2 } as const

/** One of `npm run backfill -- export | plan | import | reconcile | undo`. */
export type Subcommand = {
  /** One line of the help. */
  summary: string
  /** The help of its options, one line each. */
  help: readonly string[]
  options: NonNullable<ParseArgsConfig['options']>
  /** @returns one of {@link exitCodes} @throws {UsageError} and errors whose message names no personal data */
  run(values: Record<string, unknown>, surroundings: Surroundings): Promise<number>
}

/** The arguments cannot be used. */
export class UsageError extends Error {
  readonly code = 'usage'
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

/** The value of an option that was given. */
export const optionalText = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null

/** @throws {UsageError} */
export function requiredText(value: unknown, name: string): string {
  const text = optionalText(value)
  if (text === null) throw new UsageError(`--${name} is missing.`)
  return text
}

/** @throws {UsageError} unless it is a whole number in the range */
export function wholeNumber(value: unknown, name: string, [least, most]: [number, number]): number {
  const number = Number(value)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw new UsageError(`--${name} must be a whole number from ${least} to ${most}.`)
}
