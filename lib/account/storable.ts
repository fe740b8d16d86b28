/** Postgres stores neither NUL nor lone surrogates. Both can be in a name that a user gave themselves. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd')
