import type { ReactNode } from 'react'
import type { TourState } from './tour-state'

export type Step = {
  title: string
  text: ReactNode
  /** Computed from the current state, so a step counts however the user did it. */
  isDone(state: TourState): boolean
  /** The step is possible only with a legacy session. */
  needsLegacySession?: true
}

export type Tour = {
  /** Label of the tab. */
  name: string
  title: string
  steps: Step[]
  /** The result, shown after the last step. */
  result: ReactNode
}
