import { LaneBadge } from '@/app/_ui/badge'
import { Card } from '@/app/_ui/card'
import { Fact } from '@/app/_ui/fact'
import { Live } from '@/app/_ui/live'
import { Moment } from '@/app/_ui/moment'
import type { Facts } from './facts'
import { StandInRequests } from './stand-in-requests'

/** What is so now, beside the steps. For the sandbox only. */
export function State({ facts }: { facts: Facts | null }) {
  return (
    <div className="grid min-w-0 content-start gap-4">
      <Card title="What your cookies say" aside={<Live everySeconds={3} />}>
        {facts ? (
          <Cookies {...facts} />
        ) : (
          <p className="text-quiet text-sm">
            This cannot be told at the moment. Nobody is signed out for that: load the page again in
            a minute.
          </p>
        )}
      </Card>
      <Card title="What the stand-ins have seen">
        <StandInRequests />
      </Card>
    </div>
  )
}

const options = {
  'before-the-migration': 'before the migration',
  'zero-downtime': 'zero-downtime sessions',
  'all-at-once': 'all-at-once',
  rolling: 'rolling',
} as const

function Cookies({ trace, expiresAt, progress: { policy } }: Facts) {
  const { option, percent, version } = policy
  return (
    <dl className="grid gap-3 text-sm">
      <Fact name="Cookies">
        {trace.credentials.length === 0 ? (
          'none'
        ) : (
          <ul className="font-mono text-xs leading-5">
            {trace.credentials.map((name) => (
              <li key={name}>{name}</li>
            ))}
          </ul>
        )}
      </Fact>
      <Fact name="Lane" reason={trace.refusal ?? trace.reason}>
        <LaneBadge lane={trace.lane} />
      </Fact>
      <Fact name="Session ends">{expiresAt ? <Moment at={expiresAt} /> : 'no session'}</Fact>
      <Fact name="Flow" reason={trace.flowReason}>
        {trace.flow === 'stytch' ? 'Stytch login' : 'legacy login'}
      </Fact>
      <Fact name="Policy">
        {options[option]}
        {percent !== null && `, ${percent}%`}
        <span className="block text-quiet text-xs">
          {version === trace.policyVersion
            ? `version ${version}`
            : `version ${version}, in a moment`}
        </span>
      </Fact>
    </dl>
  )
}
