import type { Metadata } from 'next'
import { buttonClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { PageShell } from '@/app/_ui/page-shell'
import type { SearchParams } from '@/app/_ui/search-params'
import { readPendingSignIn } from '@/app/(consumer)/login/pending-sign-in'
import { config } from '@/lib/config'
import { defaultReturnTo } from '@/lib/request/return-to'
import { getViewer } from '@/lib/viewer'
import { MagicLink, NewPassword } from './links'
import { OAuthReturn } from './oauth-return'

type Props = { searchParams: Promise<SearchParams> }

export const metadata: Metadata = {
  title: 'Sign in with a link',
  // The URL has a token, which must not leak to another site. `no-referrer` would make forms without JavaScript
  // send `Origin: null`, which server actions refuse.
  referrer: 'same-origin',
  robots: { index: false },
}

/** The target of the links in Stytch's emails, and of its OAuth redirects. */
export default async function AuthenticatePage({ searchParams }: Props) {
  const { token, stytch_token_type: type } = await searchParams
  const [viewer, pending] = await Promise.all([getViewer(), readPendingSignIn()])
  const { stytch, sessionDurationMinutes } = config()
  const project = {
    publicToken: stytch.publicToken,
    apiUrl: stytch.apiUrl,
    sessionMinutes: sessionDurationMinutes,
  }
  const returnTo = pending?.returnTo ?? defaultReturnTo
  const login = `/login?${new URLSearchParams({ returnTo })}`
  const signedInAs = viewer && (viewer.account?.email ?? 'an unknown user')
  const hasToken = typeof token === 'string' && token !== ''
  return (
    <PageShell width="narrow" source="authenticate">
      <div className="grid gap-5">
        {hasToken && type === 'magic_links' ? (
          <MagicLink token={token} project={project} login={login} signedInAs={signedInAs} />
        ) : hasToken && type === 'oauth' ? (
          <OAuthReturn token={token} login={login} signedInAs={signedInAs} />
        ) : hasToken && type === 'reset_password' ? (
          <NewPassword token={token} project={project} login={`${login}&with=reset`} />
        ) : (
          <>
            <h1 className="text-2xl">This link is incomplete</h1>
            <Card>
              <p className="text-quiet">
                The link has no token, so it cannot sign you in. Some email programs break long
                links: copy the whole link, or get a new one.
              </p>
              <a href={login} className={buttonClass('primary', 'mt-5 w-full')}>
                Get a new link
              </a>
            </Card>
          </>
        )}
      </div>
    </PageShell>
  )
}
