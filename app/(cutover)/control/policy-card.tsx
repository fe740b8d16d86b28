import type { ReactNode } from 'react'
import { Badge } from '@/app/_ui/badge'
import { Card } from '@/app/_ui/card'
import { Timestamp } from '@/app/_ui/timestamp'
import { cutoverConfig } from '@/lib/cutover/config'
import { policyName, policySentence } from '@/lib/cutover/policy/describe'
import type { PolicyInForce } from '@/lib/cutover/policy/document'
import { organizationNames } from '@/lib/cutover/policy/organization-names'
import { policyAt } from '@/lib/cutover/policy/store'

/** The policy in force, with its author and start time. `children` are the actions on it. */
export async function PolicyCard({
  policy,
  children,
}: {
  policy: PolicyInForce
  children?: ReactNode
}) {
  const [since, names] = await Promise.all([
    cutoverConfig().ownsPolicy ? policyAt(policy.version) : undefined,
    organizationNames([policy]),
  ])
  return (
    <Card
      title="Policy in force"
      aside={<Badge>{policy.version === 0 ? 'Fallback' : `Version ${policy.version}`}</Badge>}
    >
      <p className="text-quiet text-sm">{policyName(policy)}</p>
      <p className="mt-0.5 max-w-[46ch] font-medium text-lg text-pretty">
        {policySentence(policy, names)}
      </p>
      <p className="mt-2 text-quiet text-sm [overflow-wrap:anywhere]">
        {since ? (
          <>
            Since <Timestamp at={since.at} />, by {since.author}.
          </>
        ) : since === null ? (
          'Since the start of the app.'
        ) : (
          'Read from POLICY_URL.'
        )}
        {policy.note && <> Note: {policy.note}</>}
      </p>
      {children && <div className="mt-5 flex flex-wrap gap-2">{children}</div>}
    </Card>
  )
}
