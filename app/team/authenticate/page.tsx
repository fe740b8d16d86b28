import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { buttonClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { firstValue, type SearchParams } from '@/app/_ui/search-params'
import { linkBaseUrl } from '@/lib/team/hosts'
import { requireTeams } from '@/lib/team/require-teams'
import { readTeamRequest } from '@/lib/team/seam'
import { signedInMember } from '@/lib/team/signed-in'
import { isSlug } from '@/lib/team/slug'
import { TeamShell } from '../_ui/team-shell'
import { b2bProject } from '../login/b2b-project'
import { readPendingTeamSignIn } from '../login/pending-team-sign-in'
import { teamLoginUrl } from '../login/team-login-url'
import { TeamLink } from './team-link'

type Props = { searchParams: Promise<SearchParams> }

export const metadata: Metadata = {
  title: 'Sign in with a link',
  // The URL has a token, which must not leak to another site. `no-referrer` would make forms without JavaScript
  // send `Origin: null`, which server actions refuse.
  referrer: 'same-origin',
  robots: { index: false },
}

/** The target of the links in Stytch's emails to members. */
export default async function TeamAuthenticatePage({ searchParams }: Props) {
  await requireTeams()
  const { token, stytch_token_type: type, slug: named } = await searchParams
  const [reading, pending] = await Promise.all([
    readTeamRequest('public', null),
    readPendingTeamSignIn(),
  ])
  const member = await signedInMember(reading)
  const slug = isSlug(firstValue(named) ?? '') ? (firstValue(named) ?? null) : null
  const login = teamLoginUrl(slug ?? pending?.slug ?? null, pending?.returnTo ?? '/team')
  const isKnown = type === 'multi_tenant_magic_links' || type === 'discovery'
  return (
    <TeamShell width="narrow" member={member && { email: member.account?.email ?? null }}>
      <div className="grid gap-5">
        {typeof token === 'string' && token !== '' && isKnown ? (
          <TeamLink
            token={token}
            slug={slug}
            isDiscovery={type === 'discovery'}
            project={b2bProject()}
            login={login}
            signedInAs={member && (member.account?.email ?? 'an unknown member')}
            isOwn={pending?.codeVerifier !== undefined}
            authenticateUrl={`${linkBaseUrl((await headers()).get('host'))}/team/authenticate`}
          />
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
    </TeamShell>
  )
}
