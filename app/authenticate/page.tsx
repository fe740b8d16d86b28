import type { Metadata } from 'next'
import { buttonClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { PageShell } from '@/app/_ui/page-shell'
import type { Search } from '@/app/_ui/search'
import { readPending } from '@/app/login/pending'
import { config } from '@/lib/config'
import { defaultReturnTo } from '@/lib/request/return-to'
import { getViewer } from '@/lib/viewer'
import { MagicLink, NewPassword } from './links'

type Props = { searchParams: Promise<Search> }

export const metadata: Metadata = {
  title: 'Sign in with a link',
  // The address holds a token, which must not travel to another site. With `no-referrer` a form without
  // script would send `Origin: null`, which server actions refuse.
  referrer: 'same-origin',
  robots: { index: false },
}

/** Where the links of Stytch's mails land. */
export default async function AuthenticatePage({ searchParams }: Props) {
  const { token, stytch_token_type: type } = await searchParams
  const [viewer, pending] = await Promise.all([getViewer(), readPending()])
  const { stytch, sessionDurationMinutes } = config()
  const project = {
    publicToken: stytch.publicToken,
    apiUrl: stytch.apiUrl,
    sessionMinutes: sessionDurationMinutes,
  }
  const returnTo = pending?.returnTo ?? defaultReturnTo
  const login = `/login?${new URLSearchParams({ returnTo })}`
  const isWhole = typeof token === 'string' && token !== ''
  return (
    <PageShell width="narrow" source="authenticate">
      <div className="grid gap-5">
        {isWhole && type === 'magic_links' ? (
          <MagicLink
            token={token}
            project={project}
            login={login}
            signedInAs={viewer && (viewer.account?.email ?? 'someone')}
          />
        ) : isWhole && type === 'reset_password' ? (
          <NewPassword token={token} project={project} login={`${login}&with=reset`} />
        ) : (
          <>
            <h1 className="text-2xl">This link is incomplete</h1>
            <Card>
              <p className="text-quiet">
                A part of it is missing, so it cannot sign you in. Mail programs sometimes break a
                long link in two: copy the whole of it, or get a new one.
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
