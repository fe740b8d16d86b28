import { AutoRefresh } from '@/app/_ui/auto-refresh'
import { LaneBadge } from '@/app/_ui/badge'
import { Card } from '@/app/_ui/card'
import { Fact } from '@/app/_ui/fact'
import { Timestamp } from '@/app/_ui/timestamp'
import { StandInRequests } from './stand-in-requests'
import type { TourState } from './tour-state'

/** The visitor's current state, beside the steps of the tour. Sandbox only. */
export function CurrentState({ state }: { state: TourState | null }) {
  return (
    <div className="grid min-w-0 content-start gap-4">
      <Card title="Your session" aside={<AutoRefresh everySeconds={3} />}>
        {state ? (
          <SessionFacts {...state} />
        ) : (
          <p className="text-quiet text-sm">
            Your state is unavailable because the database does not answer. You stay signed in.
            Reload this page in a minute.
          </p>
        )}
      </Card>
      <Card title="Requests to the stand-ins">
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

function SessionFacts({ trace, expiresAt, progress: { policy }, team }: TourState) {
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
      <Fact name="Session ends">{expiresAt ? <Timestamp at={expiresAt} /> : 'no session'}</Fact>
      <Fact name="Flow" reason={trace.flowReason}>
        {trace.flow === 'stytch' ? 'Stytch login' : 'legacy login'}
      </Fact>
      {team && (
        <Fact name="Team" reason={team.flowReason}>
          <span className="flex flex-wrap items-center gap-2">
            {team.slug ?? 'unknown'} <LaneBadge lane={team.lane} />
          </span>
          <span className="block">{team.flow === 'stytch' ? 'Stytch login' : 'legacy login'}</span>
        </Fact>
      )}
      <Fact name="Policy">
        {options[option]}
        {percent !== null && `, ${percent}%`}
        <span className="block text-quiet text-xs">
          {version === trace.policyVersion
            ? `version ${version}`
            : `version ${version}, not yet in force`}
        </span>
      </Fact>
    </dl>
  )
}
