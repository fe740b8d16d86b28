/** The product has no teams. */

export const teamCommands = {}
