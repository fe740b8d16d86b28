/** How a bar is filled: a colour for its state, and a pattern for whoever sees no colours. */
export const patterns = {
  /** Went well. */
  full: 'border-success bg-success',
  /** Was decided against. */
  striped:
    'border-warn bg-[repeating-linear-gradient(45deg,var(--warn)_0_2px,transparent_2px_5px)]',
  /** Went wrong. */
  crossed:
    'border-problem bg-[repeating-linear-gradient(45deg,var(--problem)_0_1.5px,transparent_1.5px_4px),repeating-linear-gradient(-45deg,var(--problem)_0_1.5px,transparent_1.5px_4px)]',
  /** Is neither. */
  plain: 'border-line-strong bg-line-strong',
} as const

export type Pattern = keyof typeof patterns

const ofResult: Record<string, Pattern> = {
  migrated: 'full',
  refused: 'striped',
  failed: 'crossed',
}

export const patternOf = (result: string): Pattern => ofResult[result] ?? 'plain'
