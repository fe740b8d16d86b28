import { Code } from '@/app/_ui/code'
import { Notice } from '@/app/_ui/notice'
import { config } from '@/lib/config'
import { readDeployment } from '@/lib/deployment'
import { legacyConfig } from '@/lib/legacy/config'

/** The environment, project and tenant of this app, so that nobody changes the policy of the wrong one. */
export function Deployment() {
  const { environment, stytchProject, warning } = readDeployment(config())
  return (
    <div className="mb-8 grid gap-3">
      {warning && (
        <Notice tone="problem" title="Test keys on a public address">
          {warning.text}
        </Notice>
      )}
      <p className="text-quiet text-sm">
        Environment <strong className="text-ink">{environment}</strong>, Stytch project{' '}
        <Code>{stytchProject}</Code>, <LegacyTenant />
      </p>
    </div>
  )
}

function LegacyTenant() {
  const { provider, name, issuer } = legacyConfig()
  if (provider === 'in-house') return <>legacy provider {name}</>
  return (
    <>
      {name} tenant <Code>{new URL(issuer).host}</Code>
    </>
  )
}
