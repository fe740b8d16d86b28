/** The queue of the mirror jobs, and the queue of the dead ones, which an operator must retry. */
export const mirrorQueue = 'mirror'
export const deadQueue = 'mirror-dead'
/** The jobs of lib/cutover/revocation: they end sessions at Stytch and read users at the legacy provider. */
export const revocationQueue = 'revocation'
/** The jobs of lib/cutover/forward: they write changes of legacy users to Stytch. */
export const forwardQueue = 'forward'
