/** Fill of a bar: colour and pattern, so users who cannot see the colour can tell the states apart. */
export const patterns = {
  success: 'border-success bg-success',
  refused:
    'border-warn bg-[repeating-linear-gradient(45deg,var(--warn)_0_2px,transparent_2px_5px)]',
  failed:
    'border-problem bg-[repeating-linear-gradient(45deg,var(--problem)_0_1.5px,transparent_1.5px_4px),repeating-linear-gradient(-45deg,var(--problem)_0_1.5px,transparent_1.5px_4px)]',
  neutral: 'border-line-strong bg-line-strong',
} as const

export type Pattern = keyof typeof patterns

const patternByResult: Record<string, Pattern> = {
  migrated: 'success',
  refused: 'refused',
  failed: 'failed',
}

export const patternOf = (result: string): Pattern => patternByResult[result] ?? 'neutral'
