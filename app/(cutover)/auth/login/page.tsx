import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { connection } from 'next/server'
import { Card } from '@/app/_ui/card'
import { PageShell } from '@/app/_ui/page-shell'
import { firstValue, type SearchParams } from '@/app/_ui/search-params'
import { legacyConfig } from '@/lib/legacy/config'
import { safeReturnTo } from '@/lib/request/return-to'
import { PasswordForm } from './password-form'

export const metadata: Metadata = { title: 'Sign in' }

/** The page of the in-house login. The middleware answers this path itself while the legacy provider is Auth0. */
export default async function InHouseLoginPage({
  searchParams,
}: {
  searchParams: Promise<SearchParams>
}) {
  // A build has no settings.
  await connection()
  const { provider, name } = legacyConfig()
  if (provider !== 'in-house') notFound()
  const returnTo = safeReturnTo(firstValue((await searchParams).returnTo))
  return (
    <PageShell width="narrow" source="in-house-login">
      <div className="grid gap-5">
        <h1 className="text-2xl">{name}</h1>
        <Card>
          <PasswordForm returnTo={returnTo} />
        </Card>
      </div>
    </PageShell>
  )
}
