/** The form of a slug. Anything else is no address of a team. */
export const isSlug = (text: string): boolean => /^[a-z0-9][a-z0-9._-]{0,127}$/.test(text)
