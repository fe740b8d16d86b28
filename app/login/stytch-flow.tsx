import type { ReactNode } from 'react'
import { Card } from '@/app/_ui/card'
import { one, type Search } from '@/app/_ui/search'
import { Tabs } from '@/app/_ui/tabs'
import { loginAddress } from './address'
import { EmailTab } from './email-tab'
import { CodeStep, Lapsed, MailSent } from './mail-steps'
import { PrebuiltTab } from './prebuilt-tab'

type StytchProps = {
  search: Search
  returnTo: string
  pending: { email: string; methodId?: string } | null
  explanation: ReactNode
}

export function StytchFlow({ search, returnTo, pending, explanation }: StytchProps) {
  const step = one(search.step)
  if (step === 'code') {
    return pending?.methodId ? (
      <CodeStep email={pending.email} returnTo={returnTo} />
    ) : (
      <Lapsed returnTo={returnTo} />
    )
  }
  if (step === 'link' || step === 'reset') {
    return <MailSent step={step} email={pending?.email ?? null} returnTo={returnTo} />
  }
  const isPrebuilt = one(search.tab) === 'prebuilt'
  return (
    <>
      <h1 className="text-2xl">Sign in</h1>
      {explanation}
      <Tabs
        label="Ways to sign in"
        tabs={[
          { label: 'Email', href: loginAddress(returnTo), isCurrent: !isPrebuilt },
          {
            label: 'Pre-built UI',
            href: loginAddress(returnTo, { tab: 'prebuilt' }),
            isCurrent: isPrebuilt,
          },
        ]}
      />
      <Card>
        {isPrebuilt ? (
          <PrebuiltTab mails={one(search.by) === 'code' ? 'code' : 'link'} returnTo={returnTo} />
        ) : (
          <EmailTab method={one(search.with)} returnTo={returnTo} />
        )}
      </Card>
    </>
  )
}
