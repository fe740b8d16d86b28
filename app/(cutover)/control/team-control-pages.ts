import type { Route } from 'next'

/** The pages of the control room about teams. A starter without teams has none. */
export const teamControlPages = {
  organizations: ['Organizations', '/control/organizations'],
} as const satisfies Record<string, readonly [string, Route]>
