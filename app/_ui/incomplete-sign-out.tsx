import { cookies } from 'next/headers'
import { config } from '@/lib/config'
import { Notice } from './notice'

const incompleteSignOutCookie = 'sign_out_incomplete'

/** Remembers for a minute that a sign-out could end the session neither in the database nor at the provider. */
export async function rememberIncompleteSignOut(): Promise<void> {
  const { secureCookies: secure } = config()
  const attributes = { httpOnly: true, sameSite: 'lax', secure, path: '/', maxAge: 60 } as const
  ;(await cookies()).set(incompleteSignOutCookie, '1', attributes)
}

/** Says that a copy of the session may still be used. The home page shows it, since a sign-out ends there. */
export async function IncompleteSignOut() {
  if (!(await cookies()).has(incompleteSignOutCookie)) return null
  return (
    <Notice tone="warn" title="Signed out on this device only">
      We could not end your session on our servers. If somebody has a copy of it, the copy stays
      signed in until the session expires. Setting a new password ends it sooner.
    </Notice>
  )
}
