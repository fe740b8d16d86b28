import { Badge } from '@/app/_ui/badge'
import { Card } from '@/app/_ui/card'
import { Code } from '@/app/_ui/code'
import { Timestamp } from '@/app/_ui/timestamp'
import { differenceTexts } from '@/lib/cutover/backfill/code-texts'
import { differenceCodes, harmlessCodes } from '@/lib/cutover/backfill/reconcile/differences'
import type { Reconciliation } from '@/lib/cutover/backfill/reconcile/results'
import { Figure, Figures } from '../figure'
import { CodeList } from './codes-card'
import { CommandLine } from './command-line'

type Props = { reconciliation: Reconciliation | null; runId: string }

/** The last comparison of both providers, by the file of this run. */
export function ReconciliationCard({ reconciliation, runId }: Props) {
  const command = `npm run backfill -- reconcile --run ${runId}`
  if (!reconciliation) {
    return (
      <Card title="Last reconciliation" aside={<Badge>None yet</Badge>}>
        <div className="grid gap-2.5">
          <p className="max-w-[68ch] text-sm">
            After the import, compare the users of the file with those at Stytch. It changes
            nothing:
          </p>
          <CommandLine command={command} />
        </div>
      </Card>
    )
  }
  const { at, users, leftOut, counts, fix, mended } = reconciliation
  const codes = differenceCodes
    .map((code) => ({ code, count: counts[code] ?? 0, text: differenceTexts[code] }))
    .filter(({ count }) => count > 0)
  const isOpen = codes.some(({ code }) => !harmlessCodes.includes(code))
  return (
    <Card
      title="Last reconciliation"
      aside={
        isOpen ? (
          <Badge tone="warn">Differences</Badge>
        ) : (
          <Badge tone="success">Nothing to do</Badge>
        )
      }
    >
      <p className="mb-5 text-quiet text-sm">
        <Timestamp at={at} />
        {fix && mended > 0 && (
          <>
            . {mended.toLocaleString('en')} of <Code>{fix}</Code> were mended after it
          </>
        )}
        .
      </p>
      <Figures>
        <Figure name="Users in the file">{users.source.toLocaleString('en')}</Figure>
        <Figure name="Users at Stytch">{users.stytch.toLocaleString('en')}</Figure>
        <Figure name="Left out by the plan">{leftOut.toLocaleString('en')}</Figure>
        <Figure name="Lines not compared">{users.notCompared.toLocaleString('en')}</Figure>
      </Figures>
      {codes.length > 0 ? (
        <section aria-label="Differences" className="mt-6">
          <h3 className="border-line border-b pb-2 text-base">Differences</h3>
          <CodeList codes={codes} />
        </section>
      ) : (
        <p className="mt-5 text-sm">Both providers have the same users.</p>
      )}
      <div className="mt-5 grid gap-2.5">
        <p className="text-quiet text-sm">
          Compare again. <Code>--list</Code> prints each difference, and <Code>--users FILE</Code>{' '}
          takes a newer export.
        </p>
        <CommandLine command={command} />
      </div>
    </Card>
  )
}
