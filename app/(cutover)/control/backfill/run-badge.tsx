import { Badge } from '@/app/_ui/badge'
import type { RunState } from '@/lib/cutover/backfill/run-status'

const states = {
  planned: ['Planned', 'neutral'],
  running: ['Running', 'success'],
  idle: ['No process at work', 'warn'],
  paused: ['Paused', 'warn'],
  done: ['Done', 'success'],
  undone: ['Undone', 'neutral'],
} as const satisfies Record<RunState, readonly [string, 'neutral' | 'success' | 'warn']>

export function RunBadge({ state }: { state: RunState }) {
  const [label, tone] = states[state]
  return <Badge tone={tone}>{label}</Badge>
}
