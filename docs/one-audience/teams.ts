/** The product has no teams. */

export const teamPages = () => []

export const isTeamHost = (_: string | null): boolean => false

export const teamConfigProblems = (): readonly string[] => []

export const teamChecks = (
  _: (url: string) => Promise<void>,
): Record<string, () => Promise<unknown>> => ({})
