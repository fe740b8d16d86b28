import { type Asked, ask } from './request.ts'

/** The login that the app shows a visitor, and the reason. */

export type Flow = 'stytch' | 'legacy'

/** The login that a page shows. */
export const shown = ({ text }: { text: string }): Flow | 'both' | 'none' => {
  const isLegacy = text.includes('Continue to sign in')
  const isStytch = text.includes('Email me a code')
  return isLegacy ? (isStytch ? 'both' : 'legacy') : isStytch ? 'stytch' : 'none'
}

/** The flow and its reason, as the API tells a client. */
export const flowOf = async (asked: Asked = {}) =>
  (await ask('/api/me', asked)).json().flow as { name: Flow; reason: string }

export const asLegacy = (reason: string) => ({ name: 'legacy', reason })
export const asStytch = (reason: string) => ({ name: 'stytch', reason })
