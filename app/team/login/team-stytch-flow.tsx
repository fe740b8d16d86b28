import type { ReactNode } from 'react'
import { Card } from '@/app/_ui/card'
import { Notice } from '@/app/_ui/notice'
import { firstValue, type SearchParams } from '@/app/_ui/search-params'
import { Tabs } from '@/app/_ui/tabs'
import { AlternativeLink, AlternativeLinks } from '@/app/login/alternative-links'
import { CodeStep, MailSent, SignInExpired } from '@/app/login/email-steps'
import { EmailForm } from '@/app/login/forms'
import { requestCode, requestMail, verifyCode } from './actions'
import { b2bProject } from './b2b-project'
import { PrebuiltTeam } from './prebuilt-team'
import { teamLoginUrl } from './team-login-url'

type Props = {
  /** The team to sign in to. Null to find the team after the sign-in. */
  team: { slug: string; name: string } | null
  search: SearchParams
  returnTo: string
  pending: { email: string } | null
  explanation: ReactNode
  footer?: ReactNode
  authenticateUrl: string
}

/** The sign-in to a team at Stytch, or the search for the teams of a person. */
export function TeamStytchFlow(props: Props) {
  const { team, search, returnTo, pending, explanation, footer, authenticateUrl } = props
  const slug = team?.slug ?? null
  const start = teamLoginUrl(slug, returnTo)
  const step = firstValue(search.step)
  const condition = team ? `if it may sign in to ${team.name}` : undefined
  if (step === 'code') {
    return pending ? (
      <CodeStep
        email={pending.email}
        returnTo={returnTo}
        start={start}
        verifyCode={verifyCode}
        requestCode={requestCode.bind(null, slug)}
        condition={condition}
      />
    ) : (
      <SignInExpired start={start} />
    )
  }
  if (step === 'link') {
    const email = pending?.email ?? null
    return <MailSent step="link" email={email} again={start} condition={condition} />
  }
  const isPrebuilt = firstValue(search.tab) === 'prebuilt'
  const emailMethod = firstValue(search.by) === 'code' ? 'code' : 'link'
  return (
    <>
      <h1 className="text-2xl [overflow-wrap:anywhere]">
        {team ? `Sign in to ${team.name}` : 'Find your team'}
      </h1>
      {explanation}
      <Tabs
        label="Ways to sign in"
        tabs={[
          { label: 'Email', href: start, isCurrent: !isPrebuilt },
          {
            label: 'Pre-built UI',
            href: teamLoginUrl(slug, returnTo, { tab: 'prebuilt' }),
            isCurrent: isPrebuilt,
          },
        ]}
      />
      <Card>
        {isPrebuilt ? (
          <>
            <PrebuiltTeam
              project={b2bProject()}
              slug={slug}
              emailMethod={emailMethod}
              authenticateUrl={authenticateUrl}
              returnTo={returnTo}
            />
            <noscript>
              <Notice tone="info">
                Stytch’s pre-built UI needs JavaScript. The Email tab works without it.
              </Notice>
            </noscript>
            <AlternativeLinks>
              <AlternativeLink
                href={teamLoginUrl(slug, returnTo, {
                  tab: 'prebuilt',
                  ...(emailMethod === 'link' ? { by: 'code' } : {}),
                })}
              >
                {emailMethod === 'link'
                  ? 'Use a code instead of a link'
                  : 'Use a link instead of a code'}
              </AlternativeLink>
            </AlternativeLinks>
          </>
        ) : (
          <>
            <p className="mb-4 text-quiet text-sm">
              {team
                ? `Use the address with which you are a member of ${team.name}.`
                : 'We mail you a code or a link. Then you see the teams that your address opens.'}
            </p>
            <EmailForm requestMail={requestMail.bind(null, slug)} returnTo={returnTo} />
          </>
        )}
      </Card>
      {footer}
    </>
  )
}
